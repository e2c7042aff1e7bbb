// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package conversation

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"sigs.k8s.io/controller-runtime/pkg/event"

	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/retry"
	"github.com/conversations-operator/conversations-operator/internal/tenancy"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
	"github.com/conversations-operator/conversations-operator/internal/twilio/budget"
	"github.com/conversations-operator/conversations-operator/internal/walk"
)

// Admit implements [walk.World]: a step waits for the connection of the account and for a seat in the account's budget.
func (p *pass) Admit(ctx context.Context, step plan.Step) (walk.Verdict, walk.Admission, error) {
	if p.live == nil || p.live.Suspect.Load() {
		return p.await(), walk.Stop, nil
	}
	if v, again := p.refused(step); again {
		return v, walk.Stop, nil
	}
	if stop, err := p.halts(ctx, step); err != nil {
		return walk.Verdict{}, walk.Stop, err
	} else if stop {
		p.walk.Facts.Account.Halted = true
		return walk.Verdict{}, walk.Again, nil
	}
	if err := p.canRecord(ctx); err != nil {
		return walk.Verdict{}, walk.Stop, err
	}
	if !p.takeSeat(p.request(step)) {
		return walk.Verdict{}, walk.Stop, retry.ErrQueued
	}
	return walk.Verdict{}, walk.Go, nil
}

// Send implements [walk.World]. A shutdown lets a write end: an answer is better than a question for the next manager.
func (p *pass) Send(ctx context.Context, step plan.Step) (*twilio.Conversation, error) {
	conv, err := p.send(budget.WithSeat(ctx, p.seat), step)
	p.heard(ctx, step, conv, err)
	p.suspect(err)
	return conv, err
}

func (p *pass) send(ctx context.Context, step plan.Step) (conv *twilio.Conversation, err error) {
	api, write := p.live.Client.Conversations(step.Service), context.WithoutCancel(ctx)
	switch step.Verb {
	case plan.Fetch, plan.Lookup:
		return api.Fetch(ctx, step.Target)
	case plan.Update:
		return api.Update(write, step.Target, step.Params)
	case plan.Delete:
		p.requestID, err = api.Delete(write, step.Target, p.walk.Facts.WebhookEnabled())
		return nil, err
	case plan.Create:
		if conv, err = api.Create(write, step.Params); err == nil && p.conv.Spec.ChatServiceSID == "" {
			p.live.Serves(conv.ChatServiceSID)
			p.live.Budget.SetDefaultService(conv.ChatServiceSID)
		}
		return conv, err
	}
	return nil, fmt.Errorf("step %s sends no request", step.Verb)
}

// Leave implements [walk.World]. A pass which waits for a seat keeps its place in the queue.
func (p *pass) Leave(ctx context.Context, err error) {
	if err == nil {
		p.quit()
	} else {
		p.yield()
	}
	p.report(ctx)
}

// suspect stops the account's requests until its credentials are checked, while the pass still has its seat: a single
// rejected answer is enough.
func (p *pass) suspect(err error) {
	if unauthorized(err) {
		p.suspected = !p.live.Suspect.Swap(true)
	}
}

func unauthorized(err error) bool {
	e, ok := errors.AsType[*twilio.Error](err)
	return ok && e.Status == http.StatusUnauthorized
}

// recheckAccount asks for a check of the credentials. After a rejected answer, only the pass which suspected the
// account first asks.
func (p *pass) recheckAccount(ctx context.Context, err error) {
	if unauthorized(err) && !p.suspected {
		return
	}
	acct, _, err := p.Resolver.Resolve(ctx, p.walk.Object)
	if err != nil || acct == nil {
		return
	}
	select {
	case p.Recheck[acct.AccountKind()] <- event.TypedGenericEvent[tenancy.Key]{Object: tenancy.KeyOf(acct)}:
	case <-ctx.Done():
	}
}

// heard notes Twilio's time and the account named by an answer, and logs an error.
func (p *pass) heard(ctx context.Context, step plan.Step, conv *twilio.Conversation, err error) {
	p.logFailure(ctx, step, err)
	if conv != nil {
		p.requestID = conv.RequestID
		p.live.Clock.Observe(conv.ServerTime)
		p.news = p.live.Hear(conv.AccountSID) || p.news
	}
	if e, ok := errors.AsType[*twilio.Error](err); ok {
		p.requestID = e.RequestID
		p.live.Clock.Observe(e.ServerTime)
	}
}

// report asks for a check of the account if an answer named another account than the credentials were known to be for.
// Until then, no object asks Twilio with credentials of another account.
func (p *pass) report(ctx context.Context) {
	if !p.news {
		return
	}
	p.news = false
	if p.live.Contradicted() {
		p.live.Suspect.Store(true)
	}
	p.recheckAccount(ctx, nil)
}
