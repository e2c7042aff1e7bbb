// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package preview

import (
	"context"
	"errors"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// act executes a step which reads, and imagines a step which writes.
func (w *walk) act(ctx context.Context, step plan.Step) error {
	switch step.Verb {
	case plan.Fetch, plan.Lookup:
		return w.fetch(ctx, step)
	case plan.Protect:
		// The step changes only the object, not Twilio.
		w.conv.Finalizers = append(w.conv.Finalizers, v1alpha1.Finalizer)
	case plan.Adopt:
		w.facts.Adopted()
		w.note(step)
	case plan.Create:
		return w.create(ctx, step)
	case plan.Update:
		return w.update(ctx, step)
	case plan.Delete:
		w.deleted = step.Target
		w.facts.Deleted()
		w.note(step)
	}
	return nil
}

func (w *walk) note(step plan.Step) {
	w.out.Steps = append(w.out.Steps, step.Verb)
	w.out.Changes = append(w.out.Changes, records(step.Differences)...)
	w.out.Kept = append(w.out.Kept, step.Kept...)
}

func (w *walk) get(ctx context.Context, service, target string) (*twilio.Conversation, error) {
	if c := w.before(target); c != nil {
		return c.conv, nil
	}
	if w.Batch != nil && w.Batch.found[Place{service, target}] != nil {
		return w.Batch.found[Place{service, target}], nil
	}
	return w.Client.Conversations(service).Fetch(ctx, target)
}

func (w *walk) fetch(ctx context.Context, step plan.Step) error {
	conv, err := w.get(ctx, step.Service, step.Target)
	if errors.Is(err, twilio.ErrNotFound) || err == nil && conv.SID == w.deleted {
		w.facts.NotFound(step)
		return nil
	}
	if err != nil {
		return err
	}
	w.facts.Found(step, conv)
	if c := w.before(step.Target); c != nil {
		w.facts.ManagedBy = c.object
		return nil
	}
	if conv.SID != w.conv.Status.SID || w.conv.Status.Origin == "" {
		w.facts.ManagedBy, err = w.ManagedBy(ctx, w.conv, conv.SID)
	}
	return err
}

// create looks up the conversation with the unique name. The operator instead learns from the answer to its POST whether the
// name is taken.
func (w *walk) create(ctx context.Context, step plan.Step) error {
	holder, err := w.get(ctx, step.Service, step.Target)
	switch {
	case err == nil && holder.SID != w.deleted:
		w.facts.Exists(step)
		return nil
	case err != nil && !errors.Is(err, twilio.ErrNotFound):
		return err
	}
	if err := w.serves(ctx, err); err != nil {
		return err
	}
	step.Differences = plan.CreateDifferences(w.facts)
	if state := step.Params.State; state != nil {
		step.Differences = append(step.Differences, plan.Difference{Field: plan.FieldState, Desired: string(*state)})
	}
	w.note(step)
	conv := created(w.conv, step.Params)
	w.remember(step.Target, conv)
	w.facts.Created(conv)
	return nil
}

// serves returns an error if the service of the object does not exist. Twilio may give the same answer for a missing service
// and for a free name in a service.
func (w *walk) serves(ctx context.Context, missing error) error {
	if missing == nil || w.conv.Spec.ChatServiceSID == "" {
		return nil
	}
	for _, err := range w.Client.Conversations(w.conv.Spec.ChatServiceSID).Pages(ctx, twilio.ListOptions{PageSize: 1, Limit: 1}) {
		return err
	}
	return nil
}

func (w *walk) update(ctx context.Context, step plan.Step) error {
	if name := step.Params.UniqueName; name != nil && *name != "" {
		holder, err := w.get(ctx, step.Service, *name)
		switch {
		case err == nil && holder.SID != step.Target:
			w.facts.Record(plan.Step{Drift: step.Drift})
			w.facts.Exists(step)
			return nil
		case err != nil && !errors.Is(err, twilio.ErrNotFound):
			return err
		}
	}
	if w.facts.Observed == nil {
		conv, err := w.get(ctx, step.Service, step.Target)
		if errors.Is(err, twilio.ErrNotFound) {
			w.facts.NotFound(step)
			return nil
		}
		if err != nil {
			return err
		}
		w.facts.Found(step, conv)
		return nil
	}
	w.note(step)
	conv := plan.Imagine(w.facts.Observed, step.Params)
	if name := step.Params.UniqueName; name != nil && *name != "" {
		w.remember(*name, conv)
	}
	w.facts.Updated(step, conv)
	return nil
}
