// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package drift compares the conversations of an account with their objects, by listing. Differing objects go to
// package conversation.
package drift

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/condition"
	"github.com/conversations-operator/conversations-operator/internal/controller/account"
	"github.com/conversations-operator/conversations-operator/internal/controller/conversation"
	"github.com/conversations-operator/conversations-operator/internal/controller/vanished"
	"github.com/conversations-operator/conversations-operator/internal/kube"
	"github.com/conversations-operator/conversations-operator/internal/retry"
	"github.com/conversations-operator/conversations-operator/internal/tenancy"
)

const (
	// driftJitter spreads the checks of accounts over a tenth of their interval.
	driftJitter = 10
	// maxDriftChecks is how many accounts of a kind are compared at a time.
	maxDriftChecks = 4
	// writesKept is how long writes are remembered. A check which began before a write keeps the write until its end.
	writesKept = time.Hour
)

// Reconciler compares the conversations of the accounts of one kind with their objects, by listing. Differing objects
// go to the controller of Conversations.
type Reconciler struct {
	client.Client
	// Kind of the accounts.
	Kind v1alpha1.AccountKind
	account.Shared
	conversations *conversation.Memory
	workers       *kube.Workers

	mu       sync.Mutex
	accounts map[tenancy.Key]*progress
}

// NewReconciler makes the reconciler which checks the accounts of one kind for drift.
func NewReconciler(c client.Client, s account.Shared, m *conversation.Memory, kind v1alpha1.AccountKind) *Reconciler {
	return &Reconciler{
		Client: c, Kind: kind, Shared: s, conversations: m, workers: kube.NewWorkers(maxDriftChecks), accounts: map[tenancy.Key]*progress{},
	}
}

// Reconcile checks one account if a check is due, and says when the next check is due. A check interrupted by an error
// goes on behind the checks of other accounts.
func (r *Reconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	key := tenancy.Key{Kind: r.Kind, NamespacedName: req.NamespacedName}
	acct := key.Object()
	if err := r.Get(ctx, req.NamespacedName, acct); err != nil {
		r.forget(key)
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	result, err := r.reconcile(ctx, key, acct)
	switch {
	case condition.Refuses(err):
		var message string
		r.note(key, func(p *progress) { message = p.setback.Event(string(r.Kind), err) })
		kube.TellSetback(r.Recorder, acct, message)
	case err == nil:
		r.note(key, func(p *progress) { p.setback = kube.Setback{} })
	}
	if result.Priority == nil {
		result.Priority = new(0)
	}
	return result, err
}

func (r *Reconciler) reconcile(ctx context.Context, key tenancy.Key, acct tenancy.Account) (ctrl.Result, error) {
	if r.Registry.Stale(acct) {
		return ctrl.Result{RequeueAfter: retry.Stale.After()}, nil
	}
	stopped, err := r.follow(ctx, key, acct)
	if err != nil {
		return kube.RetryConflict(err)
	}
	wait, due := r.due(key, acct)
	if !due && !stopped {
		late, err := r.idle(ctx, acct)
		if err != nil {
			return kube.RetryConflict(err)
		}
		return ctrl.Result{RequeueAfter: kube.Soonest(wait, late)}, nil
	}
	live := r.Registry.Lookup(key)
	if live == nil || live.Suspect.Load() {
		return ctrl.Result{RequeueAfter: retry.NotConnected.After()}, nil
	}
	return r.check(ctx, key, acct, live)
}

// due answers how long to wait for the next check. Without an interval, only a request of the user makes a check due.
func (r *Reconciler) due(key tenancy.Key, acct tenancy.Account) (wait time.Duration, due bool) {
	if condition.ReadyOf(acct.CommonStatus().Conditions).Status != metav1.ConditionTrue || !acct.GetDeletionTimestamp().IsZero() {
		return 0, false
	}
	if r.requested(acct) {
		return 0, true
	}
	interval := Interval(acct)
	if interval == 0 {
		return 0, false
	}
	if r.recall(key).check != nil {
		return 0, true
	}
	last := r.last(acct)
	if last.IsZero() {
		return 0, true
	}
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(acct.GetUID() + types.UID(last.UTC().Format(time.RFC3339))))
	spread := time.Duration(hash.Sum32()%1000) * interval / driftJitter / 1000
	// A check which seems to end in the future was dated by a wrong clock.
	wait = min(time.Until(last.Add(interval+spread)), interval+spread)
	return max(wait, time.Second), wait <= 0
}

// last is when the last check ended; zero: no check ended yet. The status has the time, unless other managers, which
// check other objects of the same account, write the status too.
func (r *Reconciler) last(acct tenancy.Account) time.Time {
	if r.Options.WatchLabelSelector != nil {
		return r.recall(tenancy.KeyOf(acct)).ended
	}
	if at := CompletedAt(acct.CommonStatus()); at != nil {
		return at.Time
	}
	return time.Time{}
}

// Interval is the time between two checks; zero: no checks.
func Interval(acct tenancy.Account) time.Duration {
	if s := acct.CommonSpec().DriftCheckIntervalSeconds; s != nil {
		return time.Duration(*s) * time.Second
	}
	return retry.DriftCheck.For
}

// requested tells whether the user asked for a check since the last check. The process before this process acted on
// requests from before this process began; the status does not tell so where other managers write the status too.
func (r *Reconciler) requested(acct tenancy.Account) bool {
	key, at := tenancy.KeyOf(acct), kube.RequestedAt(acct)
	known := r.recall(key).asked
	alone := r.Options.WatchLabelSelector == nil
	if known == nil && alone && at == acct.CommonStatus().LastHandledReconcileAt && !r.Registry.Requested(key, at) {
		known = &at
		r.note(key, func(p *progress) { p.asked = known })
	}
	return at != "" && (known == nil || *known != at)
}

func (r *Reconciler) check(ctx context.Context, key tenancy.Key, acct tenancy.Account, live *account.Live) (ctrl.Result, error) {
	at := kube.RequestedAt(acct)
	c, ways, err := r.carryOn(ctx, key, acct, live)
	if err != nil {
		return ctrl.Result{}, err
	}
	stopped := c.run(ctx, ways)
	if c.errors > 0 {
		checks.WithLabelValues(account.LabelsOf(key, resultInterrupted)...).Add(float64(c.errors))
		c.errors = 0
	}
	for _, conv := range c.release() {
		r.conversations.Hint(ctx, conv, conversation.Hint{})
	}
	if stopped != nil {
		if err := r.overdue(ctx, acct, c, stopped); err != nil {
			return kube.RetryConflict(err)
		}
		return r.interrupted(ctx, key, c, stopped)
	}
	if c.managed > 0 || acct.CommonStatus().LastDriftCheck != nil || at != "" || late(acct) != nil {
		if err := r.record(ctx, acct, c); err != nil {
			return kube.RetryConflict(err)
		}
	}
	r.finished(key, at)
	if c.managed > 0 {
		c.count(key)
	}
	for _, conv := range c.vanished {
		r.conversations.Hint(ctx, conv, conversation.Hint{})
	}
	logf.FromContext(ctx).Info("Checked for drift", "account", key.Index(), "managed", c.managed, "requests", c.requests,
		"listed", c.listed, "drifted", c.drifted, "differing", c.differing, "vanished", c.lost)
	if r.last(acct).IsZero() {
		return ctrl.Result{RequeueAfter: Interval(acct)}, nil
	}
	wait, _ := r.due(key, acct)
	return ctrl.Result{RequeueAfter: wait}, nil
}

// interrupted says when the check goes on. An error proves nothing about the conversations.
func (r *Reconciler) interrupted(ctx context.Context, key tenancy.Key, c *check, err error) (ctrl.Result, error) {
	kind := retry.KindOf(err)
	if kind == retry.Throttling || kind == retry.Denial {
		checks.WithLabelValues(account.LabelsOf(key, resultInterrupted)...).Inc()
	}
	switch {
	case errors.Is(err, errPaused):
		return ctrl.Result{RequeueAfter: retry.DriftPaused.After()}, nil
	case errors.Is(err, retry.ErrQueued):
		return ctrl.Result{RequeueAfter: retry.Queued.After()}, nil
	case kind == retry.Throttling:
		return ctrl.Result{RequeueAfter: retry.Throttled.From(retry.Seat(err))}, nil
	case kind == retry.Denial:
		c.denials++
		wait := ctrl.Result{RequeueAfter: retry.Denied.From(retry.Denied.Doubled(c.denials))}
		if c.live.Suspect.Swap(true) {
			return wait, nil
		}
		select {
		case r.Recheck[r.Kind] <- event.TypedGenericEvent[tenancy.Key]{Object: key}:
		case <-ctx.Done():
		}
		return wait, nil
	}
	if after := retry.Asked(err, 0); after > 0 {
		return ctrl.Result{RequeueAfter: retry.Unavailable.From(after)}, nil
	}
	return ctrl.Result{Priority: new(handler.LowPriority)}, fmt.Errorf("checking for drift: %w", err)
}

// record writes the findings of the check into the account's status. A halt is written before any pass acts on the
// findings.
func (r *Reconciler) record(ctx context.Context, acct tenancy.Account, c *check) error {
	before := acct.DeepCopyObject().(tenancy.Account)
	key, status := tenancy.KeyOf(acct), acct.CommonStatus()
	status.LastDriftCheck = &v1alpha1.DriftCheck{
		StartTime: new(metav1.NewTime(c.started)), CompletionTime: new(metav1.Now()),
		Requests: c.requests, Listed: c.listed, Checked: c.checked, Drifted: c.drifted + int32(min(c.lost, 1<<30)),
	}
	r.removeOverdue(acct)
	manager := r.Options.Sharer()
	many, err := r.Registry.TooMany(ctx, r.Resolver, key, c.lossOf)
	if err != nil {
		return err
	}
	if many && c.lost > 0 {
		// Objects are woken before every cache has seen the condition.
		r.Registry.Halt(key)
		vanished.SetHalted(acct, manager)
	}
	ends := vanished.HaltedBy(before, manager) && c.missed == 0 && c.waiting == 0
	if ends {
		vanished.UnsetHalted(acct, manager)
	}
	if err := r.Registry.WriteStatus(ctx, r.Client, before, acct); err != nil {
		return err
	}
	switch {
	case ends:
		r.Registry.EndHalt(key)
	case vanished.HaltedBy(acct, manager):
		r.Registry.HaltTold(key)
	}
	r.Registry.Vanished.End(key)
	r.tellHalted(before, acct)
	return nil
}
