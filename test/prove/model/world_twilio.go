// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package model

import (
	"context"
	"errors"
	"net/http"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
	"github.com/conversations-operator/conversations-operator/internal/walk"
)

// twilioErrors are what the client makes of Twilio's answers.
var twilioErrors = map[problem]*twilio.Error{
	notFound:      {Status: http.StatusNotFound, Code: 50350, Message: "Conversation not found"},
	exists:        {Status: http.StatusConflict, Code: 50353, Message: "Conversation with provided unique name already exists"},
	closedForGood: {Status: http.StatusBadRequest, Code: 50377, Message: "Conversation is closed"},
	invalid:       {Status: http.StatusBadRequest, Code: 50300, Message: "Invalid"},
	throttled:     {Status: http.StatusTooManyRequests, Code: 20429, Message: "Too many requests"},
	lost:          {Err: errors.New("connection reset")},
	denied:        {Status: http.StatusUnauthorized, Code: 20003, Message: "Authenticate"},
}

// Admit implements [walk.World].
func (w *world) Admit(context.Context, plan.Step) (walk.Verdict, walk.Admission, error) {
	return walk.Verdict{}, walk.Go, nil
}

// Did implements [walk.World].
func (w *world) Did(context.Context, plan.Step, string) {}

// Leave implements [walk.World].
func (w *world) Leave(context.Context, error) {}

// Send implements [walk.World].
func (w *world) Send(_ context.Context, step plan.Step) (*twilio.Conversation, error) {
	s := &w.pass.Object.Status
	q := &request{
		verb: step.Verb, target: step.Target, service: step.Service, account: *w.account(), params: step.Params,
		by: uidOf(w.pass.Object), generated: w.generated(), managed: s.SID == step.Target && s.Origin != "",
		lingers: w.Scenario.Lingers,
	}
	if step.Verb == plan.Create || step.Verb == plan.Update {
		q.form = step.Params.Form().Encode()
	}
	w.watch(step)
	a := w.ask(call{kind: callTwilio, request: w.requestsOf.add(q.key(), q)})
	if a.problem == lost && step.Verb == plan.Create && w.mutant("ambiguous") {
		a.problem = invalid
	}
	if a.problem != fine {
		return nil, twilioErrors[a.problem]
	}
	if a.ref == 0 {
		return nil, nil
	}
	found := w.seen(a.ref)
	if claimed := w.account().Claimed; claimed != "" && found.AccountSID != claimed {
		w.mem.contradicted = w.root.account + 1
	}
	return found, nil
}

// seen is a conversation as Twilio answered it.
func (w *world) seen(id uint32) *twilio.Conversation {
	conv := *w.seenConvs.at(id)
	return &conv
}

// watch counts a request, and notes what the object's spec forbids.
func (w *world) watch(step plan.Step) {
	n, object := &w.requests, w.pass.Object
	switch step.Verb {
	case plan.Create:
		n.creates++
	case plan.Update:
		n.updates++
	case plan.Delete:
		n.deletes++
	default:
		n.reads++
	}
	spec := &object.Spec
	writes := step.Verb == plan.Create || step.Verb == plan.Update || step.Verb == plan.Delete
	switch {
	case w.row == takenBack:
	case spec.Suspend:
		w.wrong = "a request for a suspended object"
	case writes && spec.ManagementPolicy == v1alpha1.ManagementPolicyObserve:
		w.wrong = "a write under Observe"
	case step.Verb == plan.Delete && !object.DeletionTimestamp.IsZero() && spec.DeletionPolicy == v1alpha1.DeletionPolicyRetain:
		w.wrong = "a delete under Retain"
	case n.creates > 2, n.updates > 2, int(n.deletes) > max(2, w.lost()), n.reads > 6:
		w.wrong = "more requests than a pass may make"
	}
}

// lost counts the creates that were announced: each may have made a conversation, which a deletion finds and deletes.
func (w *world) lost() (out int) {
	for i := w.pass.Facts.Intent; i != nil; i = i.Earlier {
		out++
	}
	return out
}

// takenBack is the row that deletes a conversation which the operator created in the wrong account.
const takenBack = "Created in another account"
