// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package preview predicts what the operator would do for a Conversation. A preview is a world of package walk,
// and reads from Twilio, as the operator does. A preview only imagines the operator's writes, and never changes Twilio or
// Kubernetes.
package preview

import (
	"context"
	"time"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/retry"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
	"github.com/conversations-operator/conversations-operator/internal/walk"
)

const (
	// maxPasses is the largest number of passes which follow at once.
	maxPasses = 3
	// soon is the longest wait after which the preview imagines another pass. A longer wait is a wait for a user or for
	// Twilio, and ends the preview.
	soon = time.Second
)

// Outcome describes what the operator would do for an object.
type Outcome struct {
	// Steps are the operator's steps in order: Adopt, Create, Update and Delete.
	Steps []plan.Verb `json:"steps,omitempty"`
	// End is the operator's last step: Keep or Rest, Hold, Wait, Refuse or Release.
	End plan.Verb `json:"end"`
	// Reason and Message are the reason and the message of the condition Ready after the last step; empty for Rest.
	Reason  string `json:"reason,omitempty"`
	Message string `json:"message,omitempty"`
	// SID of the conversation; empty: the conversation does not exist yet.
	SID string `json:"sid,omitempty"`
	// Changes are the fields which the operator would send to Twilio.
	Changes []v1alpha1.FieldDrift `json:"changes,omitempty"`
	// Drift holds the differences which the operator would only report.
	Drift []v1alpha1.FieldDrift `json:"drift,omitempty"`
	// Kept names dropped fields that Twilio cannot clear.
	Kept []string `json:"kept,omitempty"`
}

// Writes reports whether the operator would change a conversation at Twilio.
func (o *Outcome) Writes() bool {
	for _, verb := range o.Steps {
		if verb != plan.Adopt {
			return true
		}
	}
	return false
}

// Refused reports whether the operator would refuse the object.
func (o *Outcome) Refused() bool { return o.End == plan.Refuse }

// Preview predicts the outcomes of objects with the same account.
type Preview struct {
	// Client of the account which the objects use; nil: the account cannot be used.
	Client *twilio.Client
	// ManagedBy returns the name of another object which manages the conversation; empty: no other object manages the
	// conversation.
	ManagedBy func(ctx context.Context, conv *v1alpha1.Conversation, sid string) (string, error)
	// Batch holds the conversations read beforehand; nil: no conversations.
	Batch *Batch
	// Creations carries the imagined conversations from an object to the next object; nil: each object is previewed alone.
	Creations Creations
	// Service is the default Conversation Service of the account.
	Service string
	// Generated returns the unique name which the operator generates for an object.
	Generated func(namespace, name string) string
}

// For returns what the operator would do for the object. acct holds the facts about the object's account for package plan.
func (p *Preview) For(ctx context.Context, conv *v1alpha1.Conversation, acct plan.Account) (*Outcome, error) {
	w := &world{Preview: p, out: &Outcome{}, object: conv}
	for range maxPasses {
		w.begin(acct)
		again, err := w.end(w.pass.Run(ctx))
		if err != nil {
			return nil, err
		}
		if !again {
			break
		}
	}
	return w.out, nil
}

// begin imagines the beginning of a pass of the operator.
func (w *world) begin(acct plan.Account) {
	w.pass = walk.New(w, w.start(w.object))
	w.pass.Facts.Account = acct
	w.object = w.pass.Object
}

// start is the beginning of a pass: the operator would look at the conversation.
func (p *Preview) start(conv *v1alpha1.Conversation) walk.Start {
	return walk.Start{Object: conv, Generated: p.Generated(conv.Namespace, conv.Name), Look: true}
}

// end notes the end of a pass. again reports whether the operator would start another pass at once. Twilio's answer that a
// service does not exist is a refusal; other errors remain errors.
func (w *world) end(o walk.Outcome) (again bool, err error) {
	if o.Err != nil {
		if retry.KindOf(o.Err) != retry.Missing {
			return false, o.Err
		}
		w.out.End, w.out.Reason, w.out.Message = plan.Refuse, o.Reason, o.Message
		return false, nil
	}
	step := o.Step
	w.out.End, w.out.Reason, w.out.Message = step.Verb, step.Reason, step.Message
	if sid := w.object.Status.SID; sid != imagined {
		w.out.SID = sid
	}
	w.out.Kept = append(w.out.Kept, step.Kept...)
	w.out.Drift = records(step.Drift)
	return step.Verb == plan.Wait && step.After > 0 && step.After <= soon, nil
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
