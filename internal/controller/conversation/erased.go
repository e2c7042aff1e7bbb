// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package conversation

import (
	"context"
	"fmt"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	logf "sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/tenancy"
)

const (
	// erasedFor is how long the operator tries to delete the conversation of an erased object.
	erasedFor = time.Hour
)

// noteErased remembers a Conversation which Kubernetes deleted with our finalizer on the object. Kubernetes' DELETE
// looks whether an object has finalizers, asks the admission webhooks, and then deletes the object without another
// look. A finalizer added meanwhile goes with the object. The operator deletes the erased object's conversation as if
// the object still waited for the deletion.
func (m *Memory) noteErased(conv *v1alpha1.Conversation) {
	conv = conv.DeepCopy()
	conv.DeletionTimestamp = new(metav1.Now())
	controllerutil.AddFinalizer(conv, v1alpha1.Finalizer)
	m.note(conv, func(e *entry) { e.erased = conv })
}

func expired(conv *v1alpha1.Conversation) bool {
	return time.Since(conv.DeletionTimestamp.Time) > erasedFor
}

// erasedOf answers an erased object of the name; nil without an erased object.
func (m *Memory) erasedOf(name types.NamespacedName) *v1alpha1.Conversation {
	e, _ := m.noted(name, func(e *entry) bool { return e.erased != nil })
	return e.erased
}

// Erased are copies of the erased objects. An erased object needs its account until its conversation is gone.
func (m *Memory) Erased() []v1alpha1.Conversation {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []v1alpha1.Conversation
	for _, entries := range m.byName {
		for _, e := range entries {
			if e.erased != nil {
				out = append(out, *e.erased)
			}
		}
	}
	return out
}

// erasures notes erased objects which had, or may have had, a conversation, and forgets the other deleted objects. The
// operator leaves the conversation of a suspended object alone.
func (r *Reconciler) erasures() handler.EventHandler {
	return handler.Funcs{DeleteFunc: func(_ context.Context, e event.DeleteEvent, q workqueue.TypedRateLimitingInterface[reconcile.Request]) {
		conv := e.Object.(*v1alpha1.Conversation).DeepCopy()
		// A user may have replaced the object, and its announcements, before the deletion.
		known := r.memory.recall(conv)
		known.Restore(conv)
		if r.noteLeft(conv) {
			q.Add(ctrl.Request{NamespacedName: client.ObjectKeyFromObject(conv)})
		}
		if e.DeleteStateUnknown || !conv.DeletionTimestamp.IsZero() || conv.Spec.Suspend || !tenancy.Needs(conv) {
			r.memory.forget(conv, false)
			return
		}
		r.memory.noteErased(conv)
		q.Add(ctrl.Request{NamespacedName: client.ObjectKeyFromObject(conv)})
	}}
}

// undo begins a pass over an erased object of the name; nil if no erased object needs a look.
func (r *Reconciler) undo(ctx context.Context, key types.NamespacedName) (*pass, error) {
	gone := r.memory.erasedOf(key)
	if gone == nil {
		return nil, nil
	}
	if expired(gone) {
		logf.FromContext(ctx).Error(nil, "Gave up deleting what was created for an object that was erased", "uid", gone.UID, "sid", gone.Status.SID)
		r.memory.forget(gone, false)
		return nil, nil
	}
	needless, err := r.outlived(ctx, gone)
	if err != nil || needless {
		return nil, err
	}
	return r.begin(ctx, gone, true)
}

// outlived tells whether the object still exists (the object left this manager's selector) or its conversation belongs
// to another object by now. In both cases outlived forgets the erased object.
func (r *Reconciler) outlived(ctx context.Context, gone *v1alpha1.Conversation) (bool, error) {
	now := &v1alpha1.Conversation{}
	if err := r.APIReader.Get(ctx, client.ObjectKeyFromObject(gone), now); client.IgnoreNotFound(err) != nil {
		return false, fmt.Errorf("looking whether the conversation was erased: %w", err)
	} else if err == nil && now.UID == gone.UID {
		r.memory.forget(gone, false)
		return true, nil
	}
	if gone.Status.SID == "" {
		return false, nil
	}
	holders, err := r.Lists.Everywhere(ctx, client.MatchingFields{fieldSID: gone.Status.SID})
	if err != nil {
		return false, fmt.Errorf("looking for other objects of conversation %s: %w", gone.Status.SID, err)
	}
	if slices.ContainsFunc(holders, func(c v1alpha1.Conversation) bool { return c.OwnSID() != "" && c.Status.Origin != "" }) {
		r.memory.forget(gone, false)
		return true, nil
	}
	return false, nil
}
