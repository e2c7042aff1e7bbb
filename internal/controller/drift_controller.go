// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/retry"
)

const (
	// driftJitter spreads the checks of accounts over a tenth of their interval.
	driftJitter = 10
	// maxDriftChecks is how many accounts of a kind are compared at a time.
	maxDriftChecks = 4
	// writesKept is how long writes are remembered, or for as long as a check takes that began before them.
	writesKept = time.Hour
)

// DriftReconciler compares the conversations of the accounts of one kind with their objects, by listing. What differs
// goes to the conversation controller.
type DriftReconciler struct {
	client.Client
	// Kind of the accounts.
	Kind v1alpha1.AccountKind
	shared
	workers *workers

	mu sync.Mutex
	// checks are under way: they were interrupted and go on.
	checks map[accountKey]*driftCheck
	// ways are how the services of an account were read at the least cost, the last time.
	ways map[accountKey]map[string]way
	// asked is the annotation reconcile-requested-at that was last acted on.
	asked map[accountKey]string
	// ended is when this process' last check of an account did, begun when the first one did that has not.
	ended, begun map[accountKey]time.Time
}

// Reconcile checks one account if that is due, and says when the next check is. A check that an error interrupted goes on
// behind others.
func (r *DriftReconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	key := accountKey{r.Kind, req.NamespacedName}
	acct := key.object()
	if err := r.Get(ctx, req.NamespacedName, acct); err != nil {
		r.forget(key)
		r.setbacks.over(key.index() + driftQueue)
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	result, err := r.reconcile(ctx, key, acct)
	switch {
	case kubeRefuses(err):
		r.tellSetback(r.setbacks, string(r.Kind), key.index()+driftQueue, acct, err)
	case err == nil:
		r.setbacks.over(key.index() + driftQueue)
	}
	if result.Priority == nil {
		result.Priority = new(0)
	}
	return result, err
}

func (r *DriftReconciler) reconcile(ctx context.Context, key accountKey, acct Account) (ctrl.Result, error) {
	if r.fresh.stale(acct) {
		return ctrl.Result{RequeueAfter: retry.Stale.After()}, nil
	}
	stopped, err := r.follow(ctx, key, acct)
	if err != nil {
		return retryConflict(err)
	}
	wait, due := r.due(key, acct)
	if !due && !stopped {
		late, err := r.idle(ctx, acct)
		if err != nil {
			return retryConflict(err)
		}
		return ctrl.Result{RequeueAfter: soonest(wait, late)}, nil
	}
	live := r.accounts.lookup(key)
	if live == nil || live.suspect.Load() {
		return ctrl.Result{RequeueAfter: retry.NotConnected.After()}, nil
	}
	return r.check(ctx, key, acct, live)
}

// due answers how long to wait for the next check; without an interval there is none but the one asked for.
func (r *DriftReconciler) due(key accountKey, acct Account) (wait time.Duration, due bool) {
	if readyOf(acct.CommonStatus().Conditions).Status != metav1.ConditionTrue || !acct.GetDeletionTimestamp().IsZero() {
		return 0, false
	}
	if r.requested(acct) {
		return 0, true
	}
	interval := driftInterval(acct)
	if interval == 0 {
		return 0, false
	}
	if r.underWay(key) != nil {
		return 0, true
	}
	last := r.last(acct)
	if last.IsZero() {
		return 0, true
	}
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(acct.GetUID() + types.UID(last.UTC().Format(time.RFC3339))))
	spread := time.Duration(hash.Sum32()%1000) * interval / driftJitter / 1000
	// A check that seems to end in the future was dated by a clock that was wrong.
	wait = min(time.Until(last.Add(interval+spread)), interval+spread)
	return max(wait, time.Second), wait <= 0
}

// last is when the last check ended; zero: there was none. The status tells, unless other managers, which check other
// objects of the same account, write it too.
func (r *DriftReconciler) last(acct Account) time.Time {
	if r.options.WatchLabelSelector != nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		return r.ended[keyOf(acct)]
	}
	if at := completed(acct.CommonStatus()); at != nil {
		return at.Time
	}
	return time.Time{}
}

// driftInterval is the time between two checks; zero: none.
func driftInterval(acct Account) time.Duration {
	if s := acct.CommonSpec().DriftCheckIntervalSeconds; s != nil {
		return time.Duration(*s) * time.Second
	}
	return retry.DriftCheck.For
}

// requested tells whether the user asked for a check since the last one. What was asked for before this process began
// was acted on by the one before.
func (r *DriftReconciler) requested(acct Account) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	key, at := keyOf(acct), requestedAt(acct)
	if _, known := r.asked[key]; !known && at == acct.CommonStatus().LastHandledReconcileAt && !r.accounts.requested(key, at) {
		r.asked[key] = at
	}
	return at != "" && r.asked[key] != at
}

func (r *DriftReconciler) check(ctx context.Context, key accountKey, acct Account, live *liveAccount) (ctrl.Result, error) {
	at := requestedAt(acct)
	c, ways, err := r.carryOn(ctx, key, acct, live)
	if err != nil {
		return ctrl.Result{}, err
	}
	stopped := c.run(ctx, ways)
	if c.errors > 0 {
		driftChecks.WithLabelValues(key.labels(resultInterrupted)...).Add(float64(c.errors))
		c.errors = 0
	}
	for _, conv := range c.release() {
		r.wake(ctx, look{conv: conv})
	}
	if stopped != nil {
		if err := r.overdue(ctx, acct, c, stopped); err != nil {
			return retryConflict(err)
		}
		return r.interrupted(ctx, key, c, stopped)
	}
	if c.managed > 0 || acct.CommonStatus().LastDriftCheck != nil || at != "" || late(acct) != nil {
		if err := r.record(ctx, acct, c); err != nil {
			return retryConflict(err)
		}
	}
	r.finished(key, at)
	if c.managed > 0 {
		c.count(key)
	}
	for _, conv := range c.vanished {
		r.wake(ctx, look{conv: conv})
	}
	logf.FromContext(ctx).Info("Checked for drift", "account", key.index(), "managed", c.managed, "requests", c.requests,
		"listed", c.listed, "drifted", c.drifted, "differing", c.differing, "vanished", c.lost)
	if r.last(acct).IsZero() {
		return ctrl.Result{RequeueAfter: driftInterval(acct)}, nil
	}
	wait, _ := r.due(key, acct)
	return ctrl.Result{RequeueAfter: wait}, nil
}

// interrupted says when the check goes on. Nothing is concluded from an error.
func (r *DriftReconciler) interrupted(ctx context.Context, key accountKey, c *driftCheck, err error) (ctrl.Result, error) {
	kind := retry.KindOf(err)
	if kind == retry.Throttling || kind == retry.Denial {
		driftChecks.WithLabelValues(key.labels(resultInterrupted)...).Inc()
	}
	switch {
	case errors.Is(err, errPaused):
		return ctrl.Result{RequeueAfter: retry.DriftPaused.After()}, nil
	case errors.Is(err, errQueued):
		return ctrl.Result{RequeueAfter: retry.Queued.After()}, nil
	case kind == retry.Throttling:
		return ctrl.Result{RequeueAfter: retry.Throttled.From(retry.Seat(err))}, nil
	case kind == retry.Denial:
		c.denials++
		wait := ctrl.Result{RequeueAfter: retry.Denied.From(retry.Denied.Doubled(c.denials))}
		if c.live.suspect.Swap(true) {
			return wait, nil
		}
		select {
		case r.recheck[r.Kind] <- event.TypedGenericEvent[accountKey]{Object: key}:
		case <-ctx.Done():
		}
		return wait, nil
	}
	if after := retry.Asked(err, 0); after > 0 {
		return ctrl.Result{RequeueAfter: retry.Unavailable.From(after)}, nil
	}
	return ctrl.Result{Priority: new(handler.LowPriority)}, fmt.Errorf("checking for drift: %w", err)
}

// wake sends an object to the conversation controller.
func (r *DriftReconciler) wake(ctx context.Context, l look) {
	l.uid = l.conv.UID
	r.hints.add(client.ObjectKeyFromObject(l.conv), l.hint)
	r.queue(ctx, l.conv)
}

// queue lets the conversation controller make a pass over an object.
func (r *DriftReconciler) queue(ctx context.Context, conv *v1alpha1.Conversation) {
	select {
	case r.looks <- event.GenericEvent{Object: &v1alpha1.Conversation{ObjectMeta: metav1.ObjectMeta{Namespace: conv.Namespace, Name: conv.Name}}}:
	case <-ctx.Done():
	}
}

// record writes what the check found into the account's status, the halt before anybody acts on it.
func (r *DriftReconciler) record(ctx context.Context, acct Account, c *driftCheck) error {
	before := acct.DeepCopyObject().(Account)
	key, status := keyOf(acct), acct.CommonStatus()
	status.LastDriftCheck = &v1alpha1.DriftCheck{
		StartTime: new(metav1.NewTime(c.started)), CompletionTime: new(metav1.Now()),
		Requests: c.requests, Listed: c.listed, Checked: c.checked, Drifted: c.drifted + int32(min(c.lost, 1<<30)),
	}
	r.removeOverdue(acct)
	manager := r.options.sharer()
	many, err := r.resolver.tooMany(ctx, r.accounts, key, c.lossOf)
	if err != nil {
		return err
	}
	if many && c.lost > 0 {
		// Objects are woken before every cache has seen the condition.
		r.accounts.halt(key)
		setHalted(acct, manager)
	}
	ends := haltedBy(before, manager) && c.missed == 0 && c.waiting == 0
	if ends {
		unsetHalted(acct, manager)
	}
	if err := writeStatus(ctx, r.Client, r.fresh, before, acct); err != nil {
		return err
	}
	switch {
	case ends:
		r.accounts.endHalt(key)
	case haltedBy(acct, manager):
		r.accounts.haltTold(key)
	}
	r.accounts.gone.end(key)
	r.tellHalted(before, acct)
	return nil
}

// retryConflict tries again soon after somebody else's write.
func retryConflict(err error) (ctrl.Result, error) {
	if apierrors.IsConflict(err) {
		return ctrl.Result{RequeueAfter: retry.Conflict.After()}, nil
	}
	return ctrl.Result{}, err
}
