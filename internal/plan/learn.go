// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// Found adds the answer to a Fetch or a Lookup. The caller finds out which object manages the conversation.
func (f *Facts) Found(step Step, conv *twilio.Conversation) {
	f.Observed, f.ClosedAtTwilio, f.ManagedBy = conv, false, ""
	if step.Verb != Lookup {
		return
	}
	if !f.Object.DeletionTimestamp.IsZero() && conv.SID == f.deleted {
		// Twilio has not finished deleting the conversation. Another delete would not help.
		f.NotFound(step)
		return
	}
	if step.former && !f.ours() {
		// In the former service, another owner has the name. In the right service, the name is free.
		f.NotFound(step)
		return
	}
	f.Name, f.asked = NameFound, step.Target
}

// NotFound adds that Twilio answered a step 404.
func (f *Facts) NotFound(step Step) {
	if step.Verb == Delete {
		// Another account's 404 proves nothing.
		proven := f.accountProven()
		f.Deleted()
		f.Removed = proven
		return
	}
	f.Observed = nil
	switch {
	case step.former:
		f.searched++
	case step.Verb == Lookup:
		f.Name, f.asked = NameFree, step.Target
		f.askedAt, f.askedAtTwilio = f.Now, f.TwilioNow
	default:
		f.Gone, f.ClosedAtTwilio = true, false
	}
}

// Refused adds an answer which says that a create had no effect.
func (f *Facts) Refused() {
	if f.Intent != nil {
		f.Intent.Refused = true
	}
}

// Exists adds that a create, or an update of the name, was answered "already exists". The conversation with the name
// may still come from an earlier create. The conversation comes from this create only if the conversation bears its
// mark.
func (f *Facts) Exists(step Step) {
	if step.Verb == Create {
		f.Refused()
	}
	f.Observed, f.Name, f.existed = nil, NameTaken, true
}

// Closed adds that an update was refused because the conversation is closed.
func (f *Facts) Closed() { f.Observed, f.ClosedAtTwilio = nil, true }

// Deleted adds that the conversation was deleted. Its name is free again: a second create on its way may take the name.
func (f *Facts) Deleted() {
	if f.Name == NameFound && f.lost().pendingBeside(f, f.Observed) {
		f.Name = NameUnknown
	}
	f.deleted = f.Object.Status.SID
	if f.Observed != nil {
		f.deleted = f.Observed.SID
	}
	f.Observed, f.Gone, f.Removed, f.misplaced = nil, true, true, false
}

// Created adds the answer to a create. From here on the sid is in the object's status. taken is false if the
// conversation is in another account, where the operator must not create conversations.
func (f *Facts) Created(conv *twilio.Conversation) (taken bool) {
	f.Observed = conv
	if f.misplaced = f.foreign(); f.misplaced {
		f.Account.Reason, f.Account.Message = v1alpha1.ReasonAccountMismatch, f.foreignMessage()
		return false
	}
	f.take(conv, v1alpha1.OriginCreated)
	f.Object.Status.LastApplied = Applied(f, CreateDifferences(f))
	if f.Object.Spec.State == v1alpha1.StateClosed {
		// Twilio does not create closed conversations (50384): the state is still to be sent.
		f.Object.Status.LastApplied.State = ""
	}
	return true
}

// Contend records that the object is about to adopt the found conversation, and has not adopted the conversation yet.
func (f *Facts) Contend() {
	s := &f.Object.Status
	*s = unrecorded(f.Object)
	s.SID, s.AccountSID, s.Region, s.Adopting = f.Observed.SID, f.Observed.AccountSID, f.Account.Region, true
}

// Adopted takes the found conversation.
func (f *Facts) Adopted() {
	origin := v1alpha1.OriginAdopted
	announced := f.lost().makerOf(f, f.Observed)
	switch {
	case adoptionSID(f.Object) != "":
		announced = nil
	case f.ours():
		origin, f.again = v1alpha1.OriginCreated, true
	case f.policy() == v1alpha1.ManagementPolicyObserve:
		origin = ""
	}
	f.take(f.Observed, origin)
	if announced != nil && origin == v1alpha1.OriginCreated {
		// The user may have edited the spec since the create: the announced values are the applied values.
		f.Object.Status.LastApplied = announced.Sent.DeepCopy()
	}
}

// take makes conv the object's conversation.
func (f *Facts) take(conv *twilio.Conversation, origin v1alpha1.Origin) {
	s := &f.Object.Status
	f.Observed, f.Gone, f.Removed, f.Name = conv, false, false, NameUnknown
	*s = unrecorded(f.Object)
	s.SID, s.AccountSID, s.Region, s.ChatServiceSID, s.Origin = conv.SID, conv.AccountSID, f.Account.Region, conv.ChatServiceSID, origin
}

// sign makes the status this object's. A status of an earlier version has no Region: the conversation is in the
// account's present Region. An unusable account does not tell the Region, so the status stays unsigned.
func (f *Facts) sign() {
	s := &f.Object.Status
	// Only a status of an earlier version has a sid without the object's UID.
	if s.SID != "" && s.ObjectUID == "" {
		if f.Account.Reason != "" {
			return
		}
		s.Region = f.Account.Region
	}
	s.ObjectUID = f.Object.UID
}

// CreateDifferences are the fields of a create.
func CreateDifferences(f *Facts) []Difference {
	var out []Difference
	for _, v := range fields(f) {
		if v.want != "" {
			out = append(out, Difference{Field: v.path, Desired: v.want, send: v.want})
		}
	}
	return out
}

// Updated adds the answer to an update.
func (f *Facts) Updated(step Step, conv *twilio.Conversation) {
	f.Observed = conv
	f.Sent = append(f.Sent, step.Differences...)
	f.Object.Status.LastApplied = Applied(f, step.Differences)
}

// Unanswered adds an update which was sent without an answer, and may have taken effect.
func (f *Facts) Unanswered(step Step) { f.unanswered = append(f.unanswered, step.Differences...) }
