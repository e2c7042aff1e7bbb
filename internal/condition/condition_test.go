// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package condition

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

// TestConditionsKeepTheirTransitions: a condition that is recorded already came to its status when the record says.
func TestConditionsKeepTheirTransitions(t *testing.T) {
	earlier, later := metav1.Unix(1, 0), metav1.Unix(1, int64(time.Second))
	condition := func(kind string, status metav1.ConditionStatus, at metav1.Time) metav1.Condition {
		return metav1.Condition{Type: kind, Status: status, LastTransitionTime: at}
	}
	recorded := []metav1.Condition{
		condition(v1alpha1.ConditionReady, metav1.ConditionTrue, earlier), condition(v1alpha1.ConditionStalled, metav1.ConditionTrue, earlier),
	}
	for name, c := range map[string]struct{ is, want metav1.Condition }{
		"of the same status": {condition(v1alpha1.ConditionReady, metav1.ConditionTrue, later), condition(v1alpha1.ConditionReady, metav1.ConditionTrue, earlier)},
		"of another status":  {condition(v1alpha1.ConditionReady, metav1.ConditionFalse, later), condition(v1alpha1.ConditionReady, metav1.ConditionFalse, later)},
		"not recorded":       {condition(v1alpha1.ConditionDrifted, metav1.ConditionTrue, later), condition(v1alpha1.ConditionDrifted, metav1.ConditionTrue, later)},
	} {
		t.Run(name, func(t *testing.T) {
			conditions := []metav1.Condition{c.is}
			KeepTransitions(conditions, recorded)
			if diff := cmp.Diff([]metav1.Condition{c.want}, conditions); diff != "" {
				t.Errorf("unexpected conditions (-want +got):\n%s", diff)
			}
		})
	}
}
