// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

func object(name string) reconcile.Request {
	return reconcile.Request{NamespacedName: types.NamespacedName{Namespace: "shop", Name: name}}
}

// served takes the next object from the queue, as a worker does.
func served(t *testing.T, q priorityqueue.PriorityQueue[reconcile.Request]) string {
	t.Helper()
	synctest.Wait()
	item, _, shutdown := q.GetWithPriority()
	if shutdown {
		t.Fatal("the queue is shut down")
	}
	q.Done(item)
	return item.Name
}

// underTest runs a test on a queue.
func underTest(t *testing.T, test func(t *testing.T, q priorityqueue.PriorityQueue[reconcile.Request])) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		q := newAgingQueue("test", backoff())
		test(t, q)
		q.ShutDown()
		// What the queue runs in the background ends at its next tick.
		<-time.After(time.Minute)
	})
}

func TestAfterARestart(t *testing.T) {
	underTest(t, func(t *testing.T, q priorityqueue.PriorityQueue[reconcile.Request]) {
		initial := &handler.EnqueueRequestForObject{}
		conv := &v1alpha1.Conversation{}
		conv.Namespace = "shop"
		for i := range 3 {
			conv.Name = fmt.Sprintf("initial-%d", i)
			initial.Create(t.Context(), event.CreateEvent{Object: conv.DeepCopy(), IsInInitialList: true}, q)
		}
		behind(q, object("bulk"))
		q.Add(object("edited"))
		q.Add(object("initial-2"))
		var got []string
		for range 5 {
			got = append(got, served(t, q))
		}
		want := []string{"edited", "initial-2", "initial-0", "initial-1", "bulk"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("what a user edits and what has a turn come first: %s", diff)
		}
	})
}

func TestSteadyTrafficStarvesNobody(t *testing.T) {
	underTest(t, func(t *testing.T, q priorityqueue.PriorityQueue[reconcile.Request]) {
		for i := range 100 {
			behind(q, object(fmt.Sprintf("low-%d", i)))
		}
		start := time.Now()
		low := 0
		// A worker that is never without something of normal priority.
		for i := 0; low < 100; i++ {
			q.Add(object(fmt.Sprintf("steady-%d", i)))
			q.Add(object(fmt.Sprintf("more-%d", i)))
			if name := served(t, q); name[:3] == "low" {
				low++
			}
			<-time.After(10 * time.Millisecond)
			if time.Since(start) > time.Minute {
				t.Fatalf("%d of 100 were served in a minute", low)
			}
		}
	})
}

func TestWhatWasServedIsNotServedAgainWhenItWouldHaveAged(t *testing.T) {
	underTest(t, func(t *testing.T, q priorityqueue.PriorityQueue[reconcile.Request]) {
		behind(q, object("low"))
		served(t, q)
		<-time.After(3 * agingTime)
		synctest.Wait()
		if n := q.Len(); n != 0 {
			t.Errorf("%d are queued", n)
		}
	})
}
