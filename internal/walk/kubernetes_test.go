// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package walk_test

import (
	"context"
	"errors"
	"slices"
	"strconv"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/condition"
)

// PatchMetadata implements [walk.World].
func (w *world) PatchMetadata(_ context.Context, object, before *v1alpha1.Conversation) error {
	return w.write(object, before, func(next *v1alpha1.Conversation) {
		next.Finalizers = slices.Clone(object.Finalizers)
		for _, name := range []string{v1alpha1.CreateIntentAnnotation, v1alpha1.UpdateIntentAnnotation} {
			switch is := object.Annotations[name]; is {
			case before.Annotations[name]:
			case "":
				delete(next.Annotations, name)
			default:
				metav1.SetMetaDataAnnotation(&next.ObjectMeta, name, is)
			}
		}
	})
}

// PatchStatus implements [walk.World].
func (w *world) PatchStatus(_ context.Context, object, before *v1alpha1.Conversation) error {
	return w.write(object, before, func(next *v1alpha1.Conversation) {
		object.Status.DeepCopyInto(&next.Status)
		for i := range next.Status.Conditions {
			next.Status.Conditions[i].LastTransitionTime = metav1.NewTime(w.now)
		}
		condition.KeepTransitions(next.Status.Conditions, w.object.Status.Conditions)
	})
}

// write changes the object at the API server, which refuses a change of an older version.
func (w *world) write(object, before *v1alpha1.Conversation, change func(next *v1alpha1.Conversation)) error {
	w.interrupt()
	resource := schema.GroupResource{Group: v1alpha1.SchemeGroupVersion.Group, Resource: "conversations"}
	switch {
	case w.gone:
		return apierrors.NewNotFound(resource, object.Name)
	case before.ResourceVersion != w.object.ResourceVersion:
		return apierrors.NewConflict(resource, object.Name, errors.New("the object has been modified"))
	}
	next := w.object.DeepCopy()
	change(next)
	w.put(next)
	next.DeepCopyInto(object)
	return nil
}

// put makes a new version of the object, and removes an object that nothing holds any more.
func (w *world) put(next *v1alpha1.Conversation) {
	version, _ := strconv.Atoi(w.object.ResourceVersion)
	next.ResourceVersion = strconv.Itoa(version + 1)
	w.object, w.gone = next, !next.DeletionTimestamp.IsZero() && len(next.Finalizers) == 0
}

// Reread implements [walk.World].
func (w *world) Reread(context.Context) (*v1alpha1.Conversation, error) {
	return w.object.DeepCopy(), nil
}

// Setback implements [walk.World].
func (w *world) Setback() bool { return true }

// replaced is what a manifest that is put in the object's place leaves: neither finalizer nor annotations.
func (w *world) replaced() {
	next := w.object.DeepCopy()
	next.Finalizers, next.Annotations = nil, nil
	w.put(next)
	w.log("replaced by its manifest")
}

// remove deletes the object, as a user does.
func (w *world) remove() {
	next := w.object.DeepCopy()
	next.DeletionTimestamp = new(metav1.NewTime(w.now))
	next.Generation++
	w.put(next)
	w.log("deleted")
}
