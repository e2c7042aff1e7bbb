// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package kube has the parts of the reconcilers which concern Kubernetes alone, for every kind: work queues,
// conditions, delayed events, requests refused by the API server. The package does not know Twilio.
package kube

import (
	"context"
	"strings"
	"sync"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"
)

// Queues are the work queues of objects waiting for a seat in a budget, or for an account to be connected.
type Queues struct {
	mu     sync.RWMutex
	byName map[string]workqueue.TypedRateLimitingInterface[reconcile.Request]
}

// NewQueues makes Queues which know no controller yet.
func NewQueues() *Queues {
	return &Queues{byName: map[string]workqueue.TypedRateLimitingInterface[reconcile.Request]{}}
}

// Source learns the queue of a controller when the controller starts.
func (q *Queues) Source(name string) source.Source {
	return source.Func(func(_ context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) error {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.byName[name] = queue
		return nil
	})
}

// QueueKey is the key under which an object of a queue is woken.
func QueueKey(queue string, name types.NamespacedName) string { return queue + " " + name.String() }

// Wake puts the object of a key into its work queue. Wake never blocks.
func (q *Queues) Wake(key string) {
	name, object, _ := strings.Cut(key, " ")
	q.mu.RLock()
	queue := q.byName[name]
	q.mu.RUnlock()
	if queue == nil {
		return
	}
	req := reconcile.Request{}
	req.Namespace, req.Name, _ = strings.Cut(object, string(types.Separator))
	queue.Add(req)
}

// behind queues objects at low priority, because they may be many: an object just edited by a user, and an object with
// a seat, go first.
func behind(queue workqueue.TypedRateLimitingInterface[reconcile.Request], reqs ...reconcile.Request) {
	if q, ok := queue.(priorityqueue.PriorityQueue[reconcile.Request]); ok {
		q.AddWithOpts(priorityqueue.AddOpts{Priority: new(handler.LowPriority)}, reqs...)
		return
	}
	for _, req := range reqs {
		queue.Add(req)
	}
}

// EnqueueBehind queues at low priority the objects to which an event maps: one event, such as a change of an account,
// may concern many objects.
func EnqueueBehind(to handler.MapFunc) handler.EventHandler {
	return handler.Funcs{
		CreateFunc: func(ctx context.Context, e event.CreateEvent, q workqueue.TypedRateLimitingInterface[reconcile.Request]) {
			behind(q, to(ctx, e.Object)...)
		},
		UpdateFunc: func(ctx context.Context, e event.UpdateEvent, q workqueue.TypedRateLimitingInterface[reconcile.Request]) {
			behind(q, to(ctx, e.ObjectNew)...)
		},
		DeleteFunc: func(ctx context.Context, e event.DeleteEvent, q workqueue.TypedRateLimitingInterface[reconcile.Request]) {
			behind(q, to(ctx, e.Object)...)
		},
		GenericFunc: func(ctx context.Context, e event.GenericEvent, q workqueue.TypedRateLimitingInterface[reconcile.Request]) {
			behind(q, to(ctx, e.Object)...)
		},
	}
}
