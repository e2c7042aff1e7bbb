// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package model

import (
	"fmt"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// RestsWell says what is not as the spec of an object says in a state of rest; empty: nothing.
func (c *Checker) RestsWell(s *State) string {
	r := c.remotes.at(s.twilio)
	for i := range r.convs {
		owner := r.convs[i].owner
		if owner != 0 && !r.convs[i].leaving && s.fates[owner] == released && !c.recorded(s, &r.convs[i]) {
			return fmt.Sprintf("conversation %d is left behind", r.convs[i].sid)
		}
	}
	if c.doubled(s) && r.bySID(c.digest(s.objects[0].now).sid) != nil {
		return "two objects manage one conversation"
	}
	for i := range s.objects {
		if s.objects[i].there {
			if wrong := c.isAsItSays(s, i); wrong != "" {
				return wrong
			}
		}
	}
	return ""
}

// waitsForSomebody are the reasons with which an object may rest although Twilio is not as its spec says.
var waitsForSomebody = map[string]bool{
	v1alpha1.ReasonUniqueNameTaken: true, v1alpha1.ReasonAlreadyManaged: true, v1alpha1.ReasonConversationClosed: true,
	v1alpha1.ReasonConversationMissing: true, v1alpha1.ReasonAccountMismatch: true,
}

func (c *Checker) isAsItSays(s *State, i int) string {
	conv := c.versions.at(s.objects[i].now)
	d, account := c.digest(s.objects[i].now), &c.Scenario.Accounts[s.account]
	found := c.remotes.at(s.twilio).bySID(d.sid)
	switch {
	case account.Claimed != "" && d.reason == v1alpha1.ReasonAccountNotReady:
		// Twilio named another account than the Secret does.
		return ""
	case d.reason == v1alpha1.ReasonRejected && len(conv.Spec.Validate()) > 0:
		return ""
	case d.reason == v1alpha1.ReasonUniqueNameTaken && d.sid == "" && conv.Spec.Adoption != nil:
		return conv.Name + " does not adopt what it may"
	case d.suspended, waitsForSomebody[d.reason], account.Reason != "" && (d.reason == account.Reason || d.deleting):
		return ""
	case d.deleting:
		return fmt.Sprintf("%s is not let go: %s", conv.Name, d.reason)
	case !d.held && d.sid != "":
		return conv.Name + " has no finalizer"
	case conv.Status.ObservedGeneration != conv.Generation:
		return conv.Name + " rests, and its spec was not looked at"
	case account.Halted || r(found) == string(twilio.StateInitializing):
		return ""
	case d.reason != v1alpha1.ReasonSynced && d.reason != v1alpha1.ReasonClosed:
		return fmt.Sprintf("%s rests as %q", conv.Name, d.reason)
	case found == nil:
		return fmt.Sprintf("%s is %s, and has no conversation", conv.Name, d.reason)
	case conv.Spec.ManagementPolicy != "" || found.state == twilio.StateClosed:
		return ""
	}
	f := plan.Facts{Object: conv.DeepCopy(), Generated: c.names[i], Observed: found.answer(s.tick)}
	if diff := plan.Compare(&f); len(diff.Edits) > 0 || len(diff.Drifts) > 0 {
		return fmt.Sprintf("%s is %s, and %v is not as it says", conv.Name, d.reason, plan.Fields(append(diff.Edits, diff.Drifts...)))
	}
	return ""
}

func r(found *conv) string {
	if found == nil {
		return ""
	}
	return string(found.state)
}
