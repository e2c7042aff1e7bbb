// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package conversation

import (
	"fmt"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/controller/account"
	"github.com/conversations-operator/conversations-operator/internal/kube"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
	"github.com/conversations-operator/conversations-operator/internal/twilio/budget"
)

// newEmptyReconciler remembers nothing, and has no objects in its cache.
func newEmptyReconciler(t *testing.T) *Reconciler {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	return &Reconciler{
		Client: fake.NewClientBuilder().WithScheme(scheme).Build(),
		Shared: account.Shared{
			Fresh: kube.NewFreshness(), Warnings: kube.NewWarnings(),
			Setbacks: kube.NewSetbacks(), StatusSetbacks: kube.NewSetbacks(),
			Budgets: account.NewBudgets(func(string) {}, 1, func(*budget.Budget) {}),
		},
		Findings: NewFindings(), claims: newClaims(), unsent: newUnsent(), unsentUpdates: newUnsent(), refusedCreates: newUnsent(), ownUpdates: newUnsent(), journal: newJournal(),
		removals: newRemovals(), released: newReleased(), erased: NewErased(), unselected: newUnselected(),
	}
}

func TestNothingIsRememberedOfObjectsThatAreGone(t *testing.T) {
	r := newEmptyReconciler(t)
	for i := range 10_000 {
		conv := &v1alpha1.Conversation{ObjectMeta: metav1.ObjectMeta{
			Namespace: "default", Name: fmt.Sprintf("vip-%d", i), UID: types.UID(fmt.Sprint(i)), ResourceVersion: "1",
		}}
		r.times.sight().Create(event.CreateEvent{Object: conv})
		r.times.waiting.Begin(kube.QueueKey(queueName, client.ObjectKeyFromObject(conv)))
		r.claims.take(fmt.Sprintf("CH%d", i), conv.UID)
		r.Fresh.Wrote(conv)
		r.unsent.note(conv.UID, time.Now())
		r.unsentUpdates.note(conv.UID, time.Now())
		r.removals.note(conv.UID, "CH1")
		r.Writes.Note(conv.UID)
		r.released.note(conv)
		r.Warnings.Due(kube.QueueKey(queueName, client.ObjectKeyFromObject(conv)), conv, metav1.Condition{}, metav1.Condition{Status: metav1.ConditionFalse, Reason: v1alpha1.ReasonAccountNotReady})
		r.Setbacks.Note(queueName, kube.QueueKey(queueName, client.ObjectKeyFromObject(conv)), conv.UID)
		r.StatusSetbacks.Note(queueName, kube.QueueKey(queueName, client.ObjectKeyFromObject(conv)), conv.UID)
		r.refusals.note(client.ObjectKeyFromObject(conv), refusal{uid: conv.UID, verb: plan.Create})

		gone := event.DeleteEvent{Object: conv}
		r.times.sight().Delete(gone)
		r.erasures().Delete(t.Context(), gone, nil)
		// A drift check that began before may tell of it later.
		r.Hints.Add(client.ObjectKeyFromObject(conv), Hint{UID: conv.UID, Listed: &twilio.Conversation{}})
		if _, err := r.Reconcile(t.Context(), ctrl.Request{NamespacedName: client.ObjectKeyFromObject(conv)}); err != nil {
			t.Fatal(err)
		}
	}
	for what, n := range map[string]int{
		"stopwatches": len(r.times.creating.Since) + len(r.times.editing.Since) + len(r.times.waiting.Since),
		"claims":      len(r.claims.bySID), "writes to Kubernetes": len(r.Fresh.Written), "creates": len(r.unsent.times),
		"updates": len(r.unsentUpdates.times), "removals": len(r.removals.sids), "writes to Twilio": len(r.Writes.at),
		"releases": len(r.released.uids), "refusals": len(r.refusals.by), "hints": len(r.Hints.noted) + r.Hints.kept,
		"warnings":               len(r.Warnings.Pending),
		"refusals of Kubernetes": len(r.Setbacks.ByKey) + len(r.StatusSetbacks.ByKey),
	} {
		if n != 0 {
			t.Errorf("%d %s are remembered", n, what)
		}
	}
}

func TestAnEditThatAnotherManagerAppliedIsNotTimed(t *testing.T) {
	r := newEmptyReconciler(t)
	before := &v1alpha1.Conversation{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "vip", UID: "1", Generation: 1}}
	conv := before.DeepCopy()
	conv.Generation = 2
	r.times.sight().Update(event.UpdateEvent{ObjectOld: before, ObjectNew: conv})
	// When this manager leads, there is nothing left to be done.
	p := &pass{Reconciler: r, conv: conv}
	if _, err := p.end(t.Context(), plan.Step{Verb: plan.Rest}); err != nil {
		t.Fatal(err)
	}
	if d, runs := r.times.editing.End("1"); runs {
		t.Errorf("the next edit would be timed from this one, %s ago", d)
	}
}
