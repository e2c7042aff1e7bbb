// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller

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

// create announces the conversation in the object and then creates it. The announcement fails if anybody, this process
// included, wrote the object since it was read.
func (p *pass) create(ctx context.Context, step plan.Step) error {
	// Requests earlier in the pass took time, and the intent's counts from when the create can begin.
	p.facts.Now = time.Now()
	if !p.facts.Fresh() {
		intent := plan.NewIntent(&p.facts, p.skew(), p.live.skewKnown.Load())
		if err := p.hold(ctx, &intent); err != nil {
			return err
		}
		if !p.conv.DeletionTimestamp.IsZero() {
			return nil
		}
	}
	// Nothing came of an earlier request under a fresh announcement; of this one something may.
	p.unsent.forget(p.conv.UID)
	p.announced = true
	replaces := p.conv.Status.SID
	// A shutdown lets the request end: an answer is better than a question for the next manager.
	conv, err := p.api(step).Create(context.WithoutCancel(ctx), step.Params)
	p.heard(ctx, step, conv, err)
	switch {
	case errors.Is(err, twilio.ErrExists):
		p.facts.Exists()
		if p.announced {
			p.unsent.note(p.conv.UID, p.facts.Intent.Time)
		}
		return nil
	case err != nil:
		p.notCreated(ctx, err)
		return err
	}
	p.facts.Unsent = false
	if p.conv.Spec.ChatServiceSID == "" {
		p.live.budget.Alias(conv.ChatServiceSID)
	}
	if !p.claims.take(conv.SID, p.conv.UID) {
		return errClaimed
	}
	p.facts.Created(conv)
	p.removals.forget(p.conv.UID)
	p.changed = true
	p.writes.note(p.conv.UID)
	if replaces != "" {
		p.note(corev1.EventTypeNormal, v1alpha1.EventRecreated, "Create", "Created conversation %s in place of %s.", conv.SID, replaces)
	} else {
		p.note(corev1.EventTypeNormal, v1alpha1.EventCreated, "Create", "Created conversation %s.", conv.SID)
	}
	p.wrote(ctx, step, conv.SID, conv.RequestID, "Created conversation")
	return nil
}

// notCreated notes that a create certainly did not happen.
func (p *pass) notCreated(ctx context.Context, err error) {
	e, ok := errors.AsType[*twilio.Error](err)
	if !ok || twilio.Ambiguous(err) || !p.announced {
		// What another process announced, it may have sent.
		return
	}
	p.unsent.note(p.conv.UID, p.facts.Intent.Time)
	if !e.Sent() || errors.Is(err, twilio.ErrThrottled) || errors.Is(err, twilio.ErrConflict) {
		return
	}
	p.takeBack(ctx)
}

// takeBack removes the record of a create that this pass announced and that was refused: a later process, and a
// deletion without credentials, should know that nothing came of it.
func (p *pass) takeBack(ctx context.Context) {
	if !p.announced || p.facts.Intent == nil || p.facts.Intent.Earlier != nil {
		return
	}
	before := p.conv.DeepCopy()
	delete(p.conv.Annotations, v1alpha1.CreateIntentAnnotation)
	if err := p.patchMetadata(ctx, before); err != nil {
		logf.FromContext(ctx).V(1).Info("Kept the record of a refused create", "error", err.Error())
	}
}
