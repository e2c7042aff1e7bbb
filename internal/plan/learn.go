// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"slices"
	"time"
	"unicode/utf8"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

const (
	// maxDrift bounds status.drift: there are fewer fields than that.
	maxDrift = 16
	// maxDriftValue bounds what is shown of a value, in characters.
	maxDriftValue = 256
)

// Found adds the answer to a Fetch or a Lookup; who manages it is for the caller to find out.
func (f *Facts) Found(step Step, conv *twilio.Conversation) {
	f.Observed, f.ClosedAtTwilio, f.ManagedBy = conv, false, ""
	if step.Verb == Lookup {
		f.Name, f.asked = NameFound, step.Target
	}
}

// NotFound adds that Twilio answered a step 404.
func (f *Facts) NotFound(step Step) {
	f.Observed = nil
	switch step.Verb {
	case Lookup:
		f.Name, f.asked = NameFree, step.Target
	case Delete:
		f.Deleted()
	default:
		f.Gone, f.ClosedAtTwilio = true, false
	}
}

// Exists adds that a create, or an update that renames, was answered "already exists": it certainly did not happen.
// What has the name may still come of an earlier create, but not of this one.
func (f *Facts) Exists() { f.Observed, f.Name, f.Unsent, f.existed = nil, NameTaken, true, true }

// Closed adds that an update was refused because the conversation is closed.
func (f *Facts) Closed() { f.Observed, f.ClosedAtTwilio = nil, true }

// Deleted adds that the conversation was deleted.
func (f *Facts) Deleted() { f.Observed, f.Gone, f.Removed = nil, true, true }

// Created adds the answer to a create. From here on the sid is in the object's status.
func (f *Facts) Created(conv *twilio.Conversation) {
	f.take(conv, v1alpha1.OriginCreated)
	f.Object.Status.LastApplied = Applied(f, CreateDifferences(f))
	if f.Object.Spec.State == v1alpha1.StateClosed {
		// It could not be created closed (50384): that is still to be sent.
		f.Object.Status.LastApplied.State = ""
	}
}

// Adopted takes the conversation that was found.
func (f *Facts) Adopted() {
	origin := v1alpha1.OriginAdopted
	announced := f.lost().of(f, f.Observed)
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
		// The spec may have been edited since that was sent.
		f.Object.Status.LastApplied = announced.Sent.DeepCopy()
	}
}

// take makes conv the object's conversation.
func (f *Facts) take(conv *twilio.Conversation, origin v1alpha1.Origin) {
	s := &f.Object.Status
	f.Observed, f.Gone, f.Removed, f.Name = conv, false, false, NameUnknown
	*s = v1alpha1.ConversationStatus{
		Conditions: s.Conditions, ObservedGeneration: s.ObservedGeneration, LastHandledReconcileAt: s.LastHandledReconcileAt,
		SID: conv.SID, AccountSID: conv.AccountSID, ChatServiceSID: conv.ChatServiceSID, Origin: origin,
	}
}

// CreateDifferences are the fields that a create sends.
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

// Record writes into the object's status what the pass learned and what its last step says of the record; conditions
// are the caller's.
func (f *Facts) Record(step Step) {
	s := &f.Object.Status
	explained := f.explains()
	if f.Gone && (f.Removed || f.accountProven()) {
		// Should the pass end before there is a new one, the next has to look rather than believe the record.
		s.LastApplied = nil
	}
	if step.Verb == Keep && f.accepts() && (s.LastApplied != nil || f.Observed != nil) {
		s.LastApplied = Applied(f, nil)
	}
	if f.Observed != nil && s.SID == f.Observed.SID {
		mirror(s, f.Observed)
		s.Drift = drift(step.Drift)
		if s.LastApplied != nil {
			s.LastApplied.Explained = explained
		}
	}
}

// accepts tells whether what the spec says counts as applied although nothing is sent: it is at Twilio, or it was found
// otherwise under Report, which leaves what it finds and applies later edits.
func (f *Facts) accepts() bool {
	switch f.policy() {
	case v1alpha1.ManagementPolicyObserve:
		return false
	case v1alpha1.ManagementPolicyReport:
		if f.Object.Status.LastApplied == nil {
			return true
		}
	}
	return len(Compare(f).Edits) == 0
}

// mirror writes what Twilio answered.
func mirror(s *v1alpha1.ConversationStatus, conv *twilio.Conversation) {
	s.AccountSID, s.ChatServiceSID, s.MessagingServiceSID = conv.AccountSID, conv.ChatServiceSID, conv.MessagingServiceSID
	s.UniqueName, s.FriendlyName, s.State = conv.UniqueName, conv.FriendlyName, v1alpha1.ConversationState(conv.State)
	s.DateCreated, s.DateUpdated = timestamp(conv.DateCreated), timestamp(conv.DateUpdated)
	s.Timers = nil
	if t := conv.Timers; t.DateInactive != nil || t.DateClosed != nil {
		s.Timers = &v1alpha1.TimersStatus{DateInactive: timestamp(t.DateInactive), DateClosed: timestamp(t.DateClosed)}
	}
	if s.URL == "" {
		// The same conversation has one address in its service and one without it: the first answer's stays.
		s.URL = conv.URL
	}
	if l := conv.Links; s.Links == nil && len(l) > 0 {
		s.Links = &v1alpha1.ConversationLinks{Participants: l["participants"], Messages: l["messages"], Webhooks: l["webhooks"]}
	}
}

// timestamp has whole seconds, as the API server keeps them.
func timestamp(t *time.Time) *metav1.Time {
	if t == nil {
		return nil
	}
	return new(metav1.NewTime(t.Truncate(time.Second)))
}

func drift(differences []Difference) []v1alpha1.FieldDrift {
	if len(differences) == 0 {
		return nil
	}
	out := make([]v1alpha1.FieldDrift, 0, maxDrift)
	for _, d := range differences[:min(len(differences), maxDrift)] {
		out = append(out, d.record())
	}
	return out
}

// record is how the difference is shown in status.
func (d Difference) record() v1alpha1.FieldDrift {
	return v1alpha1.FieldDrift{Field: d.Field, Desired: shorten(d.Desired), Observed: shorten(d.Observed)}
}

func shorten(s string) string {
	if utf8.RuneCountInString(s) <= maxDriftValue {
		return s
	}
	return string([]rune(s)[:maxDriftValue-1]) + "…"
}

// Fields names the fields of the differences, each once, in order.
func Fields(differences []Difference) []string {
	var out []string
	for _, d := range differences {
		if !slices.Contains(out, d.Field) {
			out = append(out, d.Field)
		}
	}
	return out
}
