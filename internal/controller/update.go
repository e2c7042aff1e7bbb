// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"context"
	"errors"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

func (p *pass) update(ctx context.Context, step plan.Step) error {
	if err := p.hold(ctx, nil); err != nil {
		return err
	}
	known := p.conv.Status.LastApplied
	if err := p.recordUnconfirmed(ctx, step); err != nil {
		return err
	}
	conv, err := p.api(step).Update(context.WithoutCancel(ctx), step.Target, step.Params)
	p.heard(ctx, step, conv, err)
	if err != nil && !twilio.Ambiguous(err) {
		// It certainly did not happen, so that there is nothing to doubt.
		p.conv.Status.LastApplied = known
	}
	switch {
	case errors.Is(err, twilio.ErrNotFound):
		p.facts.NotFound(step)
		return nil
	case errors.Is(err, twilio.ErrClosed):
		p.facts.Closed()
		return nil
	case errors.Is(err, twilio.ErrExists) && step.Params.UniqueName != nil:
		// What was seen of the object's own conversation is recorded before the one that has the name is looked at.
		p.facts.Record(plan.Step{Drift: step.Drift})
		p.facts.Exists()
		return nil
	case err != nil:
		return err
	}
	p.facts.Updated(step, conv)
	p.changed = true
	p.writes.note(p.conv.UID)
	reason, text := v1alpha1.EventUpdated, "Updated"
	if step.Corrects {
		reason, text = v1alpha1.EventDriftCorrected, "Corrected"
		p.corrected = append(p.corrected, plan.Fields(step.Drift)...)
	}
	p.note(corev1.EventTypeNormal, reason, "Update", "%s %s.", text, strings.Join(plan.Fields(step.Differences), ", "))
	p.noteKept(step)
	p.wrote(ctx, step, conv.SID, conv.RequestID, "Updated conversation")
	return nil
}

// recordUnconfirmed records what is about to be sent and would leave no trace if the answer were lost. What was never recorded as
// applied needs no such note: it is compared as if it were found.
func (p *pass) recordUnconfirmed(ctx context.Context, step plan.Step) error {
	if p.before.Status.LastApplied == nil {
		return nil
	}
	paths := plan.Unconfirmed(&p.facts, step.Differences)
	if len(paths) == 0 {
		return nil
	}
	next := p.before.DeepCopy()
	next.Status.LastApplied.Doubt(paths, p.conv.Generation, time.Now())
	if err := p.patchStatusTo(ctx, next); err != nil {
		return err
	}
	p.conv.ResourceVersion = next.ResourceVersion
	p.conv.Status.LastApplied = next.Status.LastApplied.DeepCopy()
	return nil
}
