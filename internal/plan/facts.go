// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"cmp"
	"time"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// Name is what is known of a unique name at Twilio.
type Name int

// What a pass may know of the name under which the conversation is created.
const (
	// NameUnknown: nobody asked.
	NameUnknown Name = iota
	// NameFree: a GET by that name said 404.
	NameFree
	// NameTaken: a POST was answered with "already exists" (409, 50353).
	NameTaken
	// NameFound: a GET by that name answered a conversation: Observed.
	NameFound
)

// Account is what a decision needs to know of the account that the object uses.
type Account struct {
	// SID of the account that the credentials belong to, as Twilio said; empty: Twilio did not say.
	SID string
	// Claimed is the account that the Secret names. It proves nothing.
	Claimed string
	// Region in which the account is asked; empty: us1.
	Region string
	// KeepsMarks: Twilio answered an earlier create of this account with its mark, see [Intent].
	KeepsMarks bool
	// FormerServices are default services that the account had before the one it has now.
	FormerServices []string
	// WebhookEnabled is what the account says of writes whose object does not say whether they call webhooks.
	WebhookEnabled *bool
	// Reason and Message say why the account cannot be used; empty: it can.
	Reason, Message string
	// Halted: too many of its conversations vanished at once; Key names it in the message.
	Halted bool
	Key    string
}

// Facts is everything that a decision is made from: the object, and what this pass learned from Twilio so far.
type Facts struct {
	// Object is the Conversation as the API server holds it, its status as it will be recorded.
	Object *v1alpha1.Conversation
	// Generated is the unique name made for the object.
	Generated string
	// Now is the operator's clock.
	Now time.Time
	// TwilioNow is Twilio's clock at the same moment; zero: no answer has told it.
	TwilioNow time.Time
	// Timeout of a request to Twilio; zero: [twilio.DefaultTimeout].
	Timeout time.Duration
	// Account that the object uses.
	Account Account
	// Intent recorded in the object; nil when none.
	Intent *Intent
	// Unsent: this process knows that what the intent announces did not happen: it never left, or it was throttled.
	Unsent bool
	// UpdateIntent is what the object says about an update that was about to be sent; nil when it says nothing.
	UpdateIntent *UpdateIntent
	// UpdateUnsent: this process knows that the update that the intent announces was not sent. OwnUpdateIntent: this process wrote it.
	UpdateUnsent, OwnUpdateIntent bool
	// Look asks for a GET although the spec did not change: a request of the user or a hint of the drift check.
	Look bool

	// Observed is what Twilio answered in this pass; nil when it was not asked, or had nothing.
	Observed *twilio.Conversation
	// Listed: Observed comes from a list of the drift check, which may be behind.
	Listed bool
	// Gone: in this pass Twilio had no conversation for status.sid (or for adoption.sid), or it was deleted.
	Gone bool
	// Removed: it is gone because this pass deleted it.
	Removed bool
	// Name is what this pass learned of the unique name.
	Name Name
	// ManagedBy names another object that manages Observed; empty when none does.
	ManagedBy string
	// ClosedAtTwilio: an update was refused because the conversation is closed (50377).
	ClosedAtTwilio bool
	// Sent are the differences that this pass has sent.
	Sent []Difference
	// unanswered are the differences that this pass has sent without an answer.
	unanswered []Difference
	// existed: a create or a rename was answered "already exists" in this pass.
	existed bool
	// asked is the unique name that was last asked for in this pass, askedAt and askedAtTwilio the time of that by both clocks.
	asked                  string
	askedAt, askedAtTwilio time.Time
	// again: the conversation was found again in this pass, by its name or by what the intent says.
	again bool
	// searched is in how many of the account's earlier default services this pass has looked.
	searched int
	// misplaced: this pass created Observed in another account than was meant.
	misplaced bool
}

// Own drops from the object the record of a conversation that the object does not have: a status that was written for
// another object, and a claim to adopt a conversation that was not confirmed.
func Own(conv *v1alpha1.Conversation) {
	switch s := &conv.Status; {
	case !conv.Recorded():
		*s = v1alpha1.ConversationStatus{}
	case s.Adopting:
		*s = unrecorded(conv)
	}
}

// unrecorded is the object's status without the conversation.
func unrecorded(conv *v1alpha1.Conversation) v1alpha1.ConversationStatus {
	s := &conv.Status
	return v1alpha1.ConversationStatus{
		ObjectUID: conv.UID, Conditions: s.Conditions, ObservedGeneration: s.ObservedGeneration, LastHandledReconcileAt: s.LastHandledReconcileAt,
	}
}

func adoptionSID(c *v1alpha1.Conversation) string {
	if c.Spec.Adoption == nil {
		return ""
	}
	return c.Spec.Adoption.SID
}

func (f *Facts) policy() v1alpha1.ManagementPolicy {
	if p := f.Object.Spec.ManagementPolicy; p != "" {
		return p
	}
	return v1alpha1.ManagementPolicyEnforce
}

// DeletionPolicy in force: what the spec says, else Delete for what was created and Retain for what was adopted. What
// was only observed is retained whatever the spec says.
func DeletionPolicy(c *v1alpha1.Conversation) v1alpha1.DeletionPolicy {
	switch {
	case c.Spec.ManagementPolicy == v1alpha1.ManagementPolicyObserve, c.Status.SID != "" && c.Status.Origin == "":
		return v1alpha1.DeletionPolicyRetain
	case c.Spec.DeletionPolicy != "":
		return c.Spec.DeletionPolicy
	case c.Status.SID == "" && adoptionSID(c) == "", c.Status.Origin == v1alpha1.OriginCreated:
		return v1alpha1.DeletionPolicyDelete
	}
	return v1alpha1.DeletionPolicyRetain
}

// held is where the object's conversation is, or where a create whose outcome nobody knows was sent; nil: nowhere, or
// nobody recorded where.
func (f *Facts) held() *Place {
	if s := &f.Object.Status; s.SID != "" {
		if s.ObjectUID == "" && s.Region == "" {
			// An earlier version recorded no Region: it was the one that the account has.
			return &Place{AccountSID: s.AccountSID, Region: f.Account.Region}
		}
		return &Place{AccountSID: s.AccountSID, Region: s.Region}
	}
	for i := f.lost(); i != nil; i = i.Earlier {
		if !i.Refused {
			return i.Place
		}
	}
	return nil
}

// accountOther: the account is known to be another than the one that holds what is the object's, or asked elsewhere.
func (f *Facts) accountOther() bool {
	held := f.held()
	return held != nil && (f.Account.Region != held.Region ||
		f.Account.SID != "" && held.AccountSID != "" && f.Account.SID != held.AccountSID)
}

// accountProven: Twilio said that the account is the one that holds what is the object's, as far as it is recorded where
// that is.
func (f *Facts) accountProven() bool {
	held := f.held()
	switch {
	case held == nil:
		return true
	case f.accountOther():
		return false
	case held.AccountSID == "":
		return f.Object.Status.SID == ""
	}
	return f.Account.SID == held.AccountSID
}

// foreign: Twilio answered a conversation of another account than the one that the credentials are for.
func (f *Facts) foreign() bool {
	want := cmp.Or(f.Account.SID, f.Account.Claimed)
	return f.Observed != nil && want != "" && f.Observed.AccountSID != "" && f.Observed.AccountSID != want
}

// retains: on deletion the conversation stays. A create that is to replace an adopted conversation is the operator's
// own: unless the spec says otherwise, what comes of it does not outlive the object.
func (f *Facts) retains() bool {
	return DeletionPolicy(f.Object) == v1alpha1.DeletionPolicyRetain &&
		(!f.unresolved() || f.Object.Spec.DeletionPolicy != "" || f.policy() == v1alpha1.ManagementPolicyObserve)
}

// announced: the intent speaks of this object and of the conversation that it is to have next.
func (f *Facts) announced() bool {
	return f.Intent != nil && f.Intent.UID == string(f.Object.UID) && f.Intent.Replaces == f.Object.Status.SID
}

// lost is the last create whose outcome nobody knows: announced, perhaps sent, and not answered in a way that is
// believed. nil: there is none. Where one create follows another, a conversation that is there may be either's, so
// neither is answered.
func (f *Facts) lost() *Intent {
	switch {
	case f.Intent == nil || f.Intent.UID != string(f.Object.UID):
		return nil
	case f.Unsent:
		return f.Intent.Earlier
	case f.announced(), f.Intent.Earlier != nil:
		return f.Intent
	}
	return nil
}

// unresolved: a create that was to make the object's next conversation may have done so, which is not recorded yet.
func (f *Facts) unresolved() bool { return f.announced() && f.lost() != nil }

// stray: a create may have taken effect beside the object's conversation, or in its place.
func (f *Facts) stray() bool { return f.unresolved() || f.Gone && f.lost() != nil }

// inFlight: a create may still take effect. One that made what was found, or what was found and deleted, did. Somebody else
// who has its name may give it up before the create arrives.
func (f *Facts) inFlight() bool {
	if f.Name == NameFound && (f.Observed == nil || f.ours()) {
		return false
	}
	return f.lost().pending(f) != nil
}

// ours: the conversation found under the name was made for this object.
func (f *Facts) ours() bool {
	return f.Observed.UniqueName == f.Generated || f.lost().of(f, f.Observed) != nil
}

// Announces tells whether the outcome of something that was announced is still to be recorded.
func (f *Facts) Announces() bool { return f.lost() != nil || f.UpdateUnknown() }

// Owns tells whether the object has, or may have, something at Twilio.
func (f *Facts) Owns() bool { return f.Object.Status.SID != "" || f.lost() != nil }

// Service is the Conversation Service in which Twilio is asked for a sid or a unique name; empty: the account's default
// one. Once known, a conversation is addressed in the service that holds it, and so is who has the name that it is to get.
func (f *Facts) Service(target string) string {
	switch s := &f.Object.Status; {
	case f.Observed != nil && target == f.Observed.SID && target != s.SID:
		return f.Observed.ChatServiceSID
	case s.ChatServiceSID != "" && (target == s.SID || f.keeps()):
		return s.ChatServiceSID
	}
	return f.Object.Spec.ChatServiceSID
}

// formerService is the next of the account's earlier default services in which the object's conversation may be, empty if
// there is none: the object names no service, was held before, and nothing records where its conversation is.
func (f *Facts) formerService() string {
	s := &f.Object.Status
	if s.SID != "" || f.Object.Spec.ChatServiceSID != "" || f.announced() && f.Unsent || f.searched >= len(f.Account.FormerServices) {
		return ""
	}
	return f.Account.FormerServices[f.searched]
}

// keeps tells whether the object has a conversation and is to keep it: what is looked for by its name then is who else
// has the name that it is to get.
func (f *Facts) keeps() bool {
	return f.Object.DeletionTimestamp.IsZero() && f.Object.Status.SID != "" && !f.Gone
}
