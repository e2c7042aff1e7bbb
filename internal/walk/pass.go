// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package walk is the walk of one object through the decision table. A pass asks package plan for steps, carries the steps
// out in a World, adds the answers to the facts, and records the outcome once. The manager, the preview of the plugin and the
// models of the tests are three worlds; how a pass goes is written only here.
package walk

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/condition"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// maxSteps bounds a pass. The longest useful pass is: fetch, delete, look up, create, close.
const maxSteps = 10

// Start is the beginning of a pass.
type Start struct {
	// Object as the API server has the object. The pass changes only a copy.
	Object *v1alpha1.Conversation
	// Generated is the unique name made for the object.
	Generated string
	// Timeout of a request to Twilio; zero: [twilio.DefaultTimeout].
	Timeout time.Duration
	// Look asks for a GET although the spec did not change. Listed is the conversation from a list of the drift check instead
	// of a GET; nil without a list.
	Look   bool
	Listed *twilio.Conversation
	// Erased: Kubernetes deleted the object in spite of its finalizer. There is no object to write to.
	Erased bool
	// Shared: the drift check found another object with the same conversation.
	Shared bool
	// Disowned: the record is an earlier version's, which does not name its object, and another object has the better claim to
	// the conversation.
	Disowned bool
}

// Pass is one look at one object.
type Pass struct {
	world World
	// Facts are the basis of the next decision. The caller of [New] adds the account.
	Facts plan.Facts
	// Object has the status to write. Before is the object as last read from the API server: a later
	// version takes its place, and no version is changed.
	Object, Before *v1alpha1.Conversation
	// Notes are the events of the pass.
	Notes []Note
	// Corrected are the fields whose drift the pass corrected.
	Corrected []string
	// Marked: Twilio answered a create with its mark.
	Marked bool
	// Looked: the look for which the user or a hint asked is over. Answered: Twilio answered the look.
	Looked, Answered bool

	// changed: Twilio changed something which the status must record, or a later pass would do the change again.
	changed bool
	// kept: the object asked, by its condition Unmanaged, which manager keeps the object. The next write answers.
	kept           bool
	erased, shared bool
	// contends: the status says that the object is adopting a conversation. The claim holds as long as the status says so.
	contends bool
}

// New begins a pass with the knowledge of the object and of the process.
func New(w World, s Start) *Pass {
	p := &Pass{world: w, Object: s.Object.DeepCopy(), Before: s.Object, erased: s.Erased, shared: s.Shared}
	s.own(p.Object)
	p.kept = meta.RemoveStatusCondition(&p.Object.Status.Conditions, v1alpha1.ConditionUnmanaged)
	known := w.Recall()
	known.Restore(p.Object)
	now, twilioNow := w.Clock()
	p.Facts = s.facts(p.Object, now)
	p.Facts.TwilioNow = twilioNow
	if known.Deleted != "" && known.Deleted == p.Object.Status.SID {
		p.Facts.Listed = false
		p.Facts.Deleted()
	}
	known.tell(&p.Facts)
	return p
}

// Run asks the plan for steps until a step ends the pass.
func (p *Pass) Run(ctx context.Context) Outcome {
	for range maxSteps {
		step := plan.For(&p.Facts)
		if p.Facts.Listed && step.Verb != plan.Keep && step.Verb != plan.Protect {
			// A list may be behind: the pass only records on the word of a list. For any other step, the pass asks Twilio.
			p.Facts.Observed, p.Facts.Look, p.Facts.Listed = nil, true, false
			continue
		}
		p.world.Decided(ctx, step)
		if step.Verb.Ends() {
			return p.end(ctx, step)
		}
		if step.Verb == plan.Protect {
			if err := p.protect(ctx); err != nil {
				return p.fail(ctx, step, err)
			}
			continue
		}
		v, admission, err := p.world.Admit(ctx, step)
		if err == nil && admission == Go {
			err = p.act(ctx, step)
		}
		switch {
		case err != nil:
			return p.fail(ctx, step, err)
		case admission == Stop:
			return p.stop(ctx, step, v)
		}
	}
	return p.fail(ctx, plan.Step{}, fmt.Errorf("conversation %s/%s did not settle in %d steps", p.Object.Namespace, p.Object.Name, maxSteps))
}

// stop ends the pass with a verdict of the world, which is recorded if it has a reason.
func (p *Pass) stop(ctx context.Context, step plan.Step, v Verdict) Outcome {
	p.world.Leave(ctx, nil)
	if v.Reason == "" && !p.changed {
		return Outcome{Step: step, Verdict: v}
	}
	return p.finish(ctx, step, v)
}

// end records the outcome of the pass.
func (p *Pass) end(ctx context.Context, step plan.Step) Outcome {
	p.world.Leave(ctx, nil)
	switch step.Verb {
	case plan.Rest:
		return p.rest(ctx, step)
	case plan.Release:
		return p.release(ctx, step)
	case plan.Hold:
		setSuspended(p.Object)
		p.Object.Status.ObservedGeneration = p.Before.Generation
		return p.finish(ctx, step, Verdict{})
	}
	p.Facts.Record(step)
	p.noteKept(step)
	if step.Reason == v1alpha1.ReasonUniqueNameTaken {
		p.takeBack(ctx)
	}
	if step.Verb == plan.Keep || step.Verb == plan.Refuse || p.Facts.Gone {
		p.look()
	}
	return p.finish(ctx, step, settled(step))
}

// rest ends a pass without work. If the object asked which manager keeps the object, the status answers.
func (p *Pass) rest(ctx context.Context, step plan.Step) Outcome {
	// The status says which conversation is the object's, although the write of the status may have been without an answer.
	p.world.GiveUp("")
	if !p.kept {
		return Outcome{Step: step}
	}
	return p.finish(ctx, step, Verdict{})
}

// look notes the end of the look for which the user or a hint asked.
func (p *Pass) look() {
	p.Object.Status.LastHandledReconcileAt = p.Object.Annotations[v1alpha1.ReconcileRequestedAtAnnotation]
	p.Looked, p.Answered = true, p.Facts.Observed != nil || p.Facts.Gone
}

// fail records the verdict about an error, and the steps which the pass carried out before the error.
func (p *Pass) fail(ctx context.Context, step plan.Step, err error) Outcome {
	p.world.Leave(ctx, err)
	v := judge(&p.Facts, step, err)
	if v.Reason == v1alpha1.ReasonKubernetesRefused && !p.world.Setback() {
		v.Reason = ""
	}
	if v.Reason == "" && !p.changed {
		return Outcome{Step: step, Verdict: v, Err: err}
	}
	if v.Reason == "" {
		v.Reason, v.Message = v1alpha1.ReasonProgressing, "Waiting to carry on."
	}
	if condition.Stalls(v.Reason) {
		p.look()
	}
	p.Facts.Record(plan.Step{Drift: step.Drift})
	out := p.finish(ctx, step, v)
	out.Err = err
	return out
}
