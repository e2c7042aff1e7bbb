// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/retry"
)

// mostPatience is the longest pause between two looks while Twilio is about to finish a change.
var mostPatience = retry.Settling.Most

// Patience is how long to wait before the next look while Twilio is about to finish a change: at least the given time,
// then as long as the object has waited already, so that the pauses double, and never more than a minute. Twilio asks
// for exponential backoff (error 50391).
func (f *Facts) Patience(least time.Duration) time.Duration {
	ready := meta.FindStatusCondition(f.Object.Status.Conditions, v1alpha1.ConditionReady)
	if ready == nil || ready.Status != metav1.ConditionUnknown {
		return least
	}
	return min(max(f.Now.Sub(ready.LastTransitionTime.Time), least), mostPatience)
}
