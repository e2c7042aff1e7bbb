// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package model

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

var resource = schema.GroupResource{Group: v1alpha1.SchemeGroupVersion.Group, Resource: "conversations"}

// kubeErrors are what the client makes of the API server's answers.
var kubeErrors = map[problem]error{
	kubeConflict: apierrors.NewConflict(resource, objectNames[0], errors.New("the object has been modified")),
	kubeLost:     errors.New("the API server did not answer"),
	kubeGone:     apierrors.NewNotFound(resource, objectNames[0]),
}

var announcements = []string{v1alpha1.CreateIntentAnnotation, v1alpha1.UpdateIntentAnnotation}

// write sends an object to the API server, which refuses an outdated version.
func (w *world) write(c call, next *v1alpha1.Conversation) error {
	c.version = w.keep(next)
	if a := w.ask(c); a.problem != fine {
		return kubeErrors[a.problem]
	}
	w.before = next
	return nil
}

// number is that of the next announcement.
func (w *world) number() int {
	n, _ := strconv.Atoi(w.before.ResourceVersion)
	return n + 1
}

// PatchMetadata implements [walk.World].
func (w *world) PatchMetadata(_ context.Context, object, before *v1alpha1.Conversation) error {
	next := w.before.DeepCopy()
	next.Finalizers = slices.Clone(object.Finalizers)
	for _, name := range announcements {
		is := object.Annotations[name]
		if is == before.Annotations[name] || name == v1alpha1.CreateIntentAnnotation && w.mutant("intent") {
			continue
		}
		delete(next.Annotations, name)
		if is != "" {
			metav1.SetMetaDataAnnotation(&next.ObjectMeta, name, is)
			next.ResourceVersion = strconv.Itoa(w.number())
		}
	}
	c := call{kind: callPatch}
	if len(next.Finalizers) == 0 {
		c = call{kind: callRelease, fate: w.ending()}
	}
	if err := w.write(c, next); err != nil {
		return err
	}
	next.DeepCopyInto(object)
	return nil
}

// PatchStatus implements [walk.World]. The times of conditions decide nothing.
func (w *world) PatchStatus(_ context.Context, object, _ *v1alpha1.Conversation) error {
	for i := range object.Status.Conditions {
		object.Status.Conditions[i].LastTransitionTime = metav1.NewTime(noon)
	}
	return w.write(call{kind: callStatus}, object)
}

// Reread implements [walk.World].
func (w *world) Reread(context.Context) (*v1alpha1.Conversation, error) {
	a := w.ask(call{kind: callReread})
	if a.problem != fine {
		return nil, kubeErrors[a.problem]
	}
	w.before = w.versions.at(a.ref)
	return w.before, nil
}

// Setback implements [walk.World].
func (w *world) Setback() bool { return true }

// rival is the other object at the API server; nil: no other object.
func (w *world) rival() *v1alpha1.Conversation {
	if w.Scenario.Rival == nil {
		return nil
	}
	if a := w.ask(call{kind: callRival}); a.ref != 0 {
		return w.versions.at(a.ref)
	}
	return nil
}

// Sharers implements [walk.World].
func (w *world) Sharers(_ context.Context, sid string) ([]v1alpha1.Conversation, error) {
	if other := w.rival(); other != nil && other.OwnSID() == sid && !w.mutant("contend") {
		return []v1alpha1.Conversation{*other}, nil
	}
	return nil, nil
}

// Namesakes implements [walk.World].
func (w *world) Namesakes(_ context.Context, name string) ([]v1alpha1.Conversation, error) {
	if other := w.rival(); other != nil && other.Spec.UniqueName == name {
		return []v1alpha1.Conversation{*other}, nil
	}
	return nil, nil
}

// SamePlace implements [walk.World].
func (w *world) SamePlace(context.Context, *v1alpha1.Conversation) (bool, error) { return true, nil }

// progress is a mutant: the status says that a pass is under way.
func (w *world) progress(ctx context.Context) {
	next := w.before.DeepCopy()
	condition.SetReady(&next.Status.Conditions, w.before.Generation, v1alpha1.ReasonProgressing, "Under way.")
	if w.PatchStatus(ctx, next, w.before) == nil {
		w.pass.Before = next
	}
}
