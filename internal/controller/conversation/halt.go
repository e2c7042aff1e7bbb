// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package conversation

import (
	"context"
	"strings"

	"sigs.k8s.io/controller-runtime/pkg/event"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/condition"
	"github.com/conversations-operator/conversations-operator/internal/controller/account"
	"github.com/conversations-operator/conversations-operator/internal/controller/vanished"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/tenancy"
)

// halts tells whether the step would replace a conversation although too many conversations vanished. halts does not
// count conversations found by a drift check: the drift check counts them.
func (p *pass) halts(ctx context.Context, step plan.Step) (bool, error) {
	if step.Verb != plan.Create || !p.walk.Facts.Gone || p.walk.Facts.Removed || !Present(p.walk.Before) {
		return false, nil
	}
	if p.memory.recall(p.conv).hint != nil {
		return false, nil
	}
	of := account.WhoseLoss(p.acct, p.live)
	p.Registry.Vanished.Note(of, p.conv.UID, vanished.Loss{Account: p.acct})
	if is, err := p.Registry.TooMany(ctx, p.Resolver, p.acct, of); err != nil || !is {
		return false, err
	}
	p.Registry.Halt(p.acct)
	select {
	case p.Halting[p.acct.Kind] <- event.TypedGenericEvent[tenancy.Key]{Object: p.acct}:
	case <-ctx.Done():
	}
	return true, nil
}

// HeldBack tells whether the object's status says: the conversation is among too many which vanished.
func HeldBack(conv *v1alpha1.Conversation) bool {
	ready := condition.ReadyOf(conv.Status.Conditions)
	return ready.Reason == v1alpha1.ReasonProgressing && strings.Contains(ready.Message, v1alpha1.RecreateVanishedAnnotation)
}

// Present tells whether the conversation existed as far as its object knows. A closed conversation which the operator
// replaces does not count as present: the operator may have deleted the conversation for the replacement.
func Present(conv *v1alpha1.Conversation) bool {
	s := &conv.Status
	replaced := conv.Spec.ClosedPolicy == v1alpha1.ClosedPolicyRecreate && (s.State == v1alpha1.StateClosed || s.LastApplied == nil)
	return conv.OwnSID() != "" && !replaced && !HeldBack(conv) && condition.ReadyOf(s.Conditions).Reason != v1alpha1.ReasonConversationMissing
}
