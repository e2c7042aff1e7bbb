// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package prove

import (
	"errors"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// announceTries bounds how often a create is announced anew, as in the controller.
const announceTries = 3

// twilioErrors are what the client makes of Twilio's answers.
var twilioErrors = map[problem]error{
	fine: nil, notFound: errMissing, exists: errTaken, closedForGood: errClosed, invalid: errInvalid, throttled: errThrottled,
	lost: errLost, denied: errDenied,
}

// errClosed: the conversation is closed.
var errClosed = errors.New("409: closed")

// send asks Twilio.
func (w *walk) send(step plan.Step) (*twilio.Conversation, error) {
	s := &w.conv.Status
	q := &request{
		verb: step.Verb, target: step.Target, service: step.Service, account: *w.account(), params: step.Params,
		by: uidOf(w.conv), generated: w.generated(), managed: s.SID == step.Target && s.Origin != "",
	}
	if step.Verb == plan.Create || step.Verb == plan.Update {
		q.form = step.Params.Form().Encode()
	}
	w.watch(step)
	a := w.ask(call{kind: callTwilio, request: w.requestsOf.add(q.key(), q)})
	err := twilioErrors[a.problem]
	if err != nil || a.ref == 0 {
		return nil, err
	}
	found := w.seen(a.ref)
	if claimed := w.account().Claimed; claimed != "" && found.AccountSID != claimed {
		w.mem.contradicted = w.root.account + 1
	}
	return found, nil
}

// seen is a conversation as Twilio answered it.
func (w *walk) seen(id uint32) *twilio.Conversation {
	conv := *w.seenConvs.at(id)
	return &conv
}

// watch counts a request, and notes what the object's spec forbids.
func (w *walk) watch(step plan.Step) {
	n := &w.requests
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
	spec := &w.conv.Spec
	writes := step.Verb == plan.Create || step.Verb == plan.Update || step.Verb == plan.Delete
	switch {
	case w.row == takenBack:
	case spec.Suspend:
		w.wrong = "a request for a suspended object"
	case writes && spec.ManagementPolicy == v1alpha1.ManagementPolicyObserve:
		w.wrong = "a write under Observe"
	case step.Verb == plan.Delete && !w.conv.DeletionTimestamp.IsZero() && spec.DeletionPolicy == v1alpha1.DeletionPolicyRetain:
		w.wrong = "a delete under Retain"
	case n.creates > 2, n.updates > 2, int(n.deletes) > max(2, w.lost()), n.reads > 6:
		w.wrong = "more requests than a pass may make"
	}
}

// lost counts the creates that were announced: each may have made a conversation, which a deletion finds and deletes.
func (w *walk) lost() (out int) {
	for i := w.facts.Intent; i != nil; i = i.Earlier {
		out++
	}
	return out
}

// takenBack is the row that deletes a conversation which the operator created in the wrong account.
const takenBack = "Created in another account"

func (w *walk) fetch(step plan.Step) error {
	found, err := w.send(step)
	if errors.Is(err, errMissing) {
		w.facts.NotFound(step)
		return nil
	}
	if err != nil {
		return err
	}
	w.facts.Found(step, found)
	if found.SID != w.conv.Status.SID || w.conv.Status.Origin == "" {
		w.facts.ManagedBy = w.managedBy(found)
	}
	return nil
}

func (w *walk) delete(step plan.Step) error {
	if w.root.erased && !w.take(step.Target) {
		return errClaimed
	}
	_, err := w.send(step)
	switch {
	case errors.Is(err, errMissing):
		w.facts.NotFound(step)
	case err != nil:
		return err
	default:
		w.facts.Deleted()
	}
	if w.facts.Removed {
		w.changed = true
		w.mem.removed = step.Target
	}
	return nil
}

func (w *walk) create(step plan.Step) error {
	if err := w.announce(); err != nil || !w.conv.DeletionTimestamp.IsZero() {
		return err
	}
	w.mem.unsent = 0
	w.facts.Unsent = false
	intent := w.facts.Intent
	step.Params = intent.Signed(step.Params)
	conv, err := w.send(step)
	switch {
	case errors.Is(err, errTaken):
		w.facts.Exists(step)
		w.mem.refused = numberOf(intent.Time)
		return nil
	case errors.Is(err, errThrottled):
		w.facts.Unsent = true
		w.mem.unsent = numberOf(intent.Time)
		return err
	case err != nil && (!errors.Is(err, errLost) || w.mutant("ambiguous")):
		w.facts.Refused()
		w.mem.refused = numberOf(intent.Time)
		return err
	case err != nil:
		return err
	}
	if plan.Bears(conv, intent) {
		w.mem.marks = true
	}
	if !w.take(conv.SID) {
		return errClaimed
	}
	if !w.facts.Created(conv) {
		return nil
	}
	w.mem.removed = ""
	w.changed = true
	return nil
}

func (w *walk) announce() error {
	if w.mutant("intent") {
		w.clock()
		w.facts.Intent = new(plan.NewIntent(&w.facts))
		return w.hold(nil)
	}
	for range announceTries {
		w.clock()
		if w.facts.Fresh() {
			return nil
		}
		intent := plan.NewIntent(&w.facts)
		if err := w.hold(&intent); err != nil || !w.conv.DeletionTimestamp.IsZero() {
			return err
		}
	}
	w.facts.Now = instant(w.now)
	if w.facts.Fresh() {
		return nil
	}
	return errSlow
}

func (w *walk) update(step plan.Step) error {
	if err := w.hold(nil); err != nil {
		return err
	}
	doubted := w.facts.UpdateUnknown()
	if err := w.doubtful(step); err != nil {
		return err
	}
	conv, err := w.send(step)
	ambiguous := errors.Is(err, errLost)
	if err != nil && !ambiguous && !doubted {
		w.facts.NotUpdated()
		if w.facts.UpdateIntent != nil {
			w.mem.undone = numberOf(w.facts.UpdateIntent.Time)
		}
	}
	switch {
	case errors.Is(err, errMissing):
		w.facts.NotFound(step)
		return nil
	case errors.Is(err, errClosed):
		w.facts.Closed()
		return nil
	case errors.Is(err, errTaken) && step.Params.UniqueName != nil:
		w.facts.Record(plan.Step{Drift: step.Drift})
		w.facts.Exists(step)
		return nil
	case err != nil:
		if ambiguous {
			w.facts.Unanswered(step)
			w.changed = true
		}
		return err
	}
	w.facts.Updated(step, conv)
	w.changed = true
	return nil
}
