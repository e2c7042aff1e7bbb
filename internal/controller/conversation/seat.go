// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package conversation

import (
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/internal/kube"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/retry"
	"github.com/conversations-operator/conversations-operator/internal/twilio/budget"
	"github.com/conversations-operator/conversations-operator/internal/walk"
)

// takeSeat reports whether the pass has a seat for the request. Reads, and the update which follows from them, go out
// on the same seat. A pass which asked for a seat for each request, and began again with the first request after a wait
// for the second seat, would never end in a crowd.
func (p *pass) takeSeat(r budget.Request) bool {
	if p.seat != nil && (r.Rate == "" || p.seat.Promote(r)) {
		return true
	}
	p.yield()
	p.seat = p.live.Budget.Acquire(r)
	p.memory.seated(p.conv, r.PriorityLevel, p.seat != nil)
	if p.seat != nil {
		// From now on the pass mostly waits for Twilio. The account's limit bounds how many passes wait so.
		p.workers.Leave()
	}
	return p.seat != nil
}

// yield gives the pass' seat back.
func (p *pass) yield() {
	if p.seat != nil {
		p.seat.Release()
		p.seat = nil
		p.workers.Back()
	}
}

// await ends the pass. The object is woken once its account is connected.
func (p *pass) await() walk.Verdict {
	if !p.Registry.Await(p.acct, p.live, p.key()) {
		return walk.Verdict{After: retry.NotConnected.After()}
	}
	return walk.Verdict{After: retry.Queued.After()}
}

// quit gives back the object's seat, or its place in the queue for a seat.
func (p *pass) quit() {
	p.yield()
	if p.live != nil {
		p.live.Budget.Forget(p.key())
	}
	p.memory.note(p.conv, func(e *entry) { e.waiting = time.Time{} })
}

// request describes the seat which a step needs. Edits of users go before deletes, then comes the backlog, drift last.
func (p *pass) request(step plan.Step) budget.Request {
	s := &p.walk.Object.Status
	r := budget.Request{Key: p.key(), Flow: p.conv.Namespace, PriorityLevel: budget.Backlog}
	switch {
	case !p.walk.Object.DeletionTimestamp.IsZero():
		r.PriorityLevel = budget.Delete
	case s.ObservedGeneration != p.walk.Object.Generation, kube.RequestedAt(p.conv) != s.LastHandledReconcileAt:
		r.PriorityLevel = budget.Edit
	case p.walk.Facts.Look:
		r.PriorityLevel = budget.Drift
	}
	switch step.Verb {
	case plan.Create:
		r.Rate = budget.ServiceRate(p.conv.Spec.ChatServiceSID)
	case plan.Delete:
		r.Rate = budget.ServiceRate(step.Service)
	case plan.Update:
		r.Rate = budget.ConversationRate(step.Target)
	}
	return r
}

func (p *pass) key() string { return kube.QueueKey(queueName, client.ObjectKeyFromObject(p.conv)) }
