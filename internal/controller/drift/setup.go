// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package drift

import (
	"strings"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/conversations-operator/conversations-operator/internal/controller/account"
	"github.com/conversations-operator/conversations-operator/internal/kube"
	"github.com/conversations-operator/conversations-operator/internal/tenancy"
)

// Setup adds the controller to the manager.
func (r *Reconciler) Setup(mgr ctrl.Manager) error {
	return ctrl.NewControllerManagedBy(mgr).
		Named(strings.ToLower(string(r.Kind))+"-drift").
		For(tenancy.Key{Kind: r.Kind}.Object(), builder.WithPredicates(predicate.Or[client.Object](kube.ChangedByUser, account.Turned, account.RecreationAllowed))).
		WatchesRawSource(source.TypedChannel(r.Halting[r.Kind], account.Enqueue())).
		WatchesRawSource(r.Queues.Source(string(r.Kind) + queueSuffix)).
		WithOptions(r.workers.Options(account.ChecksAtOnce)).
		Complete(r)
}

// queueSuffix ends the name of the work queue of a kind's drift checks.
const queueSuffix = "-drift"
