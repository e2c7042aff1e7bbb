// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package conversation

import (
	"context"
	"errors"
	"time"

	corev1 "k8s.io/api/core/v1"
	logf "sigs.k8s.io/controller-runtime/pkg/log"

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
func (p *pass) create(ctx context.Context, step plan.Step) error {
	if err := p.announce(ctx); err != nil || !p.conv.DeletionTimestamp.IsZero() {
		return err
	}
	// Unsent means: no request under the announcement had an effect. From here on, this request may have an effect.
	p.memory.note(p.conv, func(e *entry) { e.createUnsent = time.Time{} })
	p.facts.Unsent = false
	replaces, intent := p.conv.Status.SID, p.facts.Intent
	// A shutdown lets the request end: an answer is better than a question for the next manager.
	conv, err := p.api(step).Create(context.WithoutCancel(ctx), intent.Signed(step.Params))
	p.heard(ctx, step, conv, err)
	switch {
	case errors.Is(err, twilio.ErrExists):
		p.facts.Exists(step)
		p.memory.note(p.conv, func(e *entry) { e.createRefused = intent.Time })
		return nil
	case err != nil:
		p.notCreated(err)
		return err
	}
	if plan.Bears(conv, intent) {
		p.live.KeepsMarks.Store(true)
	}
	if p.conv.Spec.ChatServiceSID == "" {
		p.live.Serves(conv.ChatServiceSID)
		p.live.Budget.SetDefaultService(conv.ChatServiceSID)
	}
	if !p.memory.claim(conv.SID, p.conv.UID) {
		return errClaimed
	}
	if !p.facts.Created(conv) {
		return nil
	}
	p.memory.note(p.conv, func(e *entry) { e.deleted, e.wrote = "", time.Now() })
	p.changed = true
	if replaces != "" {
		p.note(corev1.EventTypeNormal, v1alpha1.EventRecreated, "Create", "Created conversation %s in place of %s.", conv.SID, replaces)
	} else {
		p.note(corev1.EventTypeNormal, v1alpha1.EventCreated, "Create", "Created conversation %s.", conv.SID)
	}
	p.wrote(ctx, step, conv.SID, conv.RequestID, "Created conversation")
	return nil
}

// announce records the create in the object, soon enough before the request: the time of the record tells when the
// create can no longer take effect.
func (p *pass) announce(ctx context.Context) error {
	for range announceTries {
		p.facts.Now, p.facts.TwilioNow = time.Now(), p.live.Clock.Now()
		if p.facts.Fresh() {
			return nil
		}
		intent := plan.NewIntent(&p.facts)
		if err := p.hold(ctx, &intent); err != nil || !p.conv.DeletionTimestamp.IsZero() {
			return err
		}
	}
	p.facts.Now = time.Now()
	if p.facts.Fresh() {
		return nil
	}
	return errSlow
}

// notCreated notes how an error settles the announced create.
func (p *pass) notCreated(err error) {
	e, ok := errors.AsType[*twilio.Error](err)
	switch {
	case !ok || twilio.Ambiguous(err):
	case !e.Sent(), errors.Is(err, twilio.ErrThrottled):
		p.facts.Unsent = true
		p.memory.note(p.conv, func(e *entry) { e.createUnsent = p.facts.Intent.Time })
	default:
		p.facts.Refused()
		p.memory.note(p.conv, func(e *entry) { e.createRefused = p.facts.Intent.Time })
	}
}

// takeBack removes the announcement of a create which Twilio refused because another owner's conversation has the name.
// A later process, and a deletion without credentials, then know that the create had no effect.
func (p *pass) takeBack(ctx context.Context) {
	if i := p.facts.Intent; i == nil || !i.Refused || i.Earlier != nil {
		return
	}
	before := p.conv.DeepCopy()
	delete(p.conv.Annotations, v1alpha1.CreateIntentAnnotation)
	if err := p.patchMetadata(ctx, before); err != nil {
		logf.FromContext(ctx).V(1).Info("Kept the record of a refused create", "error", err.Error())
		return
	}
	p.facts.Intent = nil
}
