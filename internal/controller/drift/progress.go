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
	"github.com/conversations-operator/conversations-operator/internal/kube"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/retry"
	"github.com/conversations-operator/conversations-operator/internal/tenancy"
	"github.com/conversations-operator/conversations-operator/internal/twilio/budget"
)

// stands tells whether the check may go on. One that read nothing for an interval is begun anew: what it read before is
// old, and what fails keeps nothing else from being checked again.
func (c *check) stands(acct tenancy.Account, live *account.Live) bool {
	return c.account.SID == live.SID && c.account.Region == live.Version.Region && time.Since(c.progressed) < cmp.Or(Interval(acct), retry.DriftCheck.For)
}

// carryOn answers the account's check that was interrupted, or a new one, and what earlier ones learned.
func (r *Reconciler) carryOn(ctx context.Context, key tenancy.Key, acct tenancy.Account, live *account.Live) (*check, map[string]way, error) {
	r.mu.Lock()
	c, ways := r.checks[key], r.ways[key]
	if ways == nil {
		ways = map[string]way{}
		r.ways[key] = ways
	}
	r.mu.Unlock()
	found := func(l look) { r.wake(ctx, l) }
	if c != nil && c.stands(acct, live) {
		// The credentials may have been renewed meanwhile.
		c.live, c.current, c.found = live, r.current(ctx), found
		return c, ways, nil
	}
	r.prune()
	used, err := r.Resolver.UsedBy(ctx, key)
	if err != nil {
		return nil, nil, err
	}
	facts := plan.Account{SID: live.SID, Region: live.Version.Region, Key: key.String()}
	request := budget.Request{Key: kube.QueueKey(string(r.Kind)+queueSuffix, key.NamespacedName), Flow: key.Namespace, PriorityLevel: budget.Drift}
	c = &check{
		live: live, request: request, account: facts, current: r.current(ctx), cluster: r.Options.ClusterName, writes: r.Writes, workers: r.workers,
		found: found, started: time.Now(), progressed: time.Now(), key: key, lossOf: account.WhoseLoss(key, live), gone: r.Registry.Vanished,
	}
	r.Registry.Vanished.Begin(key)
	c.plan(used, ways)
	for _, conv := range c.behind {
		r.queue(ctx, conv)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.checks[key] = c
	if r.begun[key].IsZero() {
		r.begun[key] = c.started
	}
	return c, ways, nil
}

// prune forgets writes that no check and no hint needs any more.
func (r *Reconciler) prune() {
	before := time.Now().Add(-writesKept)
	r.mu.Lock()
	for _, c := range r.checks {
		if c.started.Before(before) {
			before = c.started
		}
	}
	r.mu.Unlock()
	r.Writes.Prune(before)
}

// current reads an object from the cache; nil if it is gone.
func (r *Reconciler) current(ctx context.Context) func(*v1alpha1.Conversation) *v1alpha1.Conversation {
	return func(conv *v1alpha1.Conversation) *v1alpha1.Conversation {
		now := &v1alpha1.Conversation{}
		if r.Get(ctx, client.ObjectKeyFromObject(conv), now) != nil || now.UID != conv.UID || r.Fresh.Stale(now) {
			return nil
		}
		return now
	}
}

func (r *Reconciler) finished(key tenancy.Key, at string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.checks, key)
	delete(r.begun, key)
	r.asked[key] = at
	r.ended[key] = time.Now()
}

// giveUp ends a check that was interrupted.
func (r *Reconciler) giveUp(key tenancy.Key) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.checks, key)
	delete(r.begun, key)
}

// underWay is the check that was interrupted; nil: none was.
func (r *Reconciler) underWay(key tenancy.Key) *check {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.checks[key]
}

func (r *Reconciler) forget(key tenancy.Key) {
	account.ForgetMetrics(key)
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.checks, key)
	delete(r.ways, key)
	delete(r.asked, key)
	delete(r.ended, key)
	delete(r.begun, key)
}
