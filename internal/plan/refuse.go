// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"fmt"

	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

// refuseInvalid sends no request: Twilio would refuse the values.
func refuseInvalid(d *decision, s *Step) { s.Reason, s.Message = v1alpha1.ReasonRejected, d.invalid() }

// refuseMissing stalls, because neither adoption.sid nor Report nor Observe lets the operator create a conversation. A
// conversation may come to exist, so the operator looks again after probeStalled.
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

// refuseManaged stalls: one object manages a conversation, or two specs would overwrite each other's values for ever.
func refuseManaged(d *decision, s *Step) {
	s.Reason, s.After = v1alpha1.ReasonAlreadyManaged, probeStalled
	s.Message = fmt.Sprintf("Conversation %s is managed by Conversation %s: delete one of the two objects.", d.Observed.SID, d.ManagedBy)
}

// refuseShared makes the younger object forget the conversation, so that the deletion of the younger object does not
// delete the conversation of the older object.
func refuseShared(d *decision, s *Step) {
	s.Reason, s.After, s.forgets = v1alpha1.ReasonAlreadyManaged, probeStalled, true
	s.Message = fmt.Sprintf("Conversation %s is managed by Conversation %s, too, and is left to it: delete one of the two objects.",
		d.Object.Status.SID, d.ManagedBy)
}

// refuseTaken stalls: the operator changes no conversation of another owner without the user's consent, which is
// adoption.policy.
func refuseTaken(d *decision, s *Step) {
	s.Reason, s.After = v1alpha1.ReasonUniqueNameTaken, probeStalled
	s.Message = fmt.Sprintf("The unique name %q belongs to conversation %s, which was not made for this object: "+
		"set adoption.policy to IfExists to manage it, or choose another uniqueName.", d.CreateName(), d.Observed.SID)
}

// refuseRename stalls although the object has its conversation. The conversation keeps its name.
func refuseRename(d *decision, s *Step) {
	s.Reason, s.After = v1alpha1.ReasonUniqueNameTaken, probeStalled
	s.Message = fmt.Sprintf("The unique name %q belongs to conversation %s; conversation %s keeps the name it has: choose another uniqueName.",
		d.CreateName(), d.Observed.SID, d.Object.Status.SID)
}

// keepRefused keeps the recorded message of the refused name: without a new lookup, the earlier message is the best
// knowledge.
func keepRefused(d *decision, s *Step) {
	if ready := meta.FindStatusCondition(d.Object.Status.Conditions, v1alpha1.ConditionReady); ready != nil {
		s.Reason, s.Message = ready.Reason, ready.Message
	}
	s.After, s.Drift = probeStalled, d.Drifts
}

// refuseClosed stalls: Twilio cannot reopen a conversation, so only a new conversation, or another spec, helps.
func refuseClosed(d *decision, s *Step) {
	s.Reason = v1alpha1.ReasonConversationClosed
	anew := "closedPolicy to Recreate to start a new one, or "
	switch {
	case adoptionSID(d.Object) != "":
		// With adoption.sid the operator never makes a new conversation.
		anew = ""
	case d.policy() != v1alpha1.ManagementPolicyEnforce:
		anew = "managementPolicy to Enforce and " + anew
	}
	s.Message = fmt.Sprintf("Conversation %s is closed for good and takes no changes: set %sstate to closed to leave it.", d.Object.Status.SID, anew)
	s.Drift = d.open()
}

// nameRefused: the present spec was refused before because another owner has the unique name.
func (d *decision) nameRefused() bool {
	s := &d.Object.Status
	taken := d.reason() == v1alpha1.ReasonUniqueNameTaken || d.reason() == v1alpha1.ReasonAlreadyManaged
	return taken && s.ObservedGeneration == d.Object.Generation && (s.SID == "" || s.Origin != "")
}

// invalid says how the spec is wrong, and how to correct the spec; empty for a valid spec. The CRD does not limit
// the length of the attributes.
func (d *decision) invalid() string {
	if text := attributes(&d.Object.Spec); len(text) > MaxAttributes {
		return fmt.Sprintf("spec.attributes is %d bytes of JSON, and Twilio takes at most %d: shorten it.", len(text), MaxAttributes)
	}
	if errs := d.Object.Spec.Validate(); len(errs) > 0 {
		return errs.ToAggregate().Error()
	}
	return ""
}
