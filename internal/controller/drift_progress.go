// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"cmp"
	"context"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/retry"
	"github.com/conversations-operator/conversations-operator/internal/twilio/budget"
)

// stands tells whether the check may go on. One that read nothing for an interval is begun anew: what it read before is
// old, and what fails keeps nothing else from being checked again.
func (c *driftCheck) stands(acct Account, live *liveAccount) bool {
	return c.account.SID == live.sid && c.account.Region == live.version.region && time.Since(c.progressed) < cmp.Or(driftInterval(acct), retry.DriftCheck.For)
}

// carryOn answers the account's check that was interrupted, or a new one, and what earlier ones learned.
func (r *DriftReconciler) carryOn(ctx context.Context, key accountKey, acct Account, live *liveAccount) (*driftCheck, map[string]way, error) {
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
	used, err := r.resolver.usedBy(ctx, key)
	if err != nil {
		return nil, nil, err
	}
	account := plan.Account{SID: live.sid, Region: live.version.region, Key: key.String()}
	request := budget.Request{Key: waking(string(r.Kind)+driftQueue, key.NamespacedName), Flow: key.Namespace, PriorityLevel: budget.Drift}
	c = &driftCheck{
		live: live, request: request, account: account, current: r.current(ctx), cluster: r.options.ClusterName, writes: r.writes, workers: r.workers,
		found: found, started: time.Now(), progressed: time.Now(), key: key, lossOf: whoseLoss(key, live), gone: r.accounts.gone,
	}
	r.accounts.gone.begin(key)
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
func (r *DriftReconciler) prune() {
	before := time.Now().Add(-writesKept)
	r.mu.Lock()
	for _, c := range r.checks {
		if c.started.Before(before) {
			before = c.started
		}
	}
	r.mu.Unlock()
	r.writes.prune(before)
}

// current reads an object from the cache; nil if it is gone.
func (r *DriftReconciler) current(ctx context.Context) func(*v1alpha1.Conversation) *v1alpha1.Conversation {
	return func(conv *v1alpha1.Conversation) *v1alpha1.Conversation {
		now := &v1alpha1.Conversation{}
		if r.Get(ctx, client.ObjectKeyFromObject(conv), now) != nil || now.UID != conv.UID || r.fresh.stale(now) {
			return nil
		}
		return now
	}
}

func (r *DriftReconciler) finished(key accountKey, at string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.checks, key)
	delete(r.begun, key)
	r.asked[key] = at
	r.ended[key] = time.Now()
}

// giveUp ends a check that was interrupted.
func (r *DriftReconciler) giveUp(key accountKey) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.checks, key)
	delete(r.begun, key)
}

// underWay is the check that was interrupted; nil: none was.
func (r *DriftReconciler) underWay(key accountKey) *driftCheck {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.checks[key]
}

func (r *DriftReconciler) forget(key accountKey) {
	forgetMetrics(key)
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.checks, key)
	delete(r.ways, key)
	delete(r.asked, key)
	delete(r.ended, key)
	delete(r.begun, key)
}
