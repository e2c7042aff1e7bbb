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
)

// Fields by which the API server itself selects Conversations.
const (
	fieldSID        = "status.sid"
	fieldUniqueName = "spec.uniqueName"
)

// Sharers implements [walk.World].
func (p *pass) Sharers(ctx context.Context, sid string) ([]v1alpha1.Conversation, error) {
	holders, err := p.Lists.Everywhere(ctx, client.MatchingFields{fieldSID: sid})
	if err != nil {
		return nil, fmt.Errorf("looking for other objects of conversation %s: %w", sid, err)
	}
	return slices.DeleteFunc(holders, func(c v1alpha1.Conversation) bool { return c.UID == p.conv.UID || c.OwnSID() != sid }), nil
}

// Namesakes implements [walk.World].
func (p *pass) Namesakes(ctx context.Context, name string) ([]v1alpha1.Conversation, error) {
	out, err := p.Lists.Everywhere(ctx, client.MatchingFields{fieldUniqueName: name})
	if err != nil {
		return nil, fmt.Errorf("looking for other objects of the name: %w", err)
	}
	return out, nil
}

// SamePlace implements [walk.World]: two objects may name the same account of Twilio in different ways.
func (p *pass) SamePlace(ctx context.Context, other *v1alpha1.Conversation) (bool, error) {
	acct, _, err := p.Resolver.Resolve(ctx, other)
	if err != nil || acct == nil {
		return false, err
	}
	return tenancy.KeyOf(acct) == p.acct || leads(acct, &p.walk.Facts.Account), nil
}

// leads tells whether another account object leads to the same account of Twilio. Two accounts of which Twilio has not told the
// SID are not known to be the same.
func leads(acct tenancy.Account, to *plan.Account) bool {
	sid := acct.CommonStatus().AccountSID
	return sid != "" && sid == to.SID && tenancy.RegionOf(acct) == to.Region
}
