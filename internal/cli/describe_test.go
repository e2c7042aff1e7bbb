// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

func TestTheMessageOfAConditionLeadsToTwiliosPage(t *testing.T) {
	for message, want := range map[string]string{
		"Twilio answered 400: Friendly name too long (50003)":                           "https://www.twilio.com/docs/errors/50003",
		"Twilio refuses: Twilio answered 409: it exists (50353). Rename the other one.": "https://www.twilio.com/docs/errors/50353",
		"Twilio answered 503": "",
		"The name VIP (12345) is taken by CH00000000000000000000000000000000.": "",
	} {
		if got := explanation(message); got != want {
			t.Errorf("%q is explained at %q, want %q", message, got, want)
		}
	}
}

func TestAttributesThatAreNoJSONAreShownAsTheyAre(t *testing.T) {
	for text, want := range map[string]string{`{"b":9007199254740993}`: `{"b":9007199254740993}`, "{": `"{"`, "": `""`} {
		out, err := json.Marshal(presentOf(&twilio.Conversation{Attributes: text}))
		var got struct{ Attributes json.RawMessage }
		if err := errors.Join(err, json.Unmarshal(out, &got)); err != nil {
			t.Fatal(err)
		}
		if string(got.Attributes) != want {
			t.Errorf("%q is shown as %s, want %s", text, got.Attributes, want)
		}
	}
}

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
