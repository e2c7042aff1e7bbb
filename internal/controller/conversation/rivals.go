// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package conversation

import (
	"context"
	"fmt"
	"slices"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/tenancy"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// Fields by which the API server itself selects Conversations.
const (
	fieldSID        = "status.sid"
	fieldUniqueName = "spec.uniqueName"
)

// sharers are the other objects whose own record has the conversation.
func (p *pass) sharers(ctx context.Context, sid string) ([]v1alpha1.Conversation, error) {
	holders, err := p.Lists.Everywhere(ctx, client.MatchingFields{fieldSID: sid})
	if err != nil {
		return nil, fmt.Errorf("looking for other objects of conversation %s: %w", sid, err)
	}
	return slices.DeleteFunc(holders, func(c v1alpha1.Conversation) bool { return c.UID == p.conv.UID || c.OwnSID() != sid }), nil
}

// managedBy names another object which manages the conversation, or has the better claim to the conversation.
func (p *pass) managedBy(ctx context.Context, found *twilio.Conversation) (string, error) {
	others, err := p.sharers(ctx, found.SID)
	if err != nil {
		return "", err
	}
	for i := range others {
		if other := &others[i]; other.Status.Origin != "" {
			return fullName(other), nil
		}
	}
	if p.conv.Spec.UniqueName == "" || p.facts.Intent == nil {
		return "", nil
	}
	return p.announcedBy(ctx, found)
}

// olderManager names an older object which manages the conversation too.
func (p *pass) olderManager(ctx context.Context, sid string) (string, error) {
	others, err := p.sharers(ctx, sid)
	if err != nil {
		return "", err
	}
	for i := range others {
		if other := &others[i]; other.Status.Origin != "" && Precedes(other, p.conv) {
			return fullName(other), nil
		}
	}
	return "", nil
}

// announcedBy names another object which announced the name of the conversation, and whose create made the
// conversation, or may have made the conversation before this object's create: neither object knows yet whose create
// took effect, and the first object goes ahead.
func (p *pass) announcedBy(ctx context.Context, found *twilio.Conversation) (string, error) {
	rivals, err := p.Lists.Everywhere(ctx, client.MatchingFields{fieldUniqueName: p.conv.Spec.UniqueName})
	if err != nil {
		return "", fmt.Errorf("looking for other objects of the name: %w", err)
	}
	for i := range rivals {
		other := &rivals[i]
		if other.UID == p.conv.UID || other.OwnSID() != "" || !slices.Contains(other.Finalizers, v1alpha1.Finalizer) {
			continue
		}
		first, err := p.goesFirst(ctx, other, found)
		if err != nil {
			return "", err
		}
		if first {
			return fullName(other), nil
		}
	}
	return "", nil
}

// goesFirst tells whether the conversation is, or may be, the announced conversation of another object for the same
// place.
func (p *pass) goesFirst(ctx context.Context, other *v1alpha1.Conversation, found *twilio.Conversation) (bool, error) {
	intent := plan.ParseIntent(other.Annotations[v1alpha1.CreateIntentAnnotation])
	if intent == nil {
		return false, nil
	}
	if plan.Bears(found, intent) {
		return true, nil
	}
	if plan.Bears(found, p.facts.Intent) || !intent.Before(p.facts.Intent) {
		return false, nil
	}
	same, err := p.samePlace(ctx, other)
	if err != nil || !same {
		return false, err
	}
	claim := plan.Facts{Object: other, Now: p.facts.Now, TwilioNow: p.facts.TwilioNow, Account: p.facts.Account, Intent: intent, Observed: found}
	return claim.Claims(), nil
}

// samePlace tells whether the two objects are to have their conversations in the same service of the same Twilio
// account: only in the same service do the two objects want the same name.
func (p *pass) samePlace(ctx context.Context, other *v1alpha1.Conversation) (bool, error) {
	if other.Spec.ChatServiceSID != p.conv.Spec.ChatServiceSID {
		return false, nil
	}
	acct, _, err := p.Resolver.Resolve(ctx, other)
	if err != nil || acct == nil {
		return false, err
	}
	if tenancy.KeyOf(acct) == p.acct {
		return true, nil
	}
	sid := acct.CommonStatus().AccountSID
	return sid != "" && sid == p.facts.Account.SID && tenancy.RegionOf(acct) == p.facts.Account.Region, nil
}

func fullName(conv *v1alpha1.Conversation) string { return conv.Namespace + "/" + conv.Name }

// Precedes orders two objects in the same way for every caller: the object created first has the better claim.
func Precedes(a, b *v1alpha1.Conversation) bool {
	if !a.CreationTimestamp.Equal(&b.CreationTimestamp) {
		return a.CreationTimestamp.Before(&b.CreationTimestamp)
	}
	return a.UID < b.UID
}
