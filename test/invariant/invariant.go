// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package invariant says what must hold of every version of a Conversation or an account that the API server ever hands out,
// whatever happens to the operator in between.
package invariant

import (
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

// What a story may do to an object itself, and excuse then.
const (
	// NoFinalizer: the object could go and leave its conversation at Twilio.
	NoFinalizer = "it has a sid and no finalizer"
	// SIDLost: the record of the conversation is gone.
	SIDLost = "its sid was lost"
	// WentBack: the status speaks of an earlier spec than before.
	WentBack = "observedGeneration went back"
)

// Of lists what is wrong with one version of a Conversation, empty when nothing is: its conditions must be valid as
// kstatus reads them, and whatever it has at Twilio must be held by the finalizer.
func Of(conv *v1alpha1.Conversation) []string {
	s := &conv.Status
	var out []string
	if conv.OwnSID() != "" && conv.DeletionTimestamp.IsZero() && !slices.Contains(conv.Finalizers, v1alpha1.Finalizer) {
		out = append(out, NoFinalizer)
	}
	return append(out, status(s.ObservedGeneration, conv.Generation, s.Conditions)...)
}

// OfAccount lists what is wrong with one version of an account of that generation, empty when nothing is.
func OfAccount(s *v1alpha1.AccountStatus, generation int64) []string {
	return status(s.ObservedGeneration, generation, s.Conditions)
}

func status(observed, generation int64, all []metav1.Condition) []string {
	if len(all) == 0 {
		if observed > 0 {
			return []string{"status was written without conditions"}
		}
		return nil
	}
	var out []string
	if observed <= 0 || observed > generation {
		out = append(out, fmt.Sprintf("observedGeneration is %d of %d", observed, generation))
	}
	return append(out, conditions(all, generation)...)
}

func conditions(all []metav1.Condition, generation int64) []string {
	ready := meta.FindStatusCondition(all, v1alpha1.ConditionReady)
	reconciling := meta.FindStatusCondition(all, v1alpha1.ConditionReconciling)
	stalled := meta.FindStatusCondition(all, v1alpha1.ConditionStalled)
	if ready == nil {
		return []string{"there is no Ready"}
	}
	var out []string
	if reconciling != nil && stalled != nil {
		out = append(out, "both Reconciling and Stalled")
	}
	if ready.Status == metav1.ConditionTrue && (reconciling != nil || stalled != nil) {
		out = append(out, "Ready beside Reconciling or Stalled")
	}
	if stalled != nil && ready.Status != metav1.ConditionFalse {
		out = append(out, "Stalled and Ready not False")
	}
	for _, c := range all {
		if c.Type != v1alpha1.ConditionReady && c.Status != metav1.ConditionTrue {
			out = append(out, c.Type+" is there without being true")
		}
		if c.ObservedGeneration <= 0 || c.ObservedGeneration > generation {
			out = append(out, fmt.Sprintf("%s has observedGeneration %d of %d", c.Type, c.ObservedGeneration, generation))
		}
		if c.Message == "" || c.Reason == "" {
			out = append(out, c.Type+" has no message or no reason")
		}
	}
	return out
}

// Between lists what is wrong with going from one version of a Conversation to the next.
func Between(before, after *v1alpha1.Conversation) []string {
	if before.UID != after.UID {
		return nil
	}
	var out []string
	if before.OwnSID() != "" && after.OwnSID() == "" && !before.Status.Adopting {
		out = append(out, SIDLost)
	}
	if before.Status.ObservedGeneration > after.Status.ObservedGeneration {
		out = append(out, WentBack)
	}
	return out
}
