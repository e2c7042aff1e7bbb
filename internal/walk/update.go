// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package walk

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

func (p *Pass) update(ctx context.Context, step plan.Step) error {
	if err := p.hold(ctx, nil); err != nil {
		return err
	}
	// The question of an earlier update stays open, whatever the outcome of this update is.
	unknown := p.Facts.UpdateUnknown()
	if err := p.announceUpdate(ctx, step); err != nil {
		return err
	}
	conv, err := p.send(ctx, step)
	if err != nil && !twilio.Ambiguous(err) && !unknown {
		p.Facts.NotUpdated()
		p.notUpdated()
	}
	switch {
	case errors.Is(err, twilio.ErrNotFound):
		p.Facts.NotFound(step)
		return nil
	case errors.Is(err, twilio.ErrClosed):
		p.Facts.Closed()
		return nil
	case errors.Is(err, twilio.ErrExists) && step.Params.UniqueName != nil:
		// The pass records the drift of the object's own conversation before looking at the conversation which has the name.
		p.Facts.Record(plan.Step{Drift: step.Drift})
		p.Facts.Exists(step)
		return nil
	case err != nil:
		if twilio.Ambiguous(err) {
			// The status must record the unanswered update, in case another manager records another spec meanwhile.
			p.Facts.Unanswered(step)
			p.changed = true
		}
		return err
	}
	p.updated(ctx, step, conv)
	return nil
}

func (p *Pass) updated(ctx context.Context, step plan.Step, conv *twilio.Conversation) {
	p.Facts.Updated(step, conv)
	p.changed = true
	reason, text := v1alpha1.EventUpdated, "Updated"
	if step.Corrects {
		reason, text = v1alpha1.EventDriftCorrected, "Corrected"
		p.Corrected = append(p.Corrected, plan.Fields(step.Drift)...)
	}
	p.note(reason, "Update", "%s %s.", text, strings.Join(plan.Fields(step.Differences), ", "))
	p.noteKept(step)
	p.world.Did(ctx, step, conv.SID)
}

// announceUpdate records an update which would leave no trace if its answer were lost. The record is metadata, because
// an object writes no status while its update is throttled. Fields never recorded as applied need no announcement: they
// are compared as if the conversation were found.
func (p *Pass) announceUpdate(ctx context.Context, step plan.Step) error {
	if p.Before.Status.LastApplied == nil {
		return nil
	}
	p.Facts.Now, p.Facts.TwilioNow = p.world.Clock()
	intent := plan.NewUpdateIntent(&p.Facts, step.Differences)
	if intent == nil {
		return nil
	}
	if !p.Facts.CoversUpdate(intent) {
		before := p.Object.DeepCopy()
		metav1.SetMetaDataAnnotation(&p.Object.ObjectMeta, v1alpha1.UpdateIntentAnnotation, intent.String())
		if err := p.patchMetadata(ctx, before); err != nil {
			return fmt.Errorf("recording what is about to be updated: %w", err)
		}
		p.Facts.UpdateIntent, p.Facts.OwnUpdateIntent = intent, true
		p.world.Remember(func(m *Memory) { m.UpdateOwn = intent.Time })
	}
	p.world.Remember(func(m *Memory) { m.UpdateUnsent = time.Time{} })
	p.Facts.UpdateUnsent = false
	return nil
}

// notUpdated remembers an announced update which certainly had no effect, such as a throttled update: the user's next
// edit need not wait for the outcome.
func (p *Pass) notUpdated() {
	if p.Facts.UpdateIntent != nil {
		p.world.Remember(func(m *Memory) { m.UpdateUnsent = p.Facts.UpdateIntent.Time })
	}
}
