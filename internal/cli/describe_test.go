// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestAnEventIsDatedByItsLastOccurrence(t *testing.T) {
	made := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	later, last := made.Add(time.Minute), made.Add(time.Hour)
	object := metav1.ObjectMeta{CreationTimestamp: metav1.NewTime(made)}
	for name, c := range map[string]struct {
		event corev1.Event
		want  time.Time
	}{
		"of a client that tells no time": {corev1.Event{ObjectMeta: object}, made},
		"of a client of the old API":     {corev1.Event{ObjectMeta: object, LastTimestamp: metav1.NewTime(later)}, later},
		"of a client of the new API":     {corev1.Event{ObjectMeta: object, EventTime: metav1.NewMicroTime(later)}, later},
		"that happened again and again": {corev1.Event{ObjectMeta: object, EventTime: metav1.NewMicroTime(later),
			Series: &corev1.EventSeries{Count: 3, LastObservedTime: metav1.NewMicroTime(last)}}, last},
	} {
		t.Run(name, func(t *testing.T) {
			if got := seenAt(&c.event); !got.Equal(c.want) {
				t.Errorf("it was last seen at %s, want %s", got, c.want)
			}
		})
	}
}
