// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package walk

import (
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/condition"
)

// setDrifted sets the condition Drifted by status.drift.
func setDrifted(conv *v1alpha1.Conversation) {
	names := make([]string, 0, len(conv.Status.Drift))
	for _, d := range conv.Status.Drift {
		names = append(names, d.Field)
	}
	condition.Set(&conv.Status.Conditions, metav1.Condition{
		Reason:             v1alpha1.ReasonDriftDetected,
		Message:            "Twilio differs from the spec in " + strings.Join(names, ", ") + ": see status.drift.",
		ObservedGeneration: conv.Generation,
	}, v1alpha1.ConditionDrifted, len(names) > 0)
}

// setSuspended sets the condition Suspended by spec.suspend. A suspended object keeps Ready.
func setSuspended(conv *v1alpha1.Conversation) {
	conditions := &conv.Status.Conditions
	condition.Set(conditions, metav1.Condition{
		Reason:             v1alpha1.ReasonSuspended,
		Message:            "No request is made for this object while spec.suspend is true.",
		ObservedGeneration: conv.Generation,
	}, v1alpha1.ConditionSuspended, conv.Spec.Suspend)
	if !conv.Spec.Suspend {
		return
	}
	switch ready := meta.FindStatusCondition(*conditions, v1alpha1.ConditionReady); {
	case ready == nil:
		meta.SetStatusCondition(conditions, metav1.Condition{
			Type: v1alpha1.ConditionReady, Status: metav1.ConditionUnknown, Reason: v1alpha1.ReasonProgressing,
			Message: "Suspended before it was looked at.", ObservedGeneration: conv.Generation,
		})
	case ready.Reason == v1alpha1.ReasonNotSelected && !meta.IsStatusConditionTrue(*conditions, v1alpha1.ConditionUnmanaged):
		condition.SetReady(conditions, conv.Generation, v1alpha1.ReasonProgressing, "Suspended before it was looked at.")
	}
}
