// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"testing"
	"testing/synctest"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/condition"
	"github.com/conversations-operator/conversations-operator/internal/retry"
)

// Ready is the condition Ready with a reason.
func ready(reason, message string) metav1.Condition {
	return metav1.Condition{Type: v1alpha1.ConditionReady, Status: condition.ReadyStatus(reason), Reason: reason, Message: message}
}

func TestAWarningIsSentOnceTroubleLasts(t *testing.T) {
	none, waits := metav1.Condition{}, ready(v1alpha1.ReasonAccountNotReady, "waits")
	for _, c := range []struct {
		name string
		// steps are what Ready says at each look, and the time since the look before.
		steps []metav1.Condition
		apart time.Duration
		want  []bool
	}{
		{"that stalls at once", []metav1.Condition{ready(v1alpha1.ReasonRejected, "no")}, 0, []bool{true}},
		{"that stalls once", []metav1.Condition{ready(v1alpha1.ReasonRejected, "no"), ready(v1alpha1.ReasonRejected, "no")}, 0, []bool{true, false}},
		{"that may pass later", []metav1.Condition{waits, waits, waits}, 6 * time.Second, []bool{false, false, true}},
		{"that may pass once", []metav1.Condition{waits, waits, waits}, time.Minute, []bool{false, true, false}},
		{"whose words change meanwhile", []metav1.Condition{waits, ready(v1alpha1.ReasonAccountNotReady, "still")}, time.Minute, []bool{false, true}},
		{"whose words change later",
			[]metav1.Condition{waits, waits, ready(v1alpha1.ReasonAccountNotReady, "still")}, time.Minute, []bool{false, true, true}},
		{"that comes again counts anew",
			[]metav1.Condition{waits, ready(v1alpha1.ReasonSynced, "ok"), waits, waits}, 6 * time.Second, []bool{false, false, false, false}},
		{"that is over never", []metav1.Condition{waits, ready(v1alpha1.ReasonSynced, "ok")}, time.Minute, []bool{false, false}},
		{"that is progress never", []metav1.Condition{ready(v1alpha1.ReasonProgressing, "soon")}, 0, []bool{false}},
	} {
		t.Run("Of what "+c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var w Warning
				was := none
				for n, is := range c.steps {
					tell, wait := w.Due(was, is)
					if tell != c.want[n] {
						t.Errorf("at look %d it is sent: %v, want %v", n, tell, c.want[n])
					}
					if wait > retry.Warning.For {
						t.Errorf("at look %d the next is after %s", n, wait)
					}
					was = is
					<-time.After(c.apart)
				}
			})
		})
	}
}

func TestAnEventOfBeforeTheRestartIsNotSentAgain(t *testing.T) {
	waits := ready(v1alpha1.ReasonAccountNotReady, "waits")
	if tell, wait := new(Warning).Due(waits, waits); tell || wait != 0 {
		t.Errorf("it is sent: %v, or after %s", tell, wait)
	}
}
