// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package condition writes the conditions of objects, and says in them which request of the operator Kubernetes refuses.
package condition

import (
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

const (
	// MaxMessage bounds the message of a condition: the API server takes 32 KiB, a person reads far less. The bound leaves
	// room for the longest values that a message quotes, and for the advice after them.
	MaxMessage = 4096
	// MaxNote bounds the note of an event: the API server refuses a longer note.
	MaxNote = 1024
)

// ReadyStatus is the status that each reason of Ready stands for.
func ReadyStatus(reason string) metav1.ConditionStatus {
	switch reason {
	case v1alpha1.ReasonSynced, v1alpha1.ReasonClosed, v1alpha1.ReasonAuthenticated:
		return metav1.ConditionTrue
	case v1alpha1.ReasonProgressing, v1alpha1.ReasonTwilioUnavailable:
		return metav1.ConditionUnknown
	}
	return metav1.ConditionFalse
}

// Stalls tells whether a reason of Ready means: the object stays as it is until a person acts.
func Stalls(reason string) bool {
	switch reason {
	case v1alpha1.ReasonRejected, v1alpha1.ReasonUniqueNameTaken, v1alpha1.ReasonAlreadyManaged,
		v1alpha1.ReasonConversationClosed, v1alpha1.ReasonConversationMissing, v1alpha1.ReasonNotSelected:
		return true
	}
	return false
}

// SetReady writes Ready, and with it Reconciling and Stalled, as kstatus reads them.
func SetReady(conditions *[]metav1.Condition, generation int64, reason, message string) {
	message = Shorten(message, MaxMessage)
	ready := metav1.Condition{
		Type: v1alpha1.ConditionReady, Status: ReadyStatus(reason), Reason: reason, Message: message, ObservedGeneration: generation,
	}
	meta.SetStatusCondition(conditions, ready)
	Set(conditions, ready, v1alpha1.ConditionReconciling, ready.Status != metav1.ConditionTrue && !Stalls(reason))
	Set(conditions, ready, v1alpha1.ConditionStalled, Stalls(reason))
}

// Shorten cuts a text to at most so many bytes.
func Shorten(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most-len("…")], "") + "…"
}

// Set sets the condition to True, or removes the condition where it is not true.
func Set(conditions *[]metav1.Condition, c metav1.Condition, kind string, is bool) {
	if !is {
		meta.RemoveStatusCondition(conditions, kind)
		return
	}
	c.Type, c.Status = kind, metav1.ConditionTrue
	meta.SetStatusCondition(conditions, c)
}

// KeepTransitions gives a condition the recorded time of its last transition if the recorded condition already has the
// same status: an earlier write, whose answer was lost, may have recorded the same.
func KeepTransitions(conditions, recorded []metav1.Condition) {
	for i := range conditions {
		c := &conditions[i]
		if was := meta.FindStatusCondition(recorded, c.Type); was != nil && was.Status == c.Status {
			c.LastTransitionTime = was.LastTransitionTime
		}
	}
}

// ReadyOf answers the condition Ready. Without a condition Ready, the answer is Unknown and has no reason.
func ReadyOf(conditions []metav1.Condition) metav1.Condition {
	if c := meta.FindStatusCondition(conditions, v1alpha1.ConditionReady); c != nil {
		return *c
	}
	return metav1.Condition{Status: metav1.ConditionUnknown}
}
