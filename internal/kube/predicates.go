// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"context"
	"maps"

	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

// ChangedByUser lets an update through if the user changed the spec, deleted the object, or asked for a look. Labels,
// other annotations and the operator's own writes do not count. After an interrupted watch, an object that was deleted
// and made anew meanwhile comes as an update too.
var ChangedByUser = predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
	return e.ObjectOld.GetUID() != e.ObjectNew.GetUID() ||
		e.ObjectOld.GetGeneration() != e.ObjectNew.GetGeneration() ||
		e.ObjectOld.GetDeletionTimestamp().IsZero() != e.ObjectNew.GetDeletionTimestamp().IsZero() ||
		RequestedAt(e.ObjectOld) != RequestedAt(e.ObjectNew)
}}

// LostFinalizer lets an object through which lost its finalizer without being deleted: kubectl replace removes
// finalizers so.
var LostFinalizer = predicate.Funcs{
	CreateFunc: func(event.CreateEvent) bool { return false },
	DeleteFunc: func(event.DeleteEvent) bool { return false },
	UpdateFunc: func(e event.UpdateEvent) bool {
		return controllerutil.ContainsFinalizer(e.ObjectOld, v1alpha1.Finalizer) && !controllerutil.ContainsFinalizer(e.ObjectNew, v1alpha1.Finalizer) &&
			e.ObjectNew.GetDeletionTimestamp().IsZero()
	},
}

// RequestedAt answers the value of the annotation by which a user asks for a look; empty without the annotation.
func RequestedAt(o client.Object) string {
	return o.GetAnnotations()[v1alpha1.ReconcileRequestedAtAnnotation]
}

// Relabelled lets a namespace through if its labels changed.
var Relabelled = predicate.Funcs{
	CreateFunc: func(event.CreateEvent) bool { return false },
	DeleteFunc: func(event.DeleteEvent) bool { return false },
	UpdateFunc: func(e event.UpdateEvent) bool { return !maps.Equal(e.ObjectOld.GetLabels(), e.ObjectNew.GetLabels()) },
}

// Written lets a Secret through if somebody wrote the Secret. The manager watches only the metadata of Secrets, and the
// metadata do not tell whether the content changed. The account's controller reads the content.
var Written = predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
	return e.ObjectOld.GetResourceVersion() != e.ObjectNew.GetResourceVersion()
}}

// Itself maps an object to the request for a look at the object itself.
func Itself(_ context.Context, o client.Object) []reconcile.Request {
	return []reconcile.Request{{NamespacedName: client.ObjectKeyFromObject(o)}}
}
