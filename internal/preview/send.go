// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package preview

import (
	"context"
	"errors"
	"net/http"

	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
	"github.com/conversations-operator/conversations-operator/internal/walk"
)

// The answers of Twilio which the preview imagines.
var (
	errMissing = &twilio.Error{Status: http.StatusNotFound, Code: 50350, Message: "Conversation not found"}
	errExists  = &twilio.Error{Status: http.StatusConflict, Code: 50353, Message: "Conversation with provided unique name already exists"}
)

// Admit implements [walk.World]. Before an update the preview reads the conversation, to show what the update would change.
func (w *world) Admit(ctx context.Context, step plan.Step) (walk.Verdict, walk.Admission, error) {
	if w.Client == nil {
		return walk.Verdict{}, walk.Stop, errNoCredentials
	}
	if step.Verb != plan.Update || w.pass.Facts.Observed != nil {
		return walk.Verdict{}, walk.Go, nil
	}
	switch conv, err := w.get(ctx, step.Service, step.Target); {
	case errors.Is(err, twilio.ErrNotFound):
		w.pass.Facts.NotFound(step)
	case err != nil:
		return walk.Verdict{}, walk.Stop, err
	default:
		w.pass.Facts.Found(step, conv)
	}
	return walk.Verdict{}, walk.Again, nil
}

// Send implements [walk.World].
func (w *world) Send(ctx context.Context, step plan.Step) (*twilio.Conversation, error) {
	w.taker = ""
	switch step.Verb {
	case plan.Create:
		return w.create(ctx, step)
	case plan.Update:
		return w.update(ctx, step)
	case plan.Delete:
		w.deleted = step.Target
		return nil, nil
	}
	conv, err := w.get(ctx, step.Service, step.Target)
	if err == nil && conv.SID == w.deleted {
		return nil, errMissing
	}
	if taker := w.before(step.Target); taker != nil {
		w.taker = taker.object
	}
	return conv, err
}

func (w *world) get(ctx context.Context, service, target string) (*twilio.Conversation, error) {
	if c := w.before(target); c != nil {
		return c.conv, nil
	}
	if w.Batch != nil && w.Batch.found[Place{service, target}] != nil {
		return w.Batch.found[Place{service, target}], nil
	}
	return w.Client.Conversations(service).Fetch(ctx, target)
}

// create looks up the conversation with the unique name. The operator instead learns from the answer to its POST whether the
// name is taken.
func (w *world) create(ctx context.Context, step plan.Step) (*twilio.Conversation, error) {
	holder, err := w.get(ctx, step.Service, step.Target)
	switch {
	case err == nil && holder.SID != w.deleted:
		return nil, errExists
	case err != nil && !errors.Is(err, twilio.ErrNotFound):
		return nil, err
	}
	if err := w.serves(ctx, err); err != nil {
		return nil, err
	}
	conv := created(w.object, step.Params)
	w.remember(step.Target, conv)
	return conv, nil
}

// serves returns an error if the service of the object does not exist. Twilio may give the same answer for a missing service
// and for a free name in a service.
func (w *world) serves(ctx context.Context, missing error) error {
	if missing == nil || w.object.Spec.ChatServiceSID == "" {
		return nil
	}
	for _, err := range w.Client.Conversations(w.object.Spec.ChatServiceSID).Pages(ctx, twilio.ListOptions{PageSize: 1, Limit: 1}) {
		return err
	}
	return nil
}

func (w *world) update(ctx context.Context, step plan.Step) (*twilio.Conversation, error) {
	if err := w.nameFree(ctx, step); err != nil {
		return nil, err
	}
	conv := plan.Imagine(w.pass.Facts.Observed, step.Params)
	if name := step.Params.UniqueName; name != nil && *name != "" {
		w.remember(*name, conv)
	}
	return conv, nil
}

// nameFree returns an error if another conversation has the name which the update would give.
func (w *world) nameFree(ctx context.Context, step plan.Step) error {
	name := step.Params.UniqueName
	if name == nil || *name == "" {
		return nil
	}
	holder, err := w.get(ctx, step.Service, *name)
	switch {
	case err == nil && holder.SID != step.Target:
		return errExists
	case err != nil && !errors.Is(err, twilio.ErrNotFound):
		return err
	}
	return nil
}
