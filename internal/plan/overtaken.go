// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"slices"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

// Overtaken adds the status which another manager wrote while this pass was under way; now is the object with that status. A
// status for the same spec, or an earlier one, adds nothing, unless it has the conversation of which this pass knows nothing.
func (f *Facts) Overtaken(now *v1alpha1.Conversation) {
	s, later := &f.Object.Status, now.Status.DeepCopy()
	if s.SID == "" && now.OwnSID() != "" {
		// If this pass deleted the recorded conversation, the next pass finds the conversation missing.
		*s = *later
		return
	}
	if later.ObservedGeneration <= s.ObservedGeneration {
		return
	}
	switch now.OwnSID() {
	case s.SID:
		// The order of the two managers' writes at Twilio is unknown.
		f.markSent(later)
		*s = *later
	case "":
		// The other manager looked at the later spec, and knows no conversation. The record of this pass says what the
		// conversation has, the conditions of the other manager say how far the later spec is.
		s.ObservedGeneration, s.Conditions = later.ObservedGeneration, later.Conditions
	}
}

// markSent marks, in another manager's record, the fields sent by this pass: they may have reached Twilio after the fields
// sent by the other manager.
func (f *Facts) markSent(later *v1alpha1.ConversationStatus) {
	if later.LastApplied == nil {
		return
	}
	fields := append(Fields(slices.Concat(f.Sent, f.unanswered)), later.LastApplied.Unconfirmed...)
	slices.Sort(fields)
	later.LastApplied.Unconfirmed = slices.Compact(fields)
}
