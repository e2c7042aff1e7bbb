// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"fmt"

	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

func refuseInvalid(d *decision, s *Step) { s.Reason, s.Message = v1alpha1.ReasonRejected, d.invalid() }

func refuseMissing(d *decision, s *Step) {
	s.Reason, s.After = v1alpha1.ReasonConversationMissing, probeStalled
	switch sid := adoptionSID(d.Object); {
	case sid != "":
		s.Message = fmt.Sprintf("Twilio has no conversation %s in %s, and adoption.sid must not be changed: "+
			"delete this object, and create it anew with the right sid.", sid, service(d.Object))
	case d.Object.Status.SID != "":
		s.Message = fmt.Sprintf("Twilio no longer has conversation %s, and managementPolicy %s does not recreate it: "+
			"set Enforce to have a new one, or delete this object.", d.Object.Status.SID, d.policy())
	default:
		s.Message = fmt.Sprintf("Twilio has no conversation with the unique name %q in %s, and Observe creates none: "+
			"set spec.uniqueName to the name of one, or managementPolicy to Enforce to have one created.", d.CreateName(), service(d.Object))
	}
}

func refuseManaged(d *decision, s *Step) {
	s.Reason, s.After = v1alpha1.ReasonAlreadyManaged, probeStalled
	s.Message = fmt.Sprintf("Conversation %s is managed by Conversation %s: delete one of the two objects.", d.Observed.SID, d.ManagedBy)
}

func refuseShared(d *decision, s *Step) {
	s.Reason, s.After, s.forgets = v1alpha1.ReasonAlreadyManaged, probeStalled, true
	s.Message = fmt.Sprintf("Conversation %s is managed by Conversation %s, too, and is left to it: delete one of the two objects.",
		d.Object.Status.SID, d.ManagedBy)
}

func refuseTaken(d *decision, s *Step) {
	s.Reason, s.After = v1alpha1.ReasonUniqueNameTaken, probeStalled
	s.Message = fmt.Sprintf("The unique name %q belongs to conversation %s, which was not made for this object: "+
		"set adoption.policy to IfExists to manage it, or choose another uniqueName.", d.CreateName(), d.Observed.SID)
}

func refuseRename(d *decision, s *Step) {
	s.Reason, s.After = v1alpha1.ReasonUniqueNameTaken, probeStalled
	s.Message = fmt.Sprintf("The unique name %q belongs to conversation %s; conversation %s keeps the name it has: choose another uniqueName.",
		d.CreateName(), d.Observed.SID, d.Object.Status.SID)
}

// keepRefused says what was said when the name was refused.
func keepRefused(d *decision, s *Step) {
	if ready := meta.FindStatusCondition(d.Object.Status.Conditions, v1alpha1.ConditionReady); ready != nil {
		s.Reason, s.Message = ready.Reason, ready.Message
	}
	s.After, s.Drift = probeStalled, d.Drifts
}

func refuseClosed(d *decision, s *Step) {
	s.Reason = v1alpha1.ReasonConversationClosed
	anew := "closedPolicy to Recreate to start a new one, or "
	switch {
	case adoptionSID(d.Object) != "":
		// There never is a new one.
		anew = ""
	case d.policy() != v1alpha1.ManagementPolicyEnforce:
		anew = "managementPolicy to Enforce and " + anew
	}
	s.Message = fmt.Sprintf("Conversation %s is closed for good and takes no changes: set %sstate to closed to leave it.", d.Object.Status.SID, anew)
	s.Drift = d.open()
}

// nameRefused: what the spec says was refused before because somebody else has the unique name.
func (d *decision) nameRefused() bool {
	s := &d.Object.Status
	taken := d.reason() == v1alpha1.ReasonUniqueNameTaken || d.reason() == v1alpha1.ReasonAlreadyManaged
	return taken && s.ObservedGeneration == d.Object.Generation && (s.SID == "" || s.Origin != "")
}

// invalid is what is wrong with the spec, and what to do; empty when nothing is.
func (d *decision) invalid() string {
	if text := attributes(&d.Object.Spec); len(text) > MaxAttributes {
		return fmt.Sprintf("spec.attributes is %d bytes of JSON, and Twilio takes at most %d: shorten it.", len(text), MaxAttributes)
	}
	if errs := d.Object.Spec.Validate(); len(errs) > 0 {
		return errs.ToAggregate().Error()
	}
	return ""
}
