// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package conversation

import (
	"context"
	"errors"

	corev1 "k8s.io/api/core/v1"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

// errContested: an object of another manager is about to adopt the same conversation, and has not seen yet that this
// object goes first.
var errContested = errors.New("another object is adopting the same conversation at the same time")

// adopt takes the found conversation. Two objects, perhaps of two managers, may find the same conversation at the same
// time: each object says in its status that the object is adopting, and then looks for other objects whose status says
// the same. The later look sees the other object, so the two never both go on.
func (p *pass) adopt(ctx context.Context) error {
	if err := p.hold(ctx, nil); err != nil {
		return err
	}
	found := p.facts.Observed
	if !p.memory.claim(found.SID, p.conv.UID) {
		return errClaimed
	}
	// The last owner of the claim has recorded the conversation as its own by now.
	var err error
	if p.facts.ManagedBy, err = p.managedBy(ctx, found); err == nil && p.facts.ManagedBy == "" {
		err = p.contend(ctx)
	}
	if err != nil || p.facts.ManagedBy != "" {
		p.memory.giveUp(found.SID, p.conv.UID)
		return err
	}
	p.facts.Adopted()
	p.changed = true
	switch p.conv.Status.Origin {
	case v1alpha1.OriginCreated:
		p.note(corev1.EventTypeNormal, v1alpha1.EventAdopted, "Adopt", "Found conversation %s, which was made for this object.", found.SID)
	case v1alpha1.OriginAdopted:
		p.note(corev1.EventTypeNormal, v1alpha1.EventAdopted, "Adopt", "Adopted conversation %s.", found.SID)
	}
	return nil
}

// contend records the adoption of the conversation, and then looks whether another object adopts, or has adopted, the
// same conversation. Several objects may observe one conversation.
func (p *pass) contend(ctx context.Context) error {
	if p.conv.Spec.ManagementPolicy == v1alpha1.ManagementPolicyObserve || p.ghost {
		return nil
	}
	status := p.conv.Status.DeepCopy()
	defer func() { p.conv.Status = *status }()
	p.facts.Contend()
	if err := p.patchStatus(ctx); err != nil {
		return err
	}
	sid := p.facts.Observed.SID
	others, err := p.sharers(ctx, sid)
	if err != nil {
		return err
	}
	for i := range others {
		switch other := &others[i]; {
		case other.Status.Origin != "", other.Status.Adopting && Precedes(other, p.conv):
			p.facts.ManagedBy = fullName(other)
			return nil
		case other.Status.Adopting:
			return errContested
		}
	}
	return nil
}
