// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"sync"

	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/conversations-operator/conversations-operator/internal/retry"
)

// Workers are the workers of one controller, of which so many work at a time. A worker waiting for an answer of Twilio
// lends its place to another worker meanwhile: an account that does not answer keeps no other object waiting.
type Workers struct {
	mu   sync.Mutex
	free *sync.Cond
	// busy may exceed most for a moment: a worker coming back does not wait for a place.
	busy, most int
	closed     bool
}

// NewWorkers makes workers of which so many, at least one, work at a time.
func NewWorkers(most int) *Workers {
	w := &Workers{most: max(most, 1)}
	w.free = sync.NewCond(&w.mu)
	return w
}

// enter waits for a place.
func (w *Workers) enter() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for w.busy >= w.most && !w.closed {
		w.free.Wait()
	}
	w.busy++
}

// Leave gives the place to another worker.
func (w *Workers) Leave() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.busy--
	if w.busy < w.most {
		w.free.Signal()
	}
}

// Back takes a place again.
func (w *Workers) Back() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.busy++
}

// Away lends the place to another worker while do waits for Twilio.
func (w *Workers) Away(do func()) {
	w.Leave()
	defer w.Back()
	do()
}

// close ends every wait for a place.
func (w *Workers) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	w.free.Broadcast()
}

// Options of a controller with these workers and with so many more which may wait for Twilio.
func (w *Workers) Options(away int) controller.Options {
	return controller.Options{
		MaxConcurrentReconciles: w.most + away, RateLimiter: backoff(),
		NewQueue: func(name string, limiter workqueue.TypedRateLimiter[reconcile.Request]) workqueue.TypedRateLimitingInterface[reconcile.Request] {
			return &workedQueue{PriorityQueue: newAgingQueue(name, limiter), workers: w}
		},
	}
}

// workedQueue hands out an object only to a worker with a place.
type workedQueue struct {
	priorityqueue.PriorityQueue[reconcile.Request]
	workers *Workers
}

// GetWithPriority hands out the next object. The worker keeps its place until Done.
func (q *workedQueue) GetWithPriority() (item reconcile.Request, priority int, shutdown bool) {
	q.workers.enter()
	item, priority, shutdown = q.PriorityQueue.GetWithPriority()
	if shutdown {
		q.workers.Leave()
	}
	return item, priority, shutdown
}

// Get is GetWithPriority without the priority.
func (q *workedQueue) Get() (item reconcile.Request, shutdown bool) {
	item, _, shutdown = q.GetWithPriority()
	return item, shutdown
}

// Done ends the work on an object.
func (q *workedQueue) Done(item reconcile.Request) {
	q.PriorityQueue.Done(item)
	q.workers.Leave()
}

// ShutDown ends the queue.
func (q *workedQueue) ShutDown() {
	q.PriorityQueue.ShutDown()
	q.workers.close()
}

// ShutDownWithDrain ends the queue.
func (q *workedQueue) ShutDownWithDrain() { q.ShutDown() }

func backoff() workqueue.TypedRateLimiter[reconcile.Request] {
	return workqueue.NewTypedItemExponentialFailureRateLimiter[reconcile.Request](retry.Backoff.For, retry.Backoff.Most)
}
