// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package conversation

import (
	"context"
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
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
	"github.com/conversations-operator/conversations-operator/internal/twilio/budget"
	"github.com/conversations-operator/conversations-operator/internal/walk"
)

// newEmptyReconciler remembers nothing, and has no objects in its cache.
func newEmptyReconciler(t *testing.T) *Reconciler {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	return NewReconciler(fake.NewClientBuilder().WithScheme(scheme).Build(), account.Shared{
		Budgets: account.NewBudgets(func(string) {}, 1, func(*budget.Budget) {}),
	}, NewMemory())
}

func TestNothingIsRememberedOfObjectsThatAreGone(t *testing.T) {
	r := newEmptyReconciler(t)
	for i := range 10_000 {
		conv := &v1alpha1.Conversation{ObjectMeta: metav1.ObjectMeta{
			Namespace: "default", Name: fmt.Sprintf("vip-%d", i), UID: types.UID(fmt.Sprint(i)), ResourceVersion: "1",
		}}
		m := r.memory
		m.sight().Create(event.CreateEvent{Object: conv})
		m.seated(conv, budget.Backlog, false)
		m.claim(fmt.Sprintf("CH%d", i), conv.UID)
		m.note(conv, func(e *entry) {
			e.fresh.Wrote(conv)
			e.CreateUnsent, e.UpdateUnsent, e.CreateRefused, e.UpdateOwn, e.wrote = time.Now(), time.Now(), time.Now(), time.Now(), time.Now()
			e.Deleted, e.released, e.refusal = "CH1", true, &refusal{verb: plan.Create}
			e.statusSetback.Note(queueName)
		})
		m.note(conv, func(e *entry) { e.Create, e.Update = "{}", "{}" })
		m.warning(conv, metav1.Condition{}, metav1.Condition{Status: metav1.ConditionFalse, Reason: v1alpha1.ReasonAccountNotReady})
		m.setback(conv)
		r.erasures().Delete(t.Context(), event.DeleteEvent{Object: conv}, nil)
		// A drift check that began before may tell of it later, and a pass note what came of a request.
		m.note(conv, func(e *entry) { e.hint, e.wrote = &Hint{Listed: &twilio.Conversation{}}, time.Now() })
		if _, err := r.Reconcile(t.Context(), ctrl.Request{NamespacedName: client.ObjectKeyFromObject(conv)}); err != nil {
			t.Fatal(err)
		}
	}
	if m := r.memory; len(m.byName) != 0 || len(m.claims) != 0 || m.listed != 0 {
		t.Errorf("%d objects, %d claims and %d listed conversations are remembered", len(m.byName), len(m.claims), m.listed)
	}
}

func TestAnEditThatAnotherManagerAppliedIsNotTimed(t *testing.T) {
	r := newEmptyReconciler(t)
	before := &v1alpha1.Conversation{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "vip", UID: "1", Generation: 1}}
	conv := before.DeepCopy()
	conv.Generation = 2
	// When this manager leads, there is nothing left to be done.
	conv.DeletionTimestamp = new(metav1.Now())
	r.memory.sight().Update(event.UpdateEvent{ObjectOld: before, ObjectNew: conv})
	p := &pass{Reconciler: r, conv: conv}
	p.walk = walk.New(p, walk.Start{Object: conv})
	if _, err := p.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if since := r.memory.recall(conv).editing; !since.IsZero() {
		t.Errorf("the next edit would be timed from this one, at %s", since)
	}
}

// TestNothingIsLeftOfWhatCameToItsEnd keeps entries as short as what they are for.
func TestNothingIsLeftOfWhatCameToItsEnd(t *testing.T) {
	m, conv := NewMemory(), &v1alpha1.Conversation{ObjectMeta: metav1.ObjectMeta{Name: "vip", UID: "1", ResourceVersion: "10"}}
	m.note(conv, func(e *entry) { e.fresh.Wrote(conv) })
	if m.Stale(conv) || len(m.byName) != 0 {
		t.Error("a write that the cache has is remembered")
	}
	m.Wrote(conv)
	m.Prune(time.Now().Add(time.Hour))
	m.note(conv, func(e *entry) { e.CreateUnsent = time.Now() })
	m.note(conv, func(e *entry) { e.CreateUnsent = time.Time{} })
	if len(m.byName) != 0 {
		t.Error("an empty entry is kept")
	}
}

// TestAnObjectMadeAnewBeginsWithoutThePast is of a watch that was interrupted: nobody tells that the first object was deleted.
func TestAnObjectMadeAnewBeginsWithoutThePast(t *testing.T) {
	m := NewMemory()
	first := &v1alpha1.Conversation{ObjectMeta: metav1.ObjectMeta{Name: "vip", UID: "1"}}
	second := &v1alpha1.Conversation{ObjectMeta: metav1.ObjectMeta{Name: "vip", UID: "2"}}
	erased := &v1alpha1.Conversation{ObjectMeta: metav1.ObjectMeta{Name: "vip", UID: "3"}}
	m.Wrote(first)
	m.claim("CH1", first.UID)
	m.Wrote(second)
	m.noteErased(erased)
	m.end(types.NamespacedName{Name: "vip"}, second.UID)
	if m.WroteSince(first, time.Time{}) || !m.claim("CH1", second.UID) {
		t.Error("the first object is remembered")
	}
	if !m.WroteSince(second, time.Time{}) {
		t.Error("the second object is forgotten")
	}
	if len(m.Erased()) != 1 || m.erasedOf(types.NamespacedName{Name: "vip"}).UID != erased.UID {
		t.Error("the object that was erased is forgotten")
	}
}

// TestOnlySoManyListedConversationsAreKept bounds the memory that the findings of a drift check take.
func TestOnlySoManyListedConversationsAreKept(t *testing.T) {
	m := NewMemory()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 2 {
		for i := range 2 * maxListed {
			conv := &v1alpha1.Conversation{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprint(i), UID: types.UID(fmt.Sprint(i))}}
			m.Hint(ctx, conv, Hint{Listed: &twilio.Conversation{}})
			if listed := m.recall(conv).hint.Listed != nil; listed != (i < maxListed) {
				t.Fatalf("hint %d keeps what was listed: %t", i, listed)
			}
		}
	}
}
