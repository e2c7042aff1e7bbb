// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package walk

import (
	"context"
	"errors"
	"fmt"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// act carries out one step and adds the answer to the facts.
func (p *Pass) act(ctx context.Context, step plan.Step) error {
	switch step.Verb {
	case plan.Fetch, plan.Lookup:
		return p.fetch(ctx, step)
	case plan.Adopt:
		return p.adopt(ctx)
	case plan.Create:
		return p.create(ctx, step)
	case plan.Update:
		return p.update(ctx, step)
	case plan.Delete:
		return p.delete(ctx, step)
	}
	return fmt.Errorf("step %s is not carried out here", step.Verb)
}

// send sends the request of a step. The answer tells Twilio's time.
func (p *Pass) send(ctx context.Context, step plan.Step) (*twilio.Conversation, error) {
	conv, err := p.world.Send(ctx, step)
	_, p.Facts.TwilioNow = p.world.Clock()
	return conv, err
}

func (p *Pass) fetch(ctx context.Context, step plan.Step) error {
	conv, err := p.send(ctx, step)
	if errors.Is(err, twilio.ErrNotFound) {
		p.Facts.NotFound(step)
		return nil
	}
	if err != nil {
		return err
	}
	p.Facts.Found(step, conv)
	switch {
	case conv.SID != p.Object.Status.SID || p.Object.Status.Origin == "":
		p.Facts.ManagedBy, err = p.managedBy(ctx, conv)
	case p.shared:
		p.Facts.ManagedBy, err = p.olderManager(ctx, conv.SID)
	}
	return err
}

func (p *Pass) delete(ctx context.Context, step plan.Step) error {
	// An erased object has no status: no other process can read that the object had the conversation.
	if p.erased && !p.world.Claim(step.Target) {
		return errClaimed
	}
	switch _, err := p.send(ctx, step); {
	case errors.Is(err, twilio.ErrNotFound):
		p.Facts.NotFound(step)
	case err != nil:
		return err
	default:
		p.Facts.Deleted()
	}
	if !p.Facts.Removed {
		return nil
	}
	// If the record kept the conversation, the conversation would look vanished.
	p.changed = true
	p.world.Remember(func(m *Memory) { m.Deleted = step.Target })
	p.note(v1alpha1.EventDeleted, "Delete", "Deleted conversation %s.", step.Target)
	p.world.Did(ctx, step, step.Target)
	return nil
}
