// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"context"
	"maps"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
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
	"github.com/conversations-operator/conversations-operator/internal/retry"
)

// asked lets an update through if the user changed something: the spec, a deletion, or a request to reconcile. Labels,
// other annotations and our own writes change nothing. After an interrupted watch, an object that was deleted and made anew
// meanwhile comes as an update too.
var asked = predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
	return e.ObjectOld.GetUID() != e.ObjectNew.GetUID() ||
		e.ObjectOld.GetGeneration() != e.ObjectNew.GetGeneration() ||
		e.ObjectOld.GetDeletionTimestamp().IsZero() != e.ObjectNew.GetDeletionTimestamp().IsZero() ||
		requestedAt(e.ObjectOld) != requestedAt(e.ObjectNew)
}}

// unprotected lets an object through that lost its finalizer without being deleted, as kubectl replace takes it.
var unprotected = predicate.Funcs{
	CreateFunc: func(event.CreateEvent) bool { return false },
	DeleteFunc: func(event.DeleteEvent) bool { return false },
	UpdateFunc: func(e event.UpdateEvent) bool {
		return controllerutil.ContainsFinalizer(e.ObjectOld, v1alpha1.Finalizer) && !controllerutil.ContainsFinalizer(e.ObjectNew, v1alpha1.Finalizer) &&
			e.ObjectNew.GetDeletionTimestamp().IsZero()
	},
}

// forgotten lets a Conversation through whose status somebody cleared, or replaced by that of another object: the drift
// check passes over what has no record of its own.
var forgotten = predicate.Funcs{
	CreateFunc: func(event.CreateEvent) bool { return false },
	DeleteFunc: func(event.DeleteEvent) bool { return false },
	UpdateFunc: func(e event.UpdateEvent) bool {
		before, after := e.ObjectOld.(*v1alpha1.Conversation), e.ObjectNew.(*v1alpha1.Conversation)
		return before.OwnSID() != "" && (after.OwnSID() == "" || before.Status.ObjectUID != "" && after.Status.ObjectUID == "")
	},
}

// overtaken lets a Conversation through whose status another manager took back to an earlier spec, or in which it says that
// it may have written fields at the same time.
var overtaken = predicate.Funcs{
	CreateFunc: func(event.CreateEvent) bool { return false },
	DeleteFunc: func(event.DeleteEvent) bool { return false },
	UpdateFunc: func(e event.UpdateEvent) bool {
		before, after := e.ObjectOld.(*v1alpha1.Conversation).Status, e.ObjectNew.(*v1alpha1.Conversation).Status
		return after.ObservedGeneration < before.ObservedGeneration ||
			after.LastApplied != nil && len(after.LastApplied.Unconfirmed) > 0
	},
}

func requestedAt(o client.Object) string {
	return o.GetAnnotations()[v1alpha1.ReconcileRequestedAtAnnotation]
}

// accountTurned lets an account through if what its conversations may do changed.
var accountTurned = predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
	before, after := e.ObjectOld.(Account), e.ObjectNew.(Account)
	was, is := readyOf(before.CommonStatus().Conditions), readyOf(after.CommonStatus().Conditions)
	return was.Status != is.Status || was.Reason != is.Reason ||
		before.CommonStatus().AccountSID != after.CommonStatus().AccountSID ||
		!equality.Semantic.DeepEqual(before.CommonStatus().Credentials, after.CommonStatus().Credentials) ||
		before.GetGeneration() != after.GetGeneration() || halted(before) != halted(after) ||
		before.GetDeletionTimestamp().IsZero() != after.GetDeletionTimestamp().IsZero()
}}

// allowed lets an account through if recreating vanished conversations was allowed just now.
var allowed = predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool { return recreates(e.ObjectNew) }}

func recreates(o client.Object) bool {
	return o.GetAnnotations()[v1alpha1.RecreateVanishedAnnotation] == "true"
}

// relabelled lets a namespace through if its labels changed.
var relabelled = predicate.Funcs{
	CreateFunc: func(event.CreateEvent) bool { return false },
	DeleteFunc: func(event.DeleteEvent) bool { return false },
	UpdateFunc: func(e event.UpdateEvent) bool { return !maps.Equal(e.ObjectOld.GetLabels(), e.ObjectNew.GetLabels()) },
}

// touched lets a Secret through that was written: its metadata, which is all that is watched, does not tell whether its
// content changed. The account's controller reads that.
var touched = predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
	return e.ObjectOld.GetResourceVersion() != e.ObjectNew.GetResourceVersion()
}}

// ofAccount answers the conversations that an account's change concerns.
func (r *ConversationReconciler) ofAccount(ctx context.Context, o client.Object) []ctrl.Request {
	key := keyOf(o.(Account))
	var list v1alpha1.ConversationList
	if err := r.List(ctx, &list, client.MatchingFields{indexAccount: key.index()}, client.UnsafeDisableDeepCopy); err != nil {
		logf.FromContext(ctx).Error(err, "Listed no conversations of the account", "account", key.index())
		return nil
	}
	return requests(list.Items)
}

// ofNamespace answers the conversations of a namespace whose labels changed.
func (r *ConversationReconciler) ofNamespace(ctx context.Context, o client.Object) []ctrl.Request {
	var list v1alpha1.ConversationList
	if err := r.List(ctx, &list, client.InNamespace(o.GetName()), client.UnsafeDisableDeepCopy); err != nil {
		logf.FromContext(ctx).Error(err, "Listed no conversations of the namespace", "namespace", o.GetName())
		return nil
	}
	return requests(list.Items)
}

// inTheWay answers, for a conversation that is gone or has another name now, those that it may have stood in the way of.
func (r *ConversationReconciler) inTheWay(ctx context.Context, o client.Object) []ctrl.Request {
	gone := o.(*v1alpha1.Conversation)
	var out []ctrl.Request
	for _, reason := range []string{v1alpha1.ReasonAlreadyManaged, v1alpha1.ReasonUniqueNameTaken} {
		var list v1alpha1.ConversationList
		if err := r.List(ctx, &list, client.MatchingFields{indexStalled: reason}, client.UnsafeDisableDeepCopy); err != nil {
			logf.FromContext(ctx).Error(err, "Listed no stalled conversations")
			return nil
		}
		for i := range list.Items {
			if waitsFor(&list.Items[i], gone) {
				out = append(out, ctrl.Request{NamespacedName: client.ObjectKeyFromObject(&list.Items[i])})
			}
		}
	}
	return out
}

func waitsFor(stalled, gone *v1alpha1.Conversation) bool {
	if a := stalled.Spec.Adoption; a != nil && a.SID != "" {
		return a.SID == gone.Status.SID
	}
	if name := stalled.Spec.UniqueName; name != "" {
		return name == gone.Status.UniqueName || name == gone.Spec.UniqueName
	}
	// Its generated name is not in its record: any object that is gone, or has given up a name, may have had it.
	return gone.Status.SID == "" || !gone.DeletionTimestamp.IsZero()
}

func requests(items []v1alpha1.Conversation) []ctrl.Request {
	out := make([]ctrl.Request, 0, len(items))
	for i := range items {
		out = append(out, ctrl.Request{NamespacedName: client.ObjectKeyFromObject(&items[i])})
	}
	return out
}

// departures maps objects that are gone, of one that took another name what it was under the old one, and one that has
// another conversation than before.
func departures(to handler.MapFunc) handler.EventHandler {
	add := func(ctx context.Context, o client.Object, q workqueue.TypedRateLimitingInterface[reconcile.Request]) {
		for _, req := range to(ctx, o) {
			q.Add(req)
		}
	}
	return handler.Funcs{
		UpdateFunc: func(ctx context.Context, e event.UpdateEvent, q workqueue.TypedRateLimitingInterface[reconcile.Request]) {
			before, after := e.ObjectOld.(*v1alpha1.Conversation), e.ObjectNew.(*v1alpha1.Conversation)
			if left := before.Status.UniqueName; left != "" && left != after.Status.UniqueName {
				add(ctx, &v1alpha1.Conversation{Status: v1alpha1.ConversationStatus{UniqueName: left}}, q)
			}
			// Who took it for the owner of a conversation that may be another's knows better now.
			if before.OwnSID() != after.OwnSID() {
				add(ctx, after, q)
				add(ctx, before, q)
			}
		},
		DeleteFunc: func(ctx context.Context, e event.DeleteEvent, q workqueue.TypedRateLimitingInterface[reconcile.Request]) {
			gone := e.Object.DeepCopyObject().(*v1alpha1.Conversation)
			gone.DeletionTimestamp = new(metav1.Now())
			add(ctx, gone, q)
		},
	}
}

// ofSecret answers the accounts that take their credentials from a Secret.
func (r *AccountReconciler) ofSecret(ctx context.Context, o client.Object) []ctrl.Request {
	list := listOf(r.Kind)
	if err := r.List(ctx, list, client.MatchingFields{indexSecret: client.ObjectKeyFromObject(o).String()}); err != nil {
		logf.FromContext(ctx).Error(err, "Listed no accounts of the Secret")
		return nil
	}
	var out []ctrl.Request
	for _, acct := range items(list) {
		out = append(out, ctrl.Request{NamespacedName: client.ObjectKeyFromObject(acct)})
	}
	return out
}

// conversations tells an account, a little later, that conversations came or went.
func (r *AccountReconciler) conversations() handler.EventHandler {
	later := func(o client.Object, q workqueue.TypedRateLimitingInterface[reconcile.Request], after time.Duration) {
		for _, key := range accountKeys(o.(*v1alpha1.Conversation)) {
			if key.Kind == r.Kind {
				q.AddAfter(ctrl.Request{NamespacedName: key.NamespacedName}, after)
			}
		}
	}
	return handler.Funcs{
		CreateFunc: func(_ context.Context, e event.CreateEvent, q workqueue.TypedRateLimitingInterface[reconcile.Request]) {
			later(e.Object, q, retry.Count.For)
		},
		// Only what holds the finalizer counts, and a long queue may come to an object much later than it is created.
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

func accountRequest(key accountKey) ctrl.Request {
	return ctrl.Request{NamespacedName: types.NamespacedName{Namespace: key.Namespace, Name: key.Name}}
}
