// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package conversation

import (
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	logf "sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/tenancy"
)

// IndexStalled finds the Conversations which another object stands in the way of.
const IndexStalled = "stalled"

// forgotten lets a Conversation through after a user cleared its status, or replaced the status by another object's
// status: the drift check passes over objects without a record of their own.
var forgotten = predicate.Funcs{
	CreateFunc: func(event.CreateEvent) bool { return false },
	DeleteFunc: func(event.DeleteEvent) bool { return false },
	UpdateFunc: func(e event.UpdateEvent) bool {
		before, after := e.ObjectOld.(*v1alpha1.Conversation), e.ObjectNew.(*v1alpha1.Conversation)
		return before.OwnSID() != "" && (after.OwnSID() == "" || before.Status.ObjectUID != "" && after.Status.ObjectUID == "")
	},
}

// overtaken lets a Conversation through if another manager took the status back to an earlier spec, or recorded in the
// status that the managers may have written fields at the same time.
var overtaken = predicate.Funcs{
	CreateFunc: func(event.CreateEvent) bool { return false },
	DeleteFunc: func(event.DeleteEvent) bool { return false },
	UpdateFunc: func(e event.UpdateEvent) bool {
		before, after := e.ObjectOld.(*v1alpha1.Conversation).Status, e.ObjectNew.(*v1alpha1.Conversation).Status
		return after.ObservedGeneration < before.ObservedGeneration ||
			after.LastApplied != nil && len(after.LastApplied.Unconfirmed) > 0
	},
}

// ofAccount answers the conversations which a change of the account concerns.
func (r *Reconciler) ofAccount(ctx context.Context, o client.Object) []ctrl.Request {
	key := tenancy.KeyOf(o.(tenancy.Account))
	var list v1alpha1.ConversationList
	if err := r.List(ctx, &list, client.MatchingFields{tenancy.IndexAccount: key.Index()}, client.UnsafeDisableDeepCopy); err != nil {
		logf.FromContext(ctx).Error(err, "Listed no conversations of the account", "account", key.Index())
		return nil
	}
	return requests(list.Items)
}

// ofNamespace answers the conversations of a namespace whose labels changed.
func (r *Reconciler) ofNamespace(ctx context.Context, o client.Object) []ctrl.Request {
	var list v1alpha1.ConversationList
	if err := r.List(ctx, &list, client.InNamespace(o.GetName()), client.UnsafeDisableDeepCopy); err != nil {
		logf.FromContext(ctx).Error(err, "Listed no conversations of the namespace", "namespace", o.GetName())
		return nil
	}
	return requests(list.Items)
}

// inTheWay answers, for a deleted or renamed conversation, the stalled conversations which may have waited for the
// change.
func (r *Reconciler) inTheWay(ctx context.Context, o client.Object) []ctrl.Request {
	gone := o.(*v1alpha1.Conversation)
	var out []ctrl.Request
	for _, reason := range []string{v1alpha1.ReasonAlreadyManaged, v1alpha1.ReasonUniqueNameTaken} {
		var list v1alpha1.ConversationList
		if err := r.List(ctx, &list, client.MatchingFields{IndexStalled: reason}, client.UnsafeDisableDeepCopy); err != nil {
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
	// The record has no generated name: any object which is gone, or gave up a name, may have had the name.
	return gone.Status.SID == "" || !gone.DeletionTimestamp.IsZero()
}

func requests(items []v1alpha1.Conversation) []ctrl.Request {
	out := make([]ctrl.Request, 0, len(items))
	for i := range items {
		out = append(out, ctrl.Request{NamespacedName: client.ObjectKeyFromObject(&items[i])})
	}
	return out
}

// departures maps three changes: a deleted object; an object with another name, as the object was under the old name;
// an object with another conversation than before.
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
			// Objects which took this object for the owner of a conversation may find the conversation free now.
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
