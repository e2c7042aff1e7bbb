// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package conversation

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

func (p *pass) update(ctx context.Context, step plan.Step) error {
	if err := p.hold(ctx, nil); err != nil {
		return err
	}
	// The question of an earlier update stays open, whatever the outcome of this update is.
	unknown := p.facts.UpdateUnknown()
	if err := p.announceUpdate(ctx, step); err != nil {
		return err
	}
	conv, err := p.api(step).Update(context.WithoutCancel(ctx), step.Target, step.Params)
	p.heard(ctx, step, conv, err)
	if err != nil && !twilio.Ambiguous(err) && !unknown {
		p.facts.NotUpdated()
		p.notUpdated()
	}
	switch {
	case errors.Is(err, twilio.ErrNotFound):
		p.facts.NotFound(step)
		return nil
	case errors.Is(err, twilio.ErrClosed):
		p.facts.Closed()
		return nil
	case errors.Is(err, twilio.ErrExists) && step.Params.UniqueName != nil:
		// The pass records the drift of the object's own conversation before looking at the conversation which has the name.
		p.facts.Record(plan.Step{Drift: step.Drift})
		p.facts.Exists(step)
		return nil
	case err != nil:
		if twilio.Ambiguous(err) {
			// The status must record the unanswered update, in case another manager records another spec meanwhile.
			p.facts.Unanswered(step)
			p.changed = true
		}
		return err
	}
	p.facts.Updated(step, conv)
	p.changed = true
	p.memory.Wrote(p.conv)
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

// announceUpdate records an update which would leave no trace if its answer were lost. The record is metadata, because
// an object writes no status while its update is throttled. Fields never recorded as applied need no announcement: they
// are compared as if the conversation were found.
func (p *pass) announceUpdate(ctx context.Context, step plan.Step) error {
	if p.before.Status.LastApplied == nil {
		return nil
	}
	p.facts.Now, p.facts.TwilioNow = time.Now(), p.live.Clock.Now()
	intent := plan.NewUpdateIntent(&p.facts, step.Differences)
	if intent == nil {
		return nil
	}
	if !p.facts.CoversUpdate(intent) {
		before := p.conv.DeepCopy()
		metav1.SetMetaDataAnnotation(&p.conv.ObjectMeta, v1alpha1.UpdateIntentAnnotation, intent.String())
		if err := p.patchMetadata(ctx, before); err != nil {
			return fmt.Errorf("recording what is about to be updated: %w", err)
		}
		p.facts.UpdateIntent, p.facts.OwnUpdateIntent = intent, true
		p.memory.note(p.conv, func(e *entry) { e.updateOwn = intent.Time })
	}
	p.memory.note(p.conv, func(e *entry) { e.updateUnsent = time.Time{} })
	p.facts.UpdateUnsent = false
	return nil
}

// notUpdated remembers an announced update which certainly had no effect, such as a throttled update: the user's next
// edit need not wait for the outcome.
func (p *pass) notUpdated() {
	if p.facts.UpdateIntent != nil {
		p.memory.note(p.conv, func(e *entry) { e.updateUnsent = p.facts.UpdateIntent.Time })
	}
}
