// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package walk

import (
	"context"
	"errors"
	"time"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// announceTries bounds how often a create is announced anew because the write of the announcement took too long.
const announceTries = 3

// errSlow: the API server did not take the announcement of the create in time.
var errSlow = errors.New("the API server takes so long for a write that nothing can be sent to Twilio under it")

// create announces the conversation in the object and then creates the conversation. The announcement fails if any
// client, this process included, wrote the object since the pass read the object.
func (p *Pass) create(ctx context.Context, step plan.Step) error {
	if err := p.announce(ctx); err != nil || !p.Object.DeletionTimestamp.IsZero() {
		return err
	}
	// Unsent means: no request under the announcement had an effect. From here on, this request may have an effect.
	p.world.Remember(func(m *Memory) { m.CreateUnsent = time.Time{} })
	p.Facts.Unsent = false
	replaces, intent := p.Object.Status.SID, p.Facts.Intent
	step.Params = intent.Signed(step.Params)
	conv, err := p.send(ctx, step)
	switch {
	case errors.Is(err, twilio.ErrExists):
		p.Facts.Exists(step)
		p.world.Remember(func(m *Memory) { m.CreateRefused = intent.Time })
		return nil
	case err != nil:
		p.notCreated(err)
		return err
	}
	p.Marked = p.Marked || plan.Bears(conv, intent)
	if !p.world.Claim(conv.SID) {
		return errClaimed
	}
	if !p.Facts.Created(conv) {
		return nil
	}
	p.world.Remember(func(m *Memory) { m.Deleted = "" })
	p.changed = true
	if replaces != "" {
		p.note(v1alpha1.EventRecreated, "Create", "Created conversation %s in place of %s.", conv.SID, replaces)
	} else {
		p.note(v1alpha1.EventCreated, "Create", "Created conversation %s.", conv.SID)
	}
	p.world.Did(ctx, step, conv.SID)
	return nil
}

// announce records the create in the object, soon enough before the request: the time of the record tells when the
// create can no longer take effect.
func (p *Pass) announce(ctx context.Context) error {
	for range announceTries {
		p.Facts.Now, p.Facts.TwilioNow = p.world.Clock()
		if p.Facts.Fresh() {
			return nil
		}
		intent := plan.NewIntent(&p.Facts)
		if err := p.hold(ctx, &intent); err != nil || !p.Object.DeletionTimestamp.IsZero() {
			return err
		}
	}
	p.Facts.Now, _ = p.world.Clock()
	if p.Facts.Fresh() {
		return nil
	}
	return errSlow
}

// notCreated notes how an error settles the announced create.
func (p *Pass) notCreated(err error) {
	e, ok := errors.AsType[*twilio.Error](err)
	switch {
	case !ok || twilio.Ambiguous(err):
	case !e.Sent(), errors.Is(err, twilio.ErrThrottled):
		p.Facts.Unsent = true
		p.world.Remember(func(m *Memory) { m.CreateUnsent = p.Facts.Intent.Time })
	default:
		p.Facts.Refused()
		p.world.Remember(func(m *Memory) { m.CreateRefused = p.Facts.Intent.Time })
	}
}

// takeBack removes the announcement of a create which Twilio refused because another owner's conversation has the name.
// A later process, and a deletion without credentials, then know that the create had no effect. If the write fails, the
// announcement stays, and only costs a request later.
func (p *Pass) takeBack(ctx context.Context) {
	if i := p.Facts.Intent; i == nil || !i.Refused || i.Earlier != nil {
		return
	}
	before := p.Object.DeepCopy()
	delete(p.Object.Annotations, v1alpha1.CreateIntentAnnotation)
	if p.patchMetadata(ctx, before) == nil {
		p.Facts.Intent = nil
	}
}
