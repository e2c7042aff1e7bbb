// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package account

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	logf "sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/condition"
	"github.com/conversations-operator/conversations-operator/internal/retry"
	"github.com/conversations-operator/conversations-operator/internal/tenancy"
)

// Turned lets an account through after a change which may concern the account's conversations.
var Turned = predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
	before, after := e.ObjectOld.(tenancy.Account), e.ObjectNew.(tenancy.Account)
	was, is := condition.ReadyOf(before.CommonStatus().Conditions), condition.ReadyOf(after.CommonStatus().Conditions)
	return was.Status != is.Status || was.Reason != is.Reason ||
		before.CommonStatus().AccountSID != after.CommonStatus().AccountSID ||
		!equality.Semantic.DeepEqual(before.CommonStatus().Credentials, after.CommonStatus().Credentials) ||
		before.GetGeneration() != after.GetGeneration() || tenancy.Halted(before) != tenancy.Halted(after) ||
		before.GetDeletionTimestamp().IsZero() != after.GetDeletionTimestamp().IsZero()
}}

// RecreationAllowed lets an account through if the user just allowed the operator to recreate vanished conversations.
var RecreationAllowed = predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool { return Recreates(e.ObjectNew) }}

// Recreates tells whether the user allows the operator to recreate vanished conversations.
func Recreates(o client.Object) bool {
	return o.GetAnnotations()[v1alpha1.RecreateVanishedAnnotation] == "true"
}

// ofSecret answers the accounts which take their credentials from a Secret.
func (r *Reconciler) ofSecret(ctx context.Context, o client.Object) []ctrl.Request {
	list := tenancy.ListOf(r.Kind)
	if err := r.List(ctx, list, client.MatchingFields{tenancy.IndexSecret: client.ObjectKeyFromObject(o).String()}); err != nil {
		logf.FromContext(ctx).Error(err, "Listed no accounts of the Secret")
		return nil
	}
	var out []ctrl.Request
	for _, acct := range tenancy.Items(list) {
		out = append(out, ctrl.Request{NamespacedName: client.ObjectKeyFromObject(acct)})
	}
	return out
}

// conversations wakes an account a little later after conversations came or went.
func (r *Reconciler) conversations() handler.EventHandler {
	later := func(o client.Object, q workqueue.TypedRateLimitingInterface[reconcile.Request], after time.Duration) {
		for _, key := range tenancy.KeysOf(o.(*v1alpha1.Conversation)) {
			if key.Kind == r.Kind {
				q.AddAfter(ctrl.Request{NamespacedName: key.NamespacedName}, after)
			}
		}
	}
	return handler.Funcs{
		CreateFunc: func(_ context.Context, e event.CreateEvent, q workqueue.TypedRateLimitingInterface[reconcile.Request]) {
			later(e.Object, q, retry.Count.For)
		},
		// Only an object with the finalizer counts, and a long queue may reach an object much later than its creation.
		UpdateFunc: func(_ context.Context, e event.UpdateEvent, q workqueue.TypedRateLimitingInterface[reconcile.Request]) {
			if controllerutil.ContainsFinalizer(e.ObjectNew, v1alpha1.Finalizer) && !controllerutil.ContainsFinalizer(e.ObjectOld, v1alpha1.Finalizer) {
				later(e.ObjectNew, q, retry.Count.For)
			}
		},
		DeleteFunc: func(_ context.Context, e event.DeleteEvent, q workqueue.TypedRateLimitingInterface[reconcile.Request]) {
			later(e.Object, q, retry.Release.For)
		},
	}
}
