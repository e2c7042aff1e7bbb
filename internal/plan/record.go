// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/escape"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

const (
	// maxDrift bounds status.drift: the spec has fewer fields.
	maxDrift = 16
	// maxDriftValue bounds how much of a value the status shows, in characters.
	maxDriftValue = 256
)

// Record writes the knowledge of the pass, and the record of its last step, into the object's status. The caller sets
// the conditions.
func (f *Facts) Record(step Step) {
	f.sign()
	s := &f.Object.Status
	if step.forgets {
		*s = unrecorded(f.Object)
		return
	}
	explained := f.explains()
	if f.Gone && (f.Removed || f.accountProven()) {
		// If the pass ends before the object has a new conversation, the next pass has to look instead of believing the
		// record.
		s.LastApplied = nil
	}
	// Without an earlier record and without an answer, the applied values stay unknown.
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

// accepts tells whether the spec counts as applied without a request: Twilio has the values already, or the policy is
// Report and the conversation was just found. Report leaves a found conversation as found, and applies later edits.
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

// mirror writes Twilio's answer into the status.
func mirror(s *v1alpha1.ConversationStatus, conv *twilio.Conversation) {
	s.AccountSID, s.ChatServiceSID, s.MessagingServiceSID = conv.AccountSID, conv.ChatServiceSID, conv.MessagingServiceSID
	s.UniqueName, s.FriendlyName, s.State = conv.UniqueName, conv.FriendlyName, v1alpha1.ConversationState(conv.State)
	s.DateCreated, s.DateUpdated = timestamp(conv.DateCreated), timestamp(conv.DateUpdated)
	s.Timers = nil
	if t := conv.Timers; t.DateInactive != nil || t.DateClosed != nil {
		s.Timers = &v1alpha1.TimersStatus{DateInactive: timestamp(t.DateInactive), DateClosed: timestamp(t.DateClosed)}
	}
	if s.URL == "" {
		// The same conversation has one address in its service and another address without the service: the first answer's
		// address stays.
		s.URL = conv.URL
	}
	if l := conv.Links; s.Links == nil && len(l) > 0 {
		s.Links = &v1alpha1.ConversationLinks{Participants: l["participants"], Messages: l["messages"], Webhooks: l["webhooks"], Export: l["export"]}
	}
}

// timestamp has whole seconds, as the API server keeps them.
func timestamp(t *time.Time) *metav1.Time {
	if t == nil {
		return nil
	}
	return new(metav1.NewTime(t.Truncate(time.Second)))
}

// drift writes the differences for the status, which has room for maxDrift of them.
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

// record is the difference as the status shows the difference.
func (d Difference) record() v1alpha1.FieldDrift {
	return v1alpha1.FieldDrift{Field: d.Field, Desired: escape.Shorten(d.Desired, maxDriftValue), Observed: escape.Shorten(d.Observed, maxDriftValue)}
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
