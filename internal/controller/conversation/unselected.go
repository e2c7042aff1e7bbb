// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package conversation

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/condition"
	"github.com/conversations-operator/conversations-operator/internal/retry"
	"github.com/conversations-operator/conversations-operator/internal/tenancy"
)

// noteLeft notes a Conversation which this manager no longer sees, if the object may have left the selector and may
// have a conversation at Twilio. No process can read whether another manager selects the object, so this manager asks
// the object. The object gets the condition Unmanaged, and a manager which keeps the object removes the condition at
// once. If the condition stays until later, no manager keeps the object, and Ready says so.
func (r *Reconciler) noteLeft(conv *v1alpha1.Conversation) (noted bool) {
	if r.Options.WatchLabelSelector == nil || !tenancy.Needs(conv) {
		return false
	}
	r.memory.note(conv, func(e *entry) { e.left, e.asked = true, time.Time{} })
	return true
}

// askWhoKeeps looks after a Conversation which left the selector, and answers when to look again; zero: no object of
// the name left.
func (r *Reconciler) askWhoKeeps(ctx context.Context, key types.NamespacedName) (time.Duration, error) {
	d, ok := r.memory.noted(key, func(e *entry) bool { return e.left })
	if !ok {
		return 0, nil
	}
	stays := func(e *entry) { e.left, e.asked = false, time.Time{} }
	conv := &v1alpha1.Conversation{}
	if err := r.APIReader.Get(ctx, key, conv); client.IgnoreNotFound(err) != nil {
		return 0, fmt.Errorf("looking whether the conversation left the label selector: %w", err)
	} else if err != nil || conv.UID != d.uid || !tenancy.Needs(conv) || r.Options.WatchLabelSelector.Matches(labels.Set(conv.Labels)) {
		r.memory.change(key, d.uid, stays)
		return 0, nil
	}
	if wait := time.Until(d.asked.Add(retry.Handover.For)); !d.asked.IsZero() && wait > 0 {
		return wait, nil
	}
	wait, err := r.askKeeper(ctx, conv, d.asked)
	if apierrors.IsConflict(err) {
		// The other client may be the manager which keeps the object.
		return retry.Conflict.After(), nil
	}
	return wait, client.IgnoreNotFound(err)
}

// askKeeper asks the object who keeps the object, or draws the conclusion if the object was asked before.
func (r *Reconciler) askKeeper(ctx context.Context, conv *v1alpha1.Conversation, asked time.Time) (time.Duration, error) {
	// No manager ever looked at an object without Ready, so the condition Unmanaged would stand alone.
	looked := meta.FindStatusCondition(conv.Status.Conditions, v1alpha1.ConditionReady) != nil
	switch {
	case asked.IsZero():
		if looked {
			if err := r.setUnmanaged(ctx, conv, false); err != nil {
				return 0, err
			}
		}
		r.memory.note(conv, func(e *entry) { e.asked = time.Now() })
		return retry.Handover.After(), nil
	case looked && !unmanaged(conv):
		// The manager which keeps the object removed the condition.
	default:
		if err := r.setUnmanaged(ctx, conv, true); err != nil {
			return 0, err
		}
		r.Recorder.Eventf(conv, nil, corev1.EventTypeWarning, v1alpha1.ReasonNotSelected, "Select", "%s", r.notSelected())
	}
	r.memory.note(conv, func(e *entry) { e.left, e.asked = false, time.Time{} })
	return 0, nil
}

// setUnmanaged writes the condition Unmanaged; sure: no manager keeps the object, and Ready says so too. The write
// fails if any client wrote the object since this process read the object.
func (r *Reconciler) setUnmanaged(ctx context.Context, conv *v1alpha1.Conversation, sure bool) error {
	before, s := conv.DeepCopy(), &conv.Status
	if sure && !conv.Spec.Suspend {
		condition.SetReady(&s.Conditions, conv.Generation, v1alpha1.ReasonNotSelected, r.notSelected())
		// Perhaps no manager ever looked at the object.
		s.ObservedGeneration = max(s.ObservedGeneration, 1)
	}
	meta.SetStatusCondition(&s.Conditions, metav1.Condition{
		Type: v1alpha1.ConditionUnmanaged, Status: metav1.ConditionTrue, Reason: v1alpha1.ReasonNotSelected,
		ObservedGeneration: conv.Generation, Message: r.notSelected(),
	})
	if err := r.Status().Patch(ctx, conv, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})); err != nil {
		return fmt.Errorf("recording that no manager selects the conversation: %w", err)
	}
	return nil
}

func (r *Reconciler) notSelected() string {
	return fmt.Sprintf("The manager that kept this object selects %s, which the object's labels do not meet any more, and no other manager has taken it: "+
		"nothing is done for it, and it is not deleted. Give it a label that a manager selects.", r.Options.WatchLabelSelector)
}

// unmanaged tells whether the object asks who keeps the object.
func unmanaged(conv *v1alpha1.Conversation) bool {
	return meta.IsStatusConditionTrue(conv.Status.Conditions, v1alpha1.ConditionUnmanaged)
}

// asking lets a Conversation through which asks who keeps the object: this manager keeps the object.
var asking = predicate.Funcs{
	CreateFunc: func(event.CreateEvent) bool { return false },
	DeleteFunc: func(event.DeleteEvent) bool { return false },
	UpdateFunc: func(e event.UpdateEvent) bool { return unmanaged(e.ObjectNew.(*v1alpha1.Conversation)) },
}
