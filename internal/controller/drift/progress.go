// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package drift

import (
	"cmp"
	"context"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/controller/account"
	"github.com/conversations-operator/conversations-operator/internal/controller/conversation"
	"github.com/conversations-operator/conversations-operator/internal/kube"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/retry"
	"github.com/conversations-operator/conversations-operator/internal/tenancy"
	"github.com/conversations-operator/conversations-operator/internal/twilio/budget"
)

// stands tells whether the check may go on. A check which read no answer for an interval begins anew: its earlier
// answers are old, and a failing service must not keep other services from being checked again.
func (c *check) stands(acct tenancy.Account, live *account.Live) bool {
	return c.account.SID == live.SID && c.account.Region == live.Version.Region && time.Since(c.progressed) < cmp.Or(Interval(acct), retry.DriftCheck.For)
}

// progress is this process' knowledge of the drift checks of one account.
type progress struct {
	// check is under way: an error interrupted the check, and the check goes on; nil: no check is under way. begun is when
	// the first check without an end began.
	check *check
	begun time.Time
	// ways are the cheapest ways to read the services, by the last check.
	ways map[string]way
	// asked is the last annotation reconcile-requested-at which led to a check; nil: none.
	asked *string
	// ended is when this process' last check ended.
	ended time.Time
	// setback counts the refused requests to the API server.
	setback kube.Setback
}

// note changes the progress of an account.
func (r *Reconciler) note(key tenancy.Key, change func(*progress)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.accounts[key]
	if p == nil {
		p = &progress{ways: map[string]way{}}
		r.accounts[key] = p
	}
	change(p)
}

// recall answers the progress of an account.
func (r *Reconciler) recall(key tenancy.Key) (p progress) {
	r.note(key, func(known *progress) { p = *known })
	return p
}

// forget ends the progress of a deleted account.
func (r *Reconciler) forget(key tenancy.Key) {
	account.ForgetMetrics(key)
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.accounts, key)
}

// carryOn answers the account's interrupted check, or a new check, and the ways of earlier checks.
func (r *Reconciler) carryOn(ctx context.Context, key tenancy.Key, acct tenancy.Account, live *account.Live) (*check, map[string]way, error) {
	p := r.recall(key)
	found := func(conv *v1alpha1.Conversation, h conversation.Hint) { r.conversations.Hint(ctx, conv, h) }
	if c := p.check; c != nil && c.stands(acct, live) {
		// The credentials may have been renewed meanwhile.
		c.live, c.current, c.found = live, r.current(ctx), found
		return c, p.ways, nil
	}
	r.prune()
	used, err := r.Resolver.UsedBy(ctx, key)
	if err != nil {
		return nil, nil, err
	}
	facts := plan.Account{SID: live.SID, Region: live.Version.Region, Key: key.String()}
	request := budget.Request{Key: kube.QueueKey(string(r.Kind)+queueSuffix, key.NamespacedName), Flow: key.Namespace, PriorityLevel: budget.Drift}
	c := &check{
		live: live, request: request, account: facts, current: r.current(ctx), cluster: r.Options.ClusterName, wrote: r.conversations.WroteSince,
		workers: r.workers, found: found, started: time.Now(), progressed: time.Now(), key: key, lossOf: account.WhoseLoss(key, live),
		gone: r.Registry.Vanished,
	}
	r.Registry.Vanished.Begin(key)
	c.plan(used, p.ways)
	for _, conv := range c.behind {
		r.conversations.Wake(ctx, conv)
	}
	r.note(key, func(p *progress) {
		p.check = c
		if p.begun.IsZero() {
			p.begun = c.started
		}
	})
	return c, p.ways, nil
}

// prune forgets writes which no check and no hint needs any more.
func (r *Reconciler) prune() {
	before := time.Now().Add(-writesKept)
	r.mu.Lock()
	for _, p := range r.accounts {
		if p.check != nil && p.check.started.Before(before) {
			before = p.check.started
		}
	}
	r.mu.Unlock()
	r.conversations.Prune(before)
}

// current reads an object from the cache; nil for a deleted object, and for a stale copy.
func (r *Reconciler) current(ctx context.Context) func(*v1alpha1.Conversation) *v1alpha1.Conversation {
	return func(conv *v1alpha1.Conversation) *v1alpha1.Conversation {
		now := &v1alpha1.Conversation{}
		if r.Get(ctx, client.ObjectKeyFromObject(conv), now) != nil || now.UID != conv.UID || r.conversations.Stale(now) {
			return nil
		}
		return now
	}
}

// finished ends a completed check, and the user's request for the check.
func (r *Reconciler) finished(key tenancy.Key, at string) {
	r.note(key, func(p *progress) {
		p.check, p.begun, p.asked, p.ended = nil, time.Time{}, &at, time.Now()
	})
}

// giveUp ends an interrupted check.
func (r *Reconciler) giveUp(key tenancy.Key) {
	r.note(key, func(p *progress) { p.check, p.begun = nil, time.Time{} })
}
