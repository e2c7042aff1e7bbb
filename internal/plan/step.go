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
	// settleSoon is when to look again, at the soonest, at what Twilio is about to finish.
	settleSoon = retry.Settling.For
	// probeStalled is how often the world is asked whether what stalls an object is gone: no user waits for it, and
	// ten thousand stalled objects must not become a flood.
	probeStalled = retry.Stalled.For
)

func none(*decision, *Step) {}

func released(d *decision, s *Step) { s.Target = d.Object.Status.SID }

func waitAccount(d *decision, s *Step) { s.Reason, s.Message = d.Account.Reason, d.Account.Message }

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

func waitUnproven(d *decision, s *Step) {
	s.Reason, s.After = v1alpha1.ReasonAccountMismatch, probeStalled
	s.Message = fmt.Sprintf("Twilio has no conversation %s, and does not tell whether the credentials belong to account %s, which had it: "+
		"let the API key read the configuration of Conversations, or use TWILIO_ACCOUNT_SID with TWILIO_AUTH_TOKEN.",
		cmp.Or(d.Object.Status.SID, strconv.Quote(d.asked)), d.held().AccountSID)
}

func waitForeign(d *decision, s *Step) {
	s.Reason, s.Message = v1alpha1.ReasonAccountMismatch, d.foreignMessage()
}

// foreignMessage says that Twilio answered for another account than the credentials are for.
func (f *Facts) foreignMessage() string {
	return fmt.Sprintf("The credentials belong to account %s, not to %s: correct the Secret of the account.",
		f.Observed.AccountSID, cmp.Or(f.Account.SID, f.Account.Claimed))
}

func waitHalted(d *decision, s *Step) {
	s.Reason = v1alpha1.ReasonProgressing
	s.Message = fmt.Sprintf("Conversation %s is gone at Twilio, like many others of its account. It is not recreated before "+
		"the annotation %s: \"true\" is set on %s.", d.Object.Status.SID, v1alpha1.RecreateVanishedAnnotation, d.Account.Key)
}

func waitInFlight(d *decision, s *Step) {
	waitLost(d, s, "before the object goes")
}

func waitRenamed(d *decision, s *Step) {
	waitLost(d, s, "before another is sent")
}

func waitRename(d *decision, s *Step) {
	waitLost(d, s, "before the name is changed")
}

func waitLost(d *decision, s *Step, before string) {
	lost := d.lost().pending(d.Facts)
	s.Reason, s.After = v1alpha1.ReasonProgressing, max(lost.left(d.Facts), time.Second)
	s.Message = fmt.Sprintf("A create under the unique name %q may still be on its way to Twilio: waiting until that is known %s.", lost.Name, before)
}

func waitName(d *decision, s *Step) {
	s.Reason, s.After = v1alpha1.ReasonProgressing, d.Patience(settleSoon)
	s.Message = fmt.Sprintf("Twilio says that the unique name %q exists, but nobody has it: it is tried again.", d.CreateName())
}

func waitReplaced(d *decision, s *Step) {
	s.Reason = v1alpha1.ReasonProgressing
	s.Message = fmt.Sprintf("Twilio is still deleting conversation %s.", d.Observed.SID)
	s.After = d.Patience(settleSoon)
}

func waitRecorded(d *decision, s *Step) {
	s.Reason = v1alpha1.ReasonProgressing
	s.Message = fmt.Sprintf("Conversation %s was found again; that is recorded before it is changed.", d.Observed.SID)
	s.Drift, s.After = d.open(), time.Second
}

func waitOvertaken(d *decision, s *Step) {
	s.Reason, s.After = v1alpha1.ReasonProgressing, max(d.confirmedIn(), time.Second)
	s.Message = "An earlier edit may still be on its way to Twilio: waiting until that is known before this one is sent."
	s.Drift = d.open()
}

func waitInitializing(d *decision, s *Step) {
	s.Reason = v1alpha1.ReasonProgressing
	s.Message = "Twilio is still setting the conversation up."
	s.After = d.Patience(settleSoon)
}

func lookup(d *decision, s *Step) {
	s.Target = d.CreateName()
	if d.stray() && d.Name == NameUnknown {
		s.Target = d.lost().Name
	}
}

func lookupWanted(d *decision, s *Step) { s.Target = d.CreateName() }

func lookupFormer(d *decision, s *Step) {
	lookup(d, s)
	// The name is that of the create, also where the spec has another by now.
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

// open are all differences that stay. Where nothing was seen, those recorded before still stand.
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

// closedByTimer: a timer explains that it is closed, or it was recorded so and not as drift.
func (d *decision) closedByTimer() bool {
	if d.Observed == nil {
		return d.explainedBefore()
	}
	return d.closedExplained()
}

// lookNeeded: somebody asked, or what is recorded does not suffice to decide.
func (d *decision) lookNeeded() bool {
	s := &d.Object.Status
	if d.Look || d.announced() || d.ClosedAtTwilio || len(d.applied().Unconfirmed) > 0 || s.State == v1alpha1.ConversationState(twilio.StateInitializing) {
		return true
	}
	switch d.reason() {
	case v1alpha1.ReasonConversationMissing, v1alpha1.ReasonAccountMismatch, v1alpha1.ReasonProgressing,
		v1alpha1.ReasonUniqueNameTaken, v1alpha1.ReasonAlreadyManaged, v1alpha1.ReasonNotSelected:
		return true
	case v1alpha1.ReasonTwilioUnavailable:
		if len(d.Edits) == 0 {
			return true
		}
	}
	if d.policy() == v1alpha1.ManagementPolicyObserve {
		return s.ObservedGeneration != d.Object.Generation
	}
	if s.LastApplied == nil || s.Origin == "" {
		return true
	}
	// Recorded drift is to be put right, or to be compared with a spec that changed without anything to send.
	corrects := d.policy() == v1alpha1.ManagementPolicyEnforce && d.state() != twilio.StateClosed
	changed := s.ObservedGeneration != d.Object.Generation && len(d.Edits) == 0
	return len(s.Drift) > 0 && (corrects || changed)
}

// reason of the condition Ready as it was recorded.
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

// updates are the differences that an update would send.
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
