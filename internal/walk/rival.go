// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package walk

import (
	"context"
	"slices"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// managedBy names another object which manages the conversation, or has the better claim to the conversation.
func (p *Pass) managedBy(ctx context.Context, found *twilio.Conversation) (string, error) {
	others, err := p.world.Sharers(ctx, found.SID)
	if err != nil {
		return "", err
	}
	for i := range others {
		if other := &others[i]; other.Status.Origin != "" {
			return fullName(other), nil
		}
	}
	if p.Object.Spec.UniqueName == "" || p.Facts.Intent == nil {
		return "", nil
	}
	return p.announcedBy(ctx, found)
}

// olderManager names an older object which manages the conversation too.
func (p *Pass) olderManager(ctx context.Context, sid string) (string, error) {
	others, err := p.world.Sharers(ctx, sid)
	if err != nil {
		return "", err
	}
	for i := range others {
		if other := &others[i]; other.Status.Origin != "" && Precedes(other, p.Object) {
			return fullName(other), nil
		}
	}
	return "", nil
}

// announcedBy names another object which announced the name of the conversation, and whose create made the
// conversation, or may have made the conversation before this object's create: neither object knows yet whose create
// took effect, and the first object goes ahead.
func (p *Pass) announcedBy(ctx context.Context, found *twilio.Conversation) (string, error) {
	rivals, err := p.world.Namesakes(ctx, p.Object.Spec.UniqueName)
	if err != nil {
		return "", err
	}
	for i := range rivals {
		other := &rivals[i]
		if other.UID == p.Object.UID || other.OwnSID() != "" || !slices.Contains(other.Finalizers, v1alpha1.Finalizer) {
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
func (p *Pass) goesFirst(ctx context.Context, other *v1alpha1.Conversation, found *twilio.Conversation) (bool, error) {
	intent := plan.ParseIntent(other.Annotations[v1alpha1.CreateIntentAnnotation])
	if intent == nil {
		return false, nil
	}
	if plan.Bears(found, intent) {
		return true, nil
	}
	if plan.Bears(found, p.Facts.Intent) || !intent.Before(p.Facts.Intent) {
		return false, nil
	}
	// Only in the same service do the two objects want the same name.
	if other.Spec.ChatServiceSID != p.Object.Spec.ChatServiceSID {
		return false, nil
	}
	same, err := p.world.SamePlace(ctx, other)
	if err != nil || !same {
		return false, err
	}
	claim := (&Start{}).facts(other, p.Facts.Now)
	claim.TwilioNow, claim.Account, claim.Observed = p.Facts.TwilioNow, p.Facts.Account, found
	return claim.Claims(), nil
}

func fullName(conv *v1alpha1.Conversation) string { return conv.Namespace + "/" + conv.Name }

// Precedes orders two objects in the same way for every caller: the object created first has the better claim.
func Precedes(a, b *v1alpha1.Conversation) bool {
	if !a.CreationTimestamp.Equal(&b.CreationTimestamp) {
		return a.CreationTimestamp.Before(&b.CreationTimestamp)
	}
	return a.UID < b.UID
}
