// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

const (
	// maxMessage bounds the message of a condition: the API server takes 32 KiB, a person reads far less. It has room for
	// the longest values that a message quotes, and for what to do after them.
	maxMessage = 4096
	// maxNote bounds the note of an event: the API server refuses a longer one.
	maxNote = 1024
)

// readyStatus is the status that each reason of Ready stands for.
func readyStatus(reason string) metav1.ConditionStatus {
	switch reason {
	case v1alpha1.ReasonSynced, v1alpha1.ReasonClosed, v1alpha1.ReasonAuthenticated:
		return metav1.ConditionTrue
	case v1alpha1.ReasonProgressing, v1alpha1.ReasonTwilioUnavailable:
		return metav1.ConditionUnknown
	}
	return metav1.ConditionFalse
}

// stalls tells whether a reason of Ready means that nothing will change before somebody acts.
func stalls(reason string) bool {
	switch reason {
	case v1alpha1.ReasonRejected, v1alpha1.ReasonUniqueNameTaken, v1alpha1.ReasonAlreadyManaged,
		v1alpha1.ReasonConversationClosed, v1alpha1.ReasonConversationMissing, v1alpha1.ReasonNotSelected:
		return true
	}
	return false
}

// setReady writes Ready, and with it Reconciling and Stalled, as kstatus reads them.
func setReady(conditions *[]metav1.Condition, generation int64, reason, message string) {
	message = shorten(message, maxMessage)
	ready := metav1.Condition{
		Type: v1alpha1.ConditionReady, Status: readyStatus(reason), Reason: reason, Message: message, ObservedGeneration: generation,
	}
	meta.SetStatusCondition(conditions, ready)
	set(conditions, ready, v1alpha1.ConditionReconciling, ready.Status != metav1.ConditionTrue && !stalls(reason))
	set(conditions, ready, v1alpha1.ConditionStalled, stalls(reason))
}

// shorten cuts a text to so many bytes.
func shorten(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most-len("…")], "") + "…"
}

// set keeps a condition that is there only while it is true.
func set(conditions *[]metav1.Condition, c metav1.Condition, kind string, is bool) {
	if !is {
		meta.RemoveStatusCondition(conditions, kind)
		return
	}
	c.Type, c.Status = kind, metav1.ConditionTrue
	meta.SetStatusCondition(conditions, c)
}

// keepTransitions gives conditions the time at which they came to their status where what is recorded already has it: an
// earlier write, whose answer was lost, may have said the same.
func keepTransitions(conditions, recorded []metav1.Condition) {
	for i := range conditions {
		c := &conditions[i]
		if was := meta.FindStatusCondition(recorded, c.Type); was != nil && was.Status == c.Status {
			c.LastTransitionTime = was.LastTransitionTime
		}
	}
}

// setDrifted follows status.drift.
func setDrifted(conv *v1alpha1.Conversation) {
	names := make([]string, 0, len(conv.Status.Drift))
	for _, d := range conv.Status.Drift {
		names = append(names, d.Field)
	}
	set(&conv.Status.Conditions, metav1.Condition{
		Reason:             v1alpha1.ReasonDriftDetected,
		Message:            "Twilio differs from the spec in " + strings.Join(names, ", ") + ": see status.drift.",
		ObservedGeneration: conv.Generation,
	}, v1alpha1.ConditionDrifted, len(names) > 0)
}

// setSuspended follows spec.suspend. A suspended object keeps Ready as it was.
func setSuspended(conv *v1alpha1.Conversation) {
	conditions := &conv.Status.Conditions
	set(conditions, metav1.Condition{
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
	case ready.Reason == v1alpha1.ReasonNotSelected && !unmanaged(conv):
		setReady(conditions, conv.Generation, v1alpha1.ReasonProgressing, "Suspended before it was looked at.")
	}
}
