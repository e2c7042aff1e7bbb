// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package walk

import (
	"context"
	"errors"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

var (
	// errClaimed: another pass of this process took the conversation and is about to record the conversation. The next look
	// shows the record.
	errClaimed = errors.New("another object is taking this conversation")
	// errContested: an object of another manager is about to adopt the same conversation, and has not seen yet that this
	// object goes first.
	errContested = errors.New("another object is adopting the same conversation at the same time")
	// errOverruled: another manager of the object wrote the status after this pass said there that the object is adopting.
	// The manager may have left the conversation to another object.
	errOverruled = errors.New("another manager decided about the adoption meanwhile")
)

// adopt takes the found conversation. Two objects, perhaps of two managers, may find the same conversation at the same
// time: each object says in its status that the object is adopting, and then looks for other objects whose status says
// the same. The later look sees the other object, so the two never both go on.
func (p *Pass) adopt(ctx context.Context) error {
	if err := p.hold(ctx, nil); err != nil {
		return err
	}
	found := p.Facts.Observed
	if !p.world.Claim(found.SID) {
		return errClaimed
	}
	// The last owner of the claim has recorded the conversation as its own by now.
	var err error
	if p.Facts.ManagedBy, err = p.managedBy(ctx, found); err == nil && p.Facts.ManagedBy == "" {
		err = p.contend(ctx)
	}
	if err != nil || p.Facts.ManagedBy != "" {
		p.world.GiveUp(found.SID)
		return err
	}
	p.Facts.Adopted()
	p.changed = true
	switch p.Object.Status.Origin {
	case v1alpha1.OriginCreated:
		p.note(v1alpha1.EventAdopted, "Adopt", "Found conversation %s, which was made for this object.", found.SID)
	case v1alpha1.OriginAdopted:
		p.note(v1alpha1.EventAdopted, "Adopt", "Adopted conversation %s.", found.SID)
	}
	return nil
}

// contend records the adoption of the conversation, and then looks whether another object adopts, or has adopted, the
// same conversation. Several objects may observe one conversation.
func (p *Pass) contend(ctx context.Context) error {
	if p.Object.Spec.ManagementPolicy == v1alpha1.ManagementPolicyObserve {
		return nil
	}
	status := p.Object.Status.DeepCopy()
	defer func() { p.Object.Status = *status }()
	p.Facts.Contend()
	if err := p.patchStatus(ctx); err != nil {
		return err
	}
	p.contends = true
	others, err := p.world.Sharers(ctx, p.Facts.Observed.SID)
	if err != nil {
		return err
	}
	for i := range others {
		switch other := &others[i]; {
		case other.Status.Origin != "", other.Status.Adopting && Precedes(other, p.Object):
			p.Facts.ManagedBy = fullName(other)
			return nil
		case other.Status.Adopting:
			return errContested
		}
	}
	return nil
}
