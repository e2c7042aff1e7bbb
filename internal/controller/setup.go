// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/retry"
)

const (
	// recheckBuffer holds requests to check an account: they come one per rejected answer, and the first stops the rest.
	recheckBuffer = 64
)

// Setup adds every controller to the manager.
func Setup(ctx context.Context, mgr ctrl.Manager, o Options) error {
	kinds := o.accountKinds()
	if err := addIndexes(ctx, mgr.GetFieldIndexer(), kinds); err != nil {
		return err
	}
	looks := make(chan event.GenericEvent)
	queues, gone := newQueues(), newErased()
	accounts := newAccounts(queues.wake)
	s := shared{
		options:   o,
		queues:    queues,
		accounts:  accounts,
		resolver:  resolver{mgr.GetClient(), kinds, gone},
		fresh:     newFreshness(),
		apiReader: mgr.GetAPIReader(),
		recorder:  mgr.GetEventRecorder("conversations-operator"),
		warnings:  newWarnings(),
		setbacks:  newSetbacks(), statusSetbacks: newSetbacks(),
		hints:   newHints(),
		writes:  newRecentWrites(),
		looks:   looks,
		budgets: newBudgets(queues.wake, o.Shards, accounts.throttled),
		recheck: accountEvents(),
		halting: accountEvents(),
	}
	budgetMetrics.accounts.Store(s.accounts)
	objectMetrics.reader.Store(&s.resolver)
	if err := mgr.Add(s.budgets); err != nil {
		return fmt.Errorf("adding the budgets: %w", err)
	}
	for _, kind := range kinds {
		r := &AccountReconciler{Client: mgr.GetClient(), Kind: kind, shared: s, workers: newWorkers(maxChecks)}
		if err := r.setup(mgr); err != nil {
			return fmt.Errorf("setting up the controller of %s: %w", kind, err)
		}
		d := &DriftReconciler{
			Client: mgr.GetClient(), Kind: kind, shared: s, workers: newWorkers(maxDriftChecks),
			checks: map[accountKey]*driftCheck{}, ways: map[accountKey]map[string]way{}, asked: map[accountKey]string{},
			ended: map[accountKey]time.Time{}, begun: map[accountKey]time.Time{},
		}
		if err := d.setup(mgr); err != nil {
			return fmt.Errorf("setting up the drift check of %s: %w", kind, err)
		}
	}
	if err := (&SecretReconciler{Client: mgr.GetClient(), shared: s}).setup(mgr); err != nil {
		return fmt.Errorf("setting up the controller of Secret: %w", err)
	}
	r := &ConversationReconciler{
		Client: mgr.GetClient(), shared: s, claims: newClaims(), unsent: newUnsent(), unsentUpdates: newUnsent(),
		refusedCreates: newUnsent(), ownUpdates: newUnsent(), journal: newJournal(), removals: newRemovals(), released: newReleased(), erased: gone,
		unselected: newUnselected(), workers: newWorkers(o.MaxConcurrentReconciles),
	}
	if err := r.setup(mgr); err != nil {
		return fmt.Errorf("setting up the controller of Conversation: %w", err)
	}
	return nil
}

func (r *ConversationReconciler) setup(mgr ctrl.Manager) error {
	b := ctrl.NewControllerManagedBy(mgr).
		For(&v1alpha1.Conversation{}, builder.WithPredicates(predicate.Or[client.Object](asked, forgotten, unprotected, overtaken, asking), r.times.sight())).
		Watches(&v1alpha1.TwilioAccount{}, many(r.ofAccount), builder.WithPredicates(accountTurned))
	if slices.Contains(r.resolver.kinds, v1alpha1.ClusterTwilioAccountKind) {
		b.Watches(&v1alpha1.ClusterTwilioAccount{}, many(r.ofAccount), builder.WithPredicates(accountTurned)).
			WatchesMetadata(&corev1.Namespace{}, many(r.ofNamespace), builder.WithPredicates(relabelled))
	}
	return b.
		Watches(&v1alpha1.Conversation{}, departures(r.inTheWay)).
		Watches(&v1alpha1.Conversation{}, r.erasures()).
		WatchesRawSource(source.Channel(r.looks, many(itself))).
		WatchesRawSource(r.queues.source(conversationQueue)).
		WithOptions(r.workers.options(seatsAtOnce)).
		Complete(r)
}

func (r *AccountReconciler) setup(mgr ctrl.Manager) error {
	return ctrl.NewControllerManagedBy(mgr).
		Named(strings.ToLower(string(r.Kind))).
		For(accountKey{Kind: r.Kind}.object(), builder.WithPredicates(predicate.Or[client.Object](asked, unprotected))).
		WatchesMetadata(&corev1.Secret{}, handler.EnqueueRequestsFromMapFunc(r.ofSecret), builder.WithPredicates(touched)).
		Watches(&v1alpha1.Conversation{}, r.conversations()).
		WatchesRawSource(source.TypedChannel(r.recheck[r.Kind], enqueueAccount())).
		WatchesRawSource(r.queues.source(string(r.Kind))).
		WithOptions(r.workers.options(checksAtOnce)).
		Complete(r)
}

func (r *DriftReconciler) setup(mgr ctrl.Manager) error {
	return ctrl.NewControllerManagedBy(mgr).
		Named(strings.ToLower(string(r.Kind))+"-drift").
		For(accountKey{Kind: r.Kind}.object(), builder.WithPredicates(predicate.Or[client.Object](asked, accountTurned, allowed))).
		WatchesRawSource(source.TypedChannel(r.halting[r.Kind], enqueueAccount())).
		WatchesRawSource(r.queues.source(string(r.Kind) + driftQueue)).
		WithOptions(r.workers.options(checksAtOnce)).
		Complete(r)
}

func accountEvents() map[v1alpha1.AccountKind]chan event.TypedGenericEvent[accountKey] {
	return map[v1alpha1.AccountKind]chan event.TypedGenericEvent[accountKey]{
		v1alpha1.TwilioAccountKind:        make(chan event.TypedGenericEvent[accountKey], recheckBuffer),
		v1alpha1.ClusterTwilioAccountKind: make(chan event.TypedGenericEvent[accountKey], recheckBuffer),
	}
}

func enqueueAccount() handler.TypedEventHandler[accountKey, reconcile.Request] {
	return handler.TypedEnqueueRequestsFromMapFunc(func(_ context.Context, key accountKey) []reconcile.Request {
		return []reconcile.Request{accountRequest(key)}
	})
}

// itself is the request to look at an object.
func itself(_ context.Context, o client.Object) []reconcile.Request {
	return []reconcile.Request{{NamespacedName: client.ObjectKeyFromObject(o)}}
}

func backoff() workqueue.TypedRateLimiter[reconcile.Request] {
	return workqueue.NewTypedItemExponentialFailureRateLimiter[reconcile.Request](retry.Backoff.For, retry.Backoff.Most)
}

// ClusterName answers the UID of the namespace kube-system, which stands for the cluster where nobody named it.
func ClusterName(ctx context.Context, c client.Reader) (string, error) {
	ns := &corev1.Namespace{}
	if err := c.Get(ctx, types.NamespacedName{Name: "kube-system"}, ns); err != nil {
		return "", fmt.Errorf("reading the UID of the namespace kube-system (or set --cluster-name): %w", err)
	}
	return string(ns.UID), nil
}
