// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package conversation

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/controller/account"
	"github.com/conversations-operator/conversations-operator/internal/kube"
)

// Setup adds the controller to the manager.
func (r *Reconciler) Setup(mgr ctrl.Manager) error {
	b := ctrl.NewControllerManagedBy(mgr).
		For(&v1alpha1.Conversation{}, builder.WithPredicates(
			predicate.Or[client.Object](kube.ChangedByUser, forgotten, kube.LostFinalizer, overtaken, asking), r.memory.sight())).
		Watches(&v1alpha1.TwilioAccount{}, kube.EnqueueBehind(r.ofAccount), builder.WithPredicates(account.Turned))
	if slices.Contains(r.Resolver.Kinds, v1alpha1.ClusterTwilioAccountKind) {
		b.Watches(&v1alpha1.ClusterTwilioAccount{}, kube.EnqueueBehind(r.ofAccount), builder.WithPredicates(account.Turned)).
			WatchesMetadata(&corev1.Namespace{}, kube.EnqueueBehind(r.ofNamespace), builder.WithPredicates(kube.Relabelled))
	}
	return b.
		Watches(&v1alpha1.Conversation{}, departures(r.inTheWay)).
		Watches(&v1alpha1.Conversation{}, r.erasures()).
		WatchesRawSource(source.Channel(r.memory.looks, kube.EnqueueBehind(kube.Itself))).
		WatchesRawSource(r.Queues.Source(queueName)).
		WithOptions(r.workers.Options(account.SeatsAtOnce)).
		Complete(r)
}

// queueName is the name of the work queue of Conversations.
const queueName = "Conversation"
