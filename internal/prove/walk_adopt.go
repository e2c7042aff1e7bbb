// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package prove

import (
	"slices"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// adopt takes the conversation that was found.
func (w *walk) adopt() error {
	if err := w.hold(nil); err != nil {
		return err
	}
	found := w.facts.Observed
	if !w.take(found.SID) {
		return errClaimed
	}
	var err error
	if w.facts.ManagedBy = w.managedBy(found); w.facts.ManagedBy == "" {
		err = w.contend()
	}
	if err != nil || w.facts.ManagedBy != "" {
		w.mem.claim = ""
		return err
	}
	w.facts.Adopted()
	w.changed = true
	return nil
}

// contend records that the object is adopting the conversation, and then looks whether another object is, or has done so.
func (w *walk) contend() error {
	if w.conv.Spec.ManagementPolicy == v1alpha1.ManagementPolicyObserve || w.root.erased || w.mutant("contend") {
		return nil
	}
	status := w.conv.Status.DeepCopy()
	defer func() { w.conv.Status = *status }()
	w.facts.Contend()
	if err := w.patchStatus(); err != nil {
		return err
	}
	other := w.sharer(w.facts.Observed.SID)
	switch {
	case other == nil:
	case other.Status.Origin != "", other.Status.Adopting && precedes(other, w.conv):
		w.facts.ManagedBy = other.Name
	case other.Status.Adopting:
		return errContested
	}
	return nil
}

// precedes orders the two objects: the first was created first.
func precedes(a, b *v1alpha1.Conversation) bool { return a.UID < b.UID }

// take claims a conversation in this process.
func (w *walk) take(sid string) bool {
	if w.scenario.Rival != nil && w.ask(call{kind: callClaim, sid: sid}).ref == 0 {
		return false
	}
	w.mem.claim = sid
	return true
}

// rival is the other object at the API server; nil: no other object.
func (w *walk) rival() *v1alpha1.Conversation {
	if w.scenario.Rival == nil {
		return nil
	}
	a := w.ask(call{kind: callRival})
	if a.ref == 0 {
		return nil
	}
	return w.versions.at(a.ref)
}

// sharer is the other object if its own record has the conversation.
func (w *walk) sharer(sid string) *v1alpha1.Conversation {
	if other := w.rival(); other != nil && other.OwnSID() == sid {
		return other
	}
	return nil
}

// managedBy names another object that manages the conversation, or has the better claim to it.
func (w *walk) managedBy(found *twilio.Conversation) string {
	if other := w.sharer(found.SID); other != nil && other.Status.Origin != "" {
		return other.Name
	}
	if w.conv.Spec.UniqueName == "" || w.facts.Intent == nil {
		return ""
	}
	other := w.rival()
	if other == nil || other.Spec.UniqueName != w.conv.Spec.UniqueName || other.OwnSID() != "" ||
		!slices.Contains(other.Finalizers, v1alpha1.Finalizer) || !w.goesFirst(other, found) {
		return ""
	}
	return other.Name
}

// goesFirst tells whether the conversation is, or may be, what another object announced for the same place.
func (w *walk) goesFirst(other *v1alpha1.Conversation, found *twilio.Conversation) bool {
	intent := plan.ParseIntent(other.Annotations[v1alpha1.CreateIntentAnnotation])
	switch {
	case intent == nil:
		return false
	case plan.Bears(found, intent):
		return true
	case plan.Bears(found, w.facts.Intent), !intent.Before(w.facts.Intent), other.Spec.ChatServiceSID != w.conv.Spec.ChatServiceSID:
		return false
	}
	claim := plan.Facts{
		Object: other, Now: w.facts.Now, TwilioNow: w.facts.TwilioNow, Account: w.facts.Account, Intent: intent, Observed: found,
	}
	return claim.Claims()
}
