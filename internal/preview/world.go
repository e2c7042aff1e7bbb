// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package preview

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/walk"
)

// errNoCredentials ends the preview of an object whose account cannot be used.
var errNoCredentials = errors.New("there are no credentials to ask Twilio with")

// world is the world in which the preview of a single object takes place: reads go to Twilio, and writes are imagined.
type world struct {
	*Preview
	// object has the imagined status.
	object *v1alpha1.Conversation
	pass   *walk.Pass
	out    *Outcome
	memory walk.Memory
	// deleted is the sid of the conversation which the operator would have deleted before.
	deleted string
	// taker is the object which would have given the name of the last request to another conversation before.
	taker string
}

// Clock implements [walk.World].
func (w *world) Clock() (here, there time.Time) { return time.Now(), time.Time{} }

// Decided implements [walk.World].
func (w *world) Decided(_ context.Context, step plan.Step) {
	if step.Verb == plan.Adopt {
		w.note(step)
	}
}

// Did implements [walk.World].
func (w *world) Did(_ context.Context, step plan.Step, _ string) {
	if step.Verb == plan.Create {
		step.Differences = plan.CreateDifferences(&w.pass.Facts)
		if state := step.Params.State; state != nil {
			step.Differences = append(step.Differences, plan.Difference{Field: plan.FieldState, Desired: string(*state)})
		}
	}
	w.note(step)
}

func (w *world) note(step plan.Step) {
	w.out.Steps = append(w.out.Steps, step.Verb)
	w.out.Changes = append(w.out.Changes, records(step.Differences)...)
	w.out.Kept = append(w.out.Kept, step.Kept...)
}

// Leave implements [walk.World].
func (w *world) Leave(context.Context, error) {}

// Recall implements [walk.World].
func (w *world) Recall() walk.Memory { return w.memory }

// Remember implements [walk.World].
func (w *world) Remember(change func(*walk.Memory)) { change(&w.memory) }

// Claim implements [walk.World].
func (w *world) Claim(string) bool { return true }

// GiveUp implements [walk.World].
func (w *world) GiveUp(string) {}

// PatchMetadata implements [walk.World].
func (w *world) PatchMetadata(context.Context, *v1alpha1.Conversation, *v1alpha1.Conversation) error {
	return nil
}

// PatchStatus implements [walk.World].
func (w *world) PatchStatus(context.Context, *v1alpha1.Conversation, *v1alpha1.Conversation) error {
	return nil
}

// Reread implements [walk.World].
func (w *world) Reread(context.Context) (*v1alpha1.Conversation, error) { return w.pass.Before, nil }

// Setback implements [walk.World].
func (w *world) Setback() bool { return true }

// Sharers implements [walk.World].
func (w *world) Sharers(ctx context.Context, sid string) ([]v1alpha1.Conversation, error) {
	name := w.taker
	if name == "" {
		var err error
		if name, err = w.ManagedBy(ctx, w.object, sid); err != nil || name == "" {
			return nil, err
		}
	}
	other := v1alpha1.Conversation{}
	other.Namespace, other.Name, _ = strings.Cut(name, "/")
	other.Status.SID, other.Status.Origin = sid, v1alpha1.OriginCreated
	return []v1alpha1.Conversation{other}, nil
}

// Namesakes implements [walk.World].
func (w *world) Namesakes(context.Context, string) ([]v1alpha1.Conversation, error) { return nil, nil }

// SamePlace implements [walk.World].
func (w *world) SamePlace(context.Context, *v1alpha1.Conversation) (bool, error) { return true, nil }
