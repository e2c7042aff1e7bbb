// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package preview tells what the operator would do for a Conversation. It asks package plan, as the operator does, reads
// Twilio where the operator would, and only imagines what the operator would write: nothing is ever changed.
package preview

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/retry"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

const (
	// maxSteps bounds a pass, and maxPasses how often the operator would come back by itself at once.
	maxSteps, maxPasses = 12, 3
	// soon is a wait that is part of the work rather than a wait for somebody.
	soon = time.Second
)

// Outcome is what the operator would do for one object.
type Outcome struct {
	// Steps are what it would do one after another: Adopt, Create, Update and Delete.
	Steps []plan.Verb `json:"steps,omitempty"`
	// End is how it would end: Keep or Rest, Hold, Wait, Refuse or Release.
	End plan.Verb `json:"end"`
	// Reason of the condition Ready then, and its message; Rest has none.
	Reason  string `json:"reason,omitempty"`
	Message string `json:"message,omitempty"`
	// SID is the conversation's; empty where there is none yet.
	SID string `json:"sid,omitempty"`
	// Changes are the fields that it would send.
	Changes []v1alpha1.FieldDrift `json:"changes,omitempty"`
	// Drift is what it would only report.
	Drift []v1alpha1.FieldDrift `json:"drift,omitempty"`
	// Kept names dropped fields that Twilio cannot clear.
	Kept []string `json:"kept,omitempty"`
}

// Writes tells whether something would change at Twilio.
func (o *Outcome) Writes() bool {
	for _, verb := range o.Steps {
		if verb != plan.Adopt {
			return true
		}
	}
	return false
}

// Refused tells whether the operator would refuse the object.
func (o *Outcome) Refused() bool { return o.End == plan.Refuse }

// Preview asks for one object after another.
type Preview struct {
	// Client of the account that the object uses; nil if that cannot be used.
	Client *twilio.Client
	// ManagedBy names another object that manages the conversation; empty when none does.
	ManagedBy func(ctx context.Context, conv *v1alpha1.Conversation, sid string) (string, error)
	// Batch has conversations that were read already; nil: none were.
	Batch *Batch
	// Creations are remembered from one object to the next; nil: they are not.
	Creations Creations
	// Service is the default Conversation Service of the account.
	Service string
	// Generated is the unique name that the operator makes for an object.
	Generated func(namespace, name string) string
}

// For answers what the operator would do for the object, of which the account says what plan needs to know.
func (p *Preview) For(ctx context.Context, conv *v1alpha1.Conversation, acct plan.Account) (*Outcome, error) {
	w := &walk{Preview: p, out: &Outcome{}, conv: conv.DeepCopy(), acct: acct}
	for range maxPasses {
		again, err := w.pass(ctx)
		if err != nil {
			return nil, err
		}
		if !again {
			break
		}
	}
	return w.out, nil
}

// walk is one way through the decision table.
type walk struct {
	*Preview
	conv  *v1alpha1.Conversation
	acct  plan.Account
	facts *plan.Facts
	out   *Outcome
	// deleted is the conversation that would be gone by now.
	deleted string
}

// pass is one pass of the operator; again: it would come back at once.
func (w *walk) pass(ctx context.Context) (again bool, err error) {
	w.begin()
	for range maxSteps {
		step := plan.For(w.facts)
		if step.Verb.Ends() {
			w.facts.Record(step)
			again = step.Verb == plan.Wait && step.After > 0 && step.After <= soon
			w.end(step)
			return again, nil
		}
		if w.Client == nil {
			return false, errors.New("there are no credentials to ask Twilio with")
		}
		if err := w.act(ctx, step); err != nil {
			return false, w.judge(err)
		}
		if w.out.End != "" {
			return false, nil
		}
	}
	return false, fmt.Errorf("conversation %s/%s did not settle in %d steps", w.conv.Namespace, w.conv.Name, maxSteps)
}

func (w *walk) begin() {
	w.out.End = ""
	plan.Own(w.conv)
	w.facts = &plan.Facts{
		Object: w.conv, Generated: w.Generated(w.conv.Namespace, w.conv.Name), Now: time.Now(), Account: w.acct, Look: true,
		Intent:       plan.ParseIntent(w.conv.Annotations[v1alpha1.CreateIntentAnnotation]),
		UpdateIntent: plan.ParseUpdateIntent(w.conv.Annotations[v1alpha1.UpdateIntentAnnotation]),
	}
}

func (w *walk) end(step plan.Step) {
	w.out.End, w.out.Reason, w.out.Message = step.Verb, step.Reason, step.Message
	if sid := w.conv.Status.SID; sid != imagined {
		w.out.SID = sid
	}
	w.out.Kept = append(w.out.Kept, step.Kept...)
	w.out.Drift = records(step.Drift)
}

// judge makes an outcome of what Twilio refuses, as the operator would.
func (w *walk) judge(err error) error {
	if retry.KindOf(err) != retry.Missing {
		return err
	}
	w.refuse(v1alpha1.ReasonRejected, fmt.Sprintf("%s: %s.", err, twilio.ServiceAdvice))
	return nil
}

func (w *walk) refuse(reason, message string) {
	w.out.End, w.out.Reason, w.out.Message = plan.Refuse, reason, message
}

func records(differences []plan.Difference) []v1alpha1.FieldDrift {
	if len(differences) == 0 {
		return nil
	}
	out := make([]v1alpha1.FieldDrift, 0, len(differences))
	for _, d := range differences {
		out = append(out, v1alpha1.FieldDrift{Field: d.Field, Desired: d.Desired, Observed: d.Observed})
	}
	return out
}
