// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"context"
	"fmt"
	"slices"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// managedBy names another object that manages the conversation, or has the better claim to it.
func (p *pass) managedBy(ctx context.Context, found *twilio.Conversation) (string, error) {
	holders, err := p.listLive(ctx, client.MatchingFields{fieldSID: found.SID})
	if err != nil {
		return "", fmt.Errorf("looking for other objects of conversation %s: %w", found.SID, err)
	}
	for i := range holders {
		if other := &holders[i]; other.UID != p.conv.UID && other.Status.Origin != "" {
			return other.Namespace + "/" + other.Name, nil
		}
	}
	if p.conv.Spec.UniqueName == "" || p.facts.Intent == nil {
		return "", nil
	}
	// Two objects may have announced the same name, and neither knows yet whose create took effect: the first goes ahead.
	rivals, err := p.listLive(ctx, client.MatchingFields{fieldUniqueName: p.conv.Spec.UniqueName})
	if err != nil {
		return "", fmt.Errorf("looking for other objects of the name: %w", err)
	}
	for i := range rivals {
		other := &rivals[i]
		if other.UID == p.conv.UID || other.Status.SID != "" || !slices.Contains(other.Finalizers, v1alpha1.Finalizer) {
			continue
		}
		first, err := p.precedes(ctx, other, found)
		if err != nil {
			return "", err
		}
		if first {
			return other.Namespace + "/" + other.Name, nil
		}
	}
	return "", nil
}

// precedes tells whether the conversation may be what another object of the same account announced, and announced
// before this one did.
func (p *pass) precedes(ctx context.Context, other *v1alpha1.Conversation, found *twilio.Conversation) (bool, error) {
	intent := plan.ParseIntent(other.Annotations[v1alpha1.CreateIntentAnnotation])
	if intent == nil || !intent.Before(p.facts.Intent) {
		return false, nil
	}
	acct, _, err := p.resolver.resolve(ctx, other)
	if err != nil || acct == nil || acct.CommonStatus().AccountSID != p.facts.Account.SID {
		return false, err
	}
	claim := plan.Facts{Object: other, Now: p.facts.Now, Intent: intent, Observed: found}
	return claim.Claims(), nil
}
