// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package account

import (
	"context"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/kube"
	"github.com/conversations-operator/conversations-operator/internal/tenancy"
)

// Setup adds the controller to the manager.
func (r *Reconciler) Setup(mgr ctrl.Manager) error {
	return ctrl.NewControllerManagedBy(mgr).
		Named(strings.ToLower(string(r.Kind))).
		For(tenancy.Key{Kind: r.Kind}.Object(), builder.WithPredicates(predicate.Or[client.Object](kube.ChangedByUser, kube.LostFinalizer))).
		WatchesMetadata(&corev1.Secret{}, handler.EnqueueRequestsFromMapFunc(r.ofSecret), builder.WithPredicates(kube.Written)).
		Watches(&v1alpha1.Conversation{}, r.conversations()).
		WatchesRawSource(source.TypedChannel(r.Recheck[r.Kind], Enqueue())).
		WatchesRawSource(r.Queues.Source(string(r.Kind))).
		WithOptions(r.workers.Options(ChecksAtOnce)).
		Complete(r)
}

func newEvents() map[v1alpha1.AccountKind]chan event.TypedGenericEvent[tenancy.Key] {
	return map[v1alpha1.AccountKind]chan event.TypedGenericEvent[tenancy.Key]{
		v1alpha1.TwilioAccountKind:        make(chan event.TypedGenericEvent[tenancy.Key], recheckBuffer),
		v1alpha1.ClusterTwilioAccountKind: make(chan event.TypedGenericEvent[tenancy.Key], recheckBuffer),
	}
}

// Enqueue queues the account of an event.
func Enqueue() handler.TypedEventHandler[tenancy.Key, reconcile.Request] {
	return handler.TypedEnqueueRequestsFromMapFunc(func(_ context.Context, key tenancy.Key) []reconcile.Request {
		return []reconcile.Request{requestOf(key)}
	})
}

// ChecksAtOnce is how many accounts of a kind may wait for Twilio with a check of their credentials, and how many with
// a drift check. Each account has at most one check of each sort.
const ChecksAtOnce = 250

// recheckBuffer holds requests to check an account: each rejected answer sends one, and the first check ends the need
// for more.
const recheckBuffer = 64

func requestOf(key tenancy.Key) ctrl.Request {
	return ctrl.Request{NamespacedName: types.NamespacedName{Namespace: key.Namespace, Name: key.Name}}
}
