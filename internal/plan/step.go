// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/retry"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

var (
	// settleSoon is when to look again, at the soonest, while Twilio is about to finish a change.
	settleSoon = retry.Settling.For
	// probeStalled is how often the operator asks whether the cause of a stall is gone. The pause is long, because no user
	// waits for the answer, and ten thousand stalled objects must not become a flood.
	probeStalled = retry.Stalled.For
)

// none is for rows whose verb says everything.
func none(*decision, *Step) {}

// released names the conversation which stays at Twilio, for the event.
func released(d *decision, s *Step) { s.Target = d.Object.Status.SID }

func waitAccount(d *decision, s *Step) { s.Reason, s.Message = d.Account.Reason, d.Account.Message }

// waitMismatch waits without a time to look again: a change of the account wakes the object.
func waitMismatch(d *decision, s *Step) {
	s.Reason = v1alpha1.ReasonAccountMismatch
	held := d.held()
	if is, was := region(d.Account.Region), region(held.Region); is != was {
		s.Message = fmt.Sprintf("The account leads to Region %s, but the conversation was made in %s: restore the account's region and credentials.", is, was)
		return
	}
	s.Message = fmt.Sprintf("The credentials belong to account %s, but the conversation was made in %s: restore credentials of that account.",
		d.Account.SID, held.AccountSID)
}

// region is the name of a Region.
func region(name string) string { return cmp.Or(name, v1alpha1.DefaultRegion) }

// waitUnproven waits, because a 404 of an unknown account proves nothing: the conversation may exist in the account of
// the record.
func waitUnproven(d *decision, s *Step) {
	s.Reason, s.After = v1alpha1.ReasonAccountMismatch, probeStalled
	s.Message = fmt.Sprintf("Twilio has no conversation %s, and does not tell whether the credentials belong to account %s, which had it: "+
		"let the API key read the configuration of Conversations, or use TWILIO_ACCOUNT_SID with TWILIO_AUTH_TOKEN.",
		cmp.Or(d.Object.Status.SID, strconv.Quote(d.asked)), d.held().AccountSID)
}

// waitForeign waits, because every answer is about another account's conversations: the credentials have to be
// corrected first.
func waitForeign(d *decision, s *Step) {
	s.Reason, s.Message = v1alpha1.ReasonAccountMismatch, d.foreignMessage()
}

// foreignMessage is the message about an answer for another account than the credentials are for.
func (f *Facts) foreignMessage() string {
	return fmt.Sprintf("The credentials belong to account %s, not to %s: correct the Secret of the account.",
		f.Observed.AccountSID, cmp.Or(f.Account.SID, f.Account.Claimed))
}

// waitHalted waits for the user's consent, without a time to look again: the annotation on the account wakes the
// object.
func waitHalted(d *decision, s *Step) {
	s.Reason = v1alpha1.ReasonProgressing
	s.Message = fmt.Sprintf("Conversation %s is gone at Twilio, like many others of its account. It is not recreated before "+
		"the annotation %s: \"true\" is set on %s.", d.Object.Status.SID, v1alpha1.RecreateVanishedAnnotation, d.Account.Key)
}

// waitInFlight waits, because a create which arrives after the object's end would leave a conversation without an
// object.
func waitInFlight(d *decision, s *Step) {
	waitLost(d, s, "before the object goes")
}

// waitRenamed waits, because a create under the new name could make a second conversation.
func waitRenamed(d *decision, s *Step) {
	waitLost(d, s, "before another is sent")
}

// waitRename waits, because Twilio refuses the lost create only as long as the conversation has the name.
func waitRename(d *decision, s *Step) {
	waitLost(d, s, "before the name is changed")
}

// waitLost waits until the create can no longer take effect. A second is the least, so that passes do not
// follow each other without a pause.
func waitLost(d *decision, s *Step, before string) {
	lost := d.lost().pending(d.Facts)
	s.Reason, s.After = v1alpha1.ReasonProgressing, max(lost.left(d.Facts), time.Second)
	s.Message = fmt.Sprintf("A create under the unique name %q may still be on its way to Twilio: waiting until that is known %s.", lost.Name, before)
}

// waitName waits, because Twilio's answers contradict each other while a deletion or a create is under way.
func waitName(d *decision, s *Step) {
	s.Reason, s.After = v1alpha1.ReasonProgressing, d.Patience(settleSoon)
	s.Message = fmt.Sprintf("Twilio says that the unique name %q exists, but nobody has it: it is tried again.", d.CreateName())
}

// waitReplaced waits, because the deleted conversation keeps its name, which the new conversation needs, until Twilio
// is done.
func waitReplaced(d *decision, s *Step) {
	s.Reason = v1alpha1.ReasonProgressing
	s.Message = fmt.Sprintf("Twilio is still deleting conversation %s.", d.Observed.SID)
	s.After = d.Patience(settleSoon)
}

// waitRecorded ends the pass for one write of the status. The next pass then believes the record, and needs neither the
// name nor the announcement to prove whose conversation it is.
func waitRecorded(d *decision, s *Step) {
	s.Reason = v1alpha1.ReasonProgressing
	s.Message = fmt.Sprintf("Conversation %s was found again; that is recorded before it is changed.", d.Observed.SID)
	s.Drift, s.After = d.open(), time.Second
}

// waitOvertaken waits until the earlier update can no longer take effect, or has an answer.
func waitOvertaken(d *decision, s *Step) {
	s.Reason, s.After = v1alpha1.ReasonProgressing, max(d.confirmedIn(), time.Second)
	s.Message = "An earlier edit may still be on its way to Twilio: waiting until that is known before this one is sent."
	s.Drift = d.open()
}

// waitInitializing waits, because Twilio refuses updates of a conversation which is not set up yet (50386).
func waitInitializing(d *decision, s *Step) {
	s.Reason = v1alpha1.ReasonProgressing
	s.Message = "Twilio is still setting the conversation up."
	s.After = d.Patience(settleSoon)
}

// lookup asks for the name of the spec, but first for the name of a create with an unknown outcome: the user may have
// changed the name since the create.
func lookup(d *decision, s *Step) {
	s.Target = d.CreateName()
	if d.stray() && d.Name == NameUnknown {
		s.Target = d.lost().Name
	}
}

func lookupWanted(d *decision, s *Step) { s.Target = d.CreateName() }

// lookupFormer asks in an earlier default service, which may have been the default when the create was sent.
func lookupFormer(d *decision, s *Step) {
	lookup(d, s)
	// The name is the name of the create, even if the spec has another name by now.
	s.Target = cmp.Or(d.asked, s.Target)
	s.Service, s.former = d.formerService(), true
}

func fetchNamed(d *decision, s *Step) { s.Target = adoptionSID(d.Object) }

func fetchKnown(d *decision, s *Step) { s.Target = d.Object.Status.SID }

func deleteKnown(d *decision, s *Step) { s.Target = d.Object.Status.SID }

func deleteFound(d *decision, s *Step) { s.Target = d.Observed.SID }

func create(d *decision, s *Step) {
	s.Params = CreateParams(d.Facts)
	s.Target = d.CreateName()
}

// update sends edits and, under Enforce, drift in one request: each request costs a seat, and may be lost on its own.
func update(d *decision, s *Step) {
	s.Target = d.Object.Status.SID
	s.Differences = d.updates()
	s.Corrects = d.policy() == v1alpha1.ManagementPolicyEnforce && len(d.Drifts) > 0
	s.Params = Params(d.Facts, s.Differences)
	s.Drift = d.Drifts
	if d.Object.Status.LastApplied == nil {
		s.Drift = d.open()
	}
	s.Kept = d.Kept
}

// keepSynced says Synced even with differences: the policies Report and Observe ask only to report them.
func keepSynced(d *decision, s *Step) {
	s.Reason, s.Message = v1alpha1.ReasonSynced, "Twilio has what the spec says."
	s.Drift = d.open()
	if len(s.Drift) > 0 {
		s.Message = "Twilio differs from the spec; status.drift says how. It is only reported."
	}
}

func keepApplied(d *decision, s *Step) {
	keepSynced(d, s)
	s.Kept = d.Kept
}

// keepClosed says Closed, not Synced: the conversation takes no further change, even where the spec has the same
// values.
func keepClosed(d *decision, s *Step) {
	s.Reason, s.Message = v1alpha1.ReasonClosed, "The conversation is closed."
	if d.wantsOpen() && d.closedByTimer() {
		s.Message = "The conversation was closed by its timer."
	}
	s.Drift = d.open()
	if d.accepts() {
		s.Kept = d.Kept
	}
}

// open are all differences which stay. Without an answer in this pass, the recorded differences still stand.
func (d *decision) open() []Difference {
	if d.Observed == nil {
		out := make([]Difference, 0, len(d.Object.Status.Drift))
		for _, r := range d.Object.Status.Drift {
			out = append(out, Difference{Field: r.Field, Desired: r.Desired, Observed: r.Observed})
		}
		return out
	}
	return append(append([]Difference(nil), d.Edits...), d.Drifts...)
}

// closedByTimer: a timer explains why the conversation is closed, now or by the record.
func (d *decision) closedByTimer() bool {
	if d.Observed == nil {
		return d.explainedBefore()
	}
	return d.closedExplained()
}

// lookNeeded: a look was asked for, or the record does not suffice for a decision.
func (d *decision) lookNeeded() bool {
	s := &d.Object.Status
	if d.Look || d.announced() || d.ClosedAtTwilio || len(d.applied().Unconfirmed) > 0 || s.State == v1alpha1.ConversationState(twilio.StateInitializing) {
		return true
	}
	switch d.reason() {
	// After these reasons, the record may be older than the last change at Twilio.
	case v1alpha1.ReasonConversationMissing, v1alpha1.ReasonAccountMismatch, v1alpha1.ReasonProgressing,
		v1alpha1.ReasonUniqueNameTaken, v1alpha1.ReasonAlreadyManaged, v1alpha1.ReasonNotSelected:
		return true
	case v1alpha1.ReasonTwilioUnavailable:
		// An edit needs no look: the answer to its update shows the conversation.
		if len(d.Edits) == 0 {
			return true
		}
	}
	// Observe looks after each change of the spec. In between, the drift check keeps the record true.
	if d.policy() == v1alpha1.ManagementPolicyObserve {
		return s.ObservedGeneration != d.Object.Generation
	}
	if s.LastApplied == nil || s.Origin == "" {
		return true
	}
	// Recorded drift needs a correction, or a comparison with a changed spec which has no field to send.
	corrects := d.policy() == v1alpha1.ManagementPolicyEnforce && d.state() != twilio.StateClosed
	changed := s.ObservedGeneration != d.Object.Generation && len(d.Edits) == 0
	return len(s.Drift) > 0 && (corrects || changed)
}

// reason is the recorded reason of the condition Ready.
func (d *decision) reason() string {
	if ready := meta.FindStatusCondition(d.Object.Status.Conditions, v1alpha1.ConditionReady); ready != nil {
		return ready.Reason
	}
	return ""
}

// renames: an update would change the unique name.
func (d *decision) renames() bool {
	return slices.ContainsFunc(d.updates(), func(c Difference) bool { return c.Field == FieldUniqueName })
}

// changesMore: an update would change another field.
func (d *decision) changesMore() bool {
	return slices.ContainsFunc(d.updates(), func(c Difference) bool { return c.Field != FieldUniqueName })
}

// updates are the differences which an update would send.
func (d *decision) updates() []Difference {
	if d.policy() != v1alpha1.ManagementPolicyEnforce {
		return d.Edits
	}
	return slices.Concat(d.Edits, d.Drifts)
}

func (d *decision) finalized() bool {
	return slices.Contains(d.Object.Finalizers, v1alpha1.Finalizer)
}

func service(c *v1alpha1.Conversation) string {
	if c.Spec.ChatServiceSID != "" {
		return "service " + c.Spec.ChatServiceSID
	}
	return "the account's default service"
}
