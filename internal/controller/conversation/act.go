// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package conversation

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/tenancy"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// act carries out one step and adds the answer to the facts.
func (p *pass) act(ctx context.Context, step plan.Step) error {
	switch step.Verb {
	case plan.Fetch, plan.Lookup:
		return p.fetch(ctx, step)
	case plan.Adopt:
		return p.adopt(ctx)
	case plan.Create:
		return p.create(ctx, step)
	case plan.Update:
		return p.update(ctx, step)
	case plan.Delete:
		return p.delete(ctx, step)
	}
	return fmt.Errorf("step %s is not carried out here", step.Verb)
}

func (p *pass) api(step plan.Step) twilio.Conversations {
	return p.live.Client.Conversations(step.Service)
}

func (p *pass) fetch(ctx context.Context, step plan.Step) error {
	conv, err := p.api(step).Fetch(ctx, step.Target)
	p.heard(ctx, step, conv, err)
	if errors.Is(err, twilio.ErrNotFound) {
		p.facts.NotFound(step)
		return nil
	}
	if err != nil {
		return err
	}
	p.facts.Found(step, conv)
	switch {
	case conv.SID != p.conv.Status.SID || p.conv.Status.Origin == "":
		p.facts.ManagedBy, err = p.managedBy(ctx, conv)
	case p.hasRival:
		p.facts.ManagedBy, err = p.olderManager(ctx, conv.SID)
	}
	return err
}

func (p *pass) delete(ctx context.Context, step plan.Step) error {
	// An erased object has no status: no other process can read that the object had the conversation.
	if p.ghost && !p.memory.claim(step.Target, p.conv.UID) {
		return errClaimed
	}
	requestID, err := p.api(step).Delete(context.WithoutCancel(ctx), step.Target, p.facts.WebhookEnabled())
	p.heard(ctx, step, nil, err)
	if err != nil && !errors.Is(err, twilio.ErrNotFound) {
		return err
	}
	if gone, ok := errors.AsType[*twilio.Error](err); ok {
		requestID = gone.RequestID
		p.facts.NotFound(step)
	} else {
		p.facts.Deleted()
	}
	if !p.facts.Removed {
		return nil
	}
	// If the record kept the conversation, the conversation would look vanished.
	p.changed = true
	p.memory.note(p.conv, func(e *entry) { e.deleted, e.wrote = step.Target, time.Now() })
	p.note(corev1.EventTypeNormal, v1alpha1.EventDeleted, "Delete", "Deleted conversation %s.", step.Target)
	p.wrote(ctx, step, step.Target, requestID, "Deleted conversation")
	return nil
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
	acct, _, err := p.Resolver.Resolve(ctx, p.conv)
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
	p.failed(ctx, step, err)
	if conv != nil {
		p.live.Clock.Observe(conv.ServerTime)
		p.news = p.live.Hear(conv.AccountSID) || p.news
	}
	if e, ok := errors.AsType[*twilio.Error](err); ok {
		p.live.Clock.Observe(e.ServerTime)
	}
	p.facts.TwilioNow = p.live.Clock.Now()
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
