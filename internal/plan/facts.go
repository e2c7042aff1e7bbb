// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"cmp"
	"time"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// Name is this pass' knowledge of a unique name at Twilio.
type Name int

// The states of knowledge about the name under which the conversation is created.
const (
	// NameUnknown: this pass has not asked.
	NameUnknown Name = iota
	// NameFree: a GET by the name said 404.
	NameFree
	// NameTaken: a POST was answered with "already exists" (409, 50353).
	NameTaken
	// NameFound: a GET by the name answered a conversation: Observed.
	NameFound
)

// Account is the part of the facts about the object's account.
type Account struct {
	// SID of the account to which the credentials belong, by Twilio's answer; empty: Twilio did not name the account.
	SID string
	// Claimed is the account named by the Secret. The Secret's word proves nothing.
	Claimed string
	// Region in which the account is asked; empty: us1.
	Region string
	// KeepsMarks: Twilio answered an earlier create of this account with its mark, see [Intent].
	KeepsMarks bool
	// FormerServices are the account's earlier default services.
	FormerServices []string
	// WebhookEnabled is the account's default for writes of objects which do not say whether they call webhooks.
	WebhookEnabled *bool
	// Reason and Message say why the account is out of use; empty: the account is usable.
	Reason, Message string
	// Halted: too many of the account's conversations vanished at once; Key names the account in the message.
	Halted bool
	Key    string
}

// Facts is the whole basis of a decision: the object, and the knowledge which this pass got from Twilio so far.
type Facts struct {
	// Object is the Conversation as the API server holds the object, with the status as the pass will record the status.
	Object *v1alpha1.Conversation
	// Generated is the unique name made for the object.
	Generated string
	// Now is the operator's clock.
	Now time.Time
	// TwilioNow is Twilio's clock at the same moment; zero: no answer has told the time.
	TwilioNow time.Time
	// Timeout of a request to Twilio; zero: [twilio.DefaultTimeout].
	Timeout time.Duration
	// Account of the object.
	Account Account
	// Intent recorded in the object; nil without an intent.
	Intent *Intent
	// Unsent: this process knows that the announced create had no effect: the request never left, or Twilio throttled the
	// request.
	Unsent bool
	// UpdateIntent is the announcement of an update in the object; nil without an announcement.
	UpdateIntent *UpdateIntent
	// UpdateUnsent: this process knows that the announced update was not sent. OwnUpdateIntent: this process wrote the
	// announcement.
	UpdateUnsent, OwnUpdateIntent bool
	// Look asks for a GET although the spec did not change: a request of the user or a hint of the drift check.
	Look bool

	// Observed is Twilio's answer in this pass; nil if Twilio was not asked, or had no conversation.
	Observed *twilio.Conversation
	// Listed: Observed comes from a list of the drift check, which may be behind.
	Listed bool
	// Gone: in this pass Twilio had no conversation for status.sid (or for adoption.sid), or this pass deleted the
	// conversation.
	Gone bool
	// Removed: the conversation is gone because this pass deleted the conversation.
	Removed bool
	// Name is this pass' knowledge of the unique name.
	Name Name
	// ManagedBy names another object which manages Observed; empty: no other object does.
	ManagedBy string
	// ClosedAtTwilio: an update was refused because the conversation is closed (50377).
	ClosedAtTwilio bool
	// Sent are the differences sent by this pass.
	Sent []Difference
	// unanswered are the differences which this pass sent without an answer.
	unanswered []Difference
	// existed: a create or a rename was answered "already exists" in this pass.
	existed bool
	// asked is the unique name of the last lookup in this pass, askedAt and askedAtTwilio the time of the lookup by both
	// clocks.
	asked                  string
	askedAt, askedAtTwilio time.Time
	// again: this pass found the conversation again, by its name or by the intent.
	again bool
	// searched is in how many of the account's earlier default services this pass has looked.
	searched int
	// deleted is the conversation which this pass deleted. Twilio may still find the conversation by its name.
	deleted string
	// misplaced: this pass created Observed in another account than intended.
	misplaced bool
}

// Own drops from the object the record of a conversation which the object does not have: a status written for another
// object, and an unconfirmed claim to adopt a conversation.
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

// adoptionSID is adoption.sid, empty without adoption.
func adoptionSID(c *v1alpha1.Conversation) string {
	if c.Spec.Adoption == nil {
		return ""
	}
	return c.Spec.Adoption.SID
}

// policy is the management policy in force: Enforce if the spec leaves the policy out. The CRD sets no default.
func (f *Facts) policy() v1alpha1.ManagementPolicy {
	if p := f.Object.Spec.ManagementPolicy; p != "" {
		return p
	}
	return v1alpha1.ManagementPolicyEnforce
}

// DeletionPolicy in force: the policy of the spec, else Delete for a created conversation and Retain for an adopted
// conversation. A conversation which was only observed is retained whatever the spec says.
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

// held is where the object's conversation is, or where a create with an unknown outcome was sent; nil: no such place,
// or no recorded place.
func (f *Facts) held() *Place {
	if s := &f.Object.Status; s.SID != "" {
		if s.ObjectUID == "" && s.Region == "" {
			// An earlier version recorded no Region: the conversation is in the account's Region.
			return &Place{AccountSID: s.AccountSID, Region: f.Account.Region}
		}
		return &Place{AccountSID: s.AccountSID, Region: s.Region}
	}
	// A refused create made no conversation, so its place does not count.
	for i := f.lost(); i != nil; i = i.Earlier {
		if !i.Refused {
			return i.Place
		}
	}
	return nil
}

// accountOther: the account is certainly another account than the account which holds the object's conversation, or
// leads to another Region.
func (f *Facts) accountOther() bool {
	held := f.held()
	return held != nil && (f.Account.Region != held.Region ||
		f.Account.SID != "" && held.AccountSID != "" && f.Account.SID != held.AccountSID)
}

// accountProven: Twilio named the account which holds the object's conversation as the account of the credentials, as
// far as the place is recorded.
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

// foreign: Twilio answered a conversation of another account than the credentials are for.
func (f *Facts) foreign() bool {
	want := cmp.Or(f.Account.SID, f.Account.Claimed)
	return f.Observed != nil && want != "" && f.Observed.AccountSID != "" && f.Observed.AccountSID != want
}

// retains: on deletion the conversation stays. A create which replaces an adopted conversation is the operator's own:
// unless the spec says otherwise, the new conversation does not outlive the object.
func (f *Facts) retains() bool {
	return DeletionPolicy(f.Object) == v1alpha1.DeletionPolicyRetain &&
		(!f.unresolved() || f.Object.Spec.DeletionPolicy != "" || f.policy() == v1alpha1.ManagementPolicyObserve)
}

// announced: the intent is about this object and about the conversation which the object is to have next.
func (f *Facts) announced() bool {
	return f.Intent != nil && f.Intent.UID == string(f.Object.UID) && f.Intent.Replaces == f.Object.Status.SID
}

// lost is the last create with an unknown outcome: announced, perhaps sent, and without an answer to believe. nil: no
// such create. If two creates follow each other, either create may have made an existing conversation, so neither
// create is answered.
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

// unresolved: a create for the object's next conversation may have taken effect, and the outcome is not recorded yet.
func (f *Facts) unresolved() bool { return f.announced() && f.lost() != nil }

// stray: a create may have taken effect beside the object's conversation, or in its place.
func (f *Facts) stray() bool { return f.unresolved() || f.Gone && f.lost() != nil }

// inFlight: a create may still take effect. A create whose conversation was found, or was found and deleted, has taken
// effect already. If another owner has the name, the owner may give the name up before the create arrives.
func (f *Facts) inFlight() bool {
	if f.Name == NameFound && (f.Observed == nil || f.ours()) {
		return false
	}
	return f.lost().pending(f) != nil
}

// ours: the conversation found under the name was made for this object.
func (f *Facts) ours() bool {
	return f.Observed.UniqueName == f.Generated || f.lost().makerOf(f, f.Observed) != nil
}

// Announces tells whether the outcome of an announced request is still to be recorded.
func (f *Facts) Announces() bool { return f.lost() != nil || f.UpdateUnknown() }

// Owns tells whether the object has, or may have, a conversation at Twilio.
func (f *Facts) Owns() bool { return f.Object.Status.SID != "" || f.lost() != nil }

// Service is the Conversation Service in which Twilio is asked for a sid or a unique name; empty: the account's default
// service. A known conversation is addressed in the service which holds the conversation, and a new name is looked up
// in the same service.
func (f *Facts) Service(target string) string {
	switch s := &f.Object.Status; {
	case f.Observed != nil && target == f.Observed.SID && target != s.SID:
		return f.Observed.ChatServiceSID
	case s.ChatServiceSID != "" && (target == s.SID || f.keeps()):
		return s.ChatServiceSID
	}
	return f.Object.Spec.ChatServiceSID
}

// formerService is the next of the account's earlier default services in which the object's conversation may be. Such a
// service exists only if the object names no service and was held before, and if no record says where its conversation
// is; else empty.
func (f *Facts) formerService() string {
	s := &f.Object.Status
	// The account's default service may have changed between the create and now, but a service in the spec is immutable.
	if s.SID != "" || f.Object.Spec.ChatServiceSID != "" || f.announced() && f.Unsent || f.searched >= len(f.Account.FormerServices) {
		return ""
	}
	return f.Account.FormerServices[f.searched]
}

// keeps tells whether the object has a conversation and is to keep the conversation. A lookup then looks for the owner
// of the conversation's new name.
func (f *Facts) keeps() bool {
	return f.Object.DeletionTimestamp.IsZero() && f.Object.Status.SID != "" && !f.Gone
}
