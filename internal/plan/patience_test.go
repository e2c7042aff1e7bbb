// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

func TestPatienceGrowsWithTheWait(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	ready := func(status metav1.ConditionStatus, ago time.Duration) []metav1.Condition {
		return []metav1.Condition{{Type: v1alpha1.ConditionReady, Status: status, LastTransitionTime: metav1.NewTime(now.Add(-ago))}}
	}
	for name, c := range map[string]struct {
		conditions []metav1.Condition
		want       time.Duration
	}{
		"nothing is recorded yet":     {nil, 2 * time.Second},
		"it was Ready until now":      {ready(metav1.ConditionTrue, time.Hour), 2 * time.Second},
		"it just began":               {ready(metav1.ConditionUnknown, time.Second), 2 * time.Second},
		"it lasts a while":            {ready(metav1.ConditionUnknown, 20*time.Second), 20 * time.Second},
		"it lasts long":               {ready(metav1.ConditionUnknown, time.Hour), time.Minute},
		"the clock of another was on": {ready(metav1.ConditionUnknown, -time.Hour), 2 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			f := Facts{Now: now, Object: &v1alpha1.Conversation{Status: v1alpha1.ConversationStatus{Conditions: c.conditions}}}
			if got := f.Patience(2 * time.Second); got != c.want {
				t.Errorf("it waits %s, want %s", got, c.want)
			}
		})
	}
}
