// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package conversation

import (
	"context"
	"errors"

	corev1 "k8s.io/api/core/v1"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

// errContested: an object of another manager is about to adopt the same conversation, and has yet to see that this one
// goes first.
var errContested = errors.New("another object is adopting the same conversation at the same time")

// adopt takes the conversation that was found. Two objects, of two managers perhaps, may find the same one at the same
// time: each says in its status that it is adopting, and then looks for others who say so. Who looks later sees the
// other, so that never both go on.
func (p *pass) adopt(ctx context.Context) error {
	if err := p.hold(ctx, nil); err != nil {
		return err
	}
	found := p.facts.Observed
	if !p.memory.claim(found.SID, p.conv.UID) {
		return errClaimed
	}
	// Whoever had the claim until now has recorded the conversation as its own.
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

// contend records that the object is adopting the conversation, and then looks whether another object is, or has done so.
// What is only observed may have several observers.
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
