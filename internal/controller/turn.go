// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller

import (
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// turn is true if the pass may go on. Reads, and the update that follows from them, go out on the turn that the pass has:
// asking anew for each, and beginning again with the first when it is the second's turn, would never end in a crowd.
func (p *pass) turn(a twilio.Ask) bool {
	if p.permit != nil && (a.Pace == "" || p.permit.Take(a)) {
		return true
	}
	p.yield()
	p.permit = p.live.budget.Acquire(a)
	p.times.turned(p.key(), a.Class, p.permit != nil)
	if p.permit != nil {
		// From now on the pass waits for Twilio, most of the time. The account's limit bounds how many do.
		p.workers.leave()
	}
	return p.permit != nil
}

// yield ends the turn that the pass has.
func (p *pass) yield() {
	if p.permit != nil {
		p.permit.Release()
		p.permit = nil
		p.workers.back()
	}
}

// await ends the pass until the account is connected, which wakes the object.
func (p *pass) await() (ctrl.Result, error) {
	p.quit()
	if !p.accounts.await(p.acct, p.live, p.key()) {
		return ctrl.Result{RequeueAfter: loadRetry}, nil
	}
	return ctrl.Result{RequeueAfter: jittered(queuedRetry)}, nil
}

// quit gives up the turn that the object may be waiting for, or have.
func (p *pass) quit() {
	p.yield()
	if p.live != nil {
		p.live.budget.Forget(p.key())
	}
	p.times.waiting.forget(p.key())
}

// ask is what the pass asks of the account's budget for a step: users go before deletes, those before what was left
// over, drift last.
func (p *pass) ask(step plan.Step) twilio.Ask {
	a := twilio.Ask{Key: p.key(), Flow: p.conv.Namespace, Class: twilio.ClassBacklog}
	switch {
	case !p.conv.DeletionTimestamp.IsZero():
		a.Class = twilio.ClassDelete
	case p.conv.Status.ObservedGeneration != p.conv.Generation, requestedAt(p.conv) != p.conv.Status.LastHandledReconcileAt:
		a.Class = twilio.ClassEdit
	case p.facts.Look:
		a.Class = twilio.ClassDrift
	}
	switch step.Verb {
	case plan.Create:
		a.Pace = twilio.PaceService(p.conv.Spec.ChatServiceSID)
	case plan.Delete:
		a.Pace = twilio.PaceService(step.Service)
	case plan.Update:
		a.Pace = twilio.PaceConversation(step.Target)
	}
	return a
}

func (p *pass) key() string { return waking(conversationQueue, client.ObjectKeyFromObject(p.conv)) }
