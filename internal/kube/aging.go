// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"sync"
	"time"

	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// agingTime is how long an object stays behind others.
const agingTime = 5 * time.Second

// agingQueue is controller-runtime's priority queue without starvation: an object added at low priority, such as every
// object after a restart, has normal priority after a while. The priority queue by itself would hand the object out
// only when no object of a higher priority waits (controller-runtime#3496).
type agingQueue struct {
	priorityqueue.PriorityQueue[reconcile.Request]

	mu sync.Mutex
	// low has the time since when each object waits at low priority.
	low    map[reconcile.Request]time.Time
	timer  *time.Timer
	closed bool
}

func newAgingQueue(name string, limiter workqueue.TypedRateLimiter[reconcile.Request]) *agingQueue {
	return &agingQueue{
		low: map[reconcile.Request]time.Time{},
		PriorityQueue: priorityqueue.New(name, func(o *priorityqueue.Opts[reconcile.Request]) {
			o.RateLimiter = limiter
		}),
	}
}

// AddWithOpts adds objects, and remembers the objects added at low priority, so that promote finds them.
func (q *agingQueue) AddWithOpts(o priorityqueue.AddOpts, items ...reconcile.Request) {
	if o.Priority != nil && *o.Priority < 0 && o.After <= 0 && !o.RateLimited {
		q.remember(items)
	}
	q.PriorityQueue.AddWithOpts(o, items...)
}

// GetWithPriority hands out the next object.
func (q *agingQueue) GetWithPriority() (item reconcile.Request, priority int, shutdown bool) {
	item, priority, shutdown = q.PriorityQueue.GetWithPriority()
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.low, item)
	return item, priority, shutdown
}

// Get is GetWithPriority without the priority.
func (q *agingQueue) Get() (item reconcile.Request, shutdown bool) {
	item, _, shutdown = q.GetWithPriority()
	return item, shutdown
}

// ShutDown ends the queue.
func (q *agingQueue) ShutDown() {
	q.mu.Lock()
	q.closed = true
	if q.timer != nil {
		q.timer.Stop()
	}
	q.mu.Unlock()
	q.PriorityQueue.ShutDown()
}

// ShutDownWithDrain ends the queue.
func (q *agingQueue) ShutDownWithDrain() { q.ShutDown() }

func (q *agingQueue) remember(items []reconcile.Request) {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := time.Now()
	for _, item := range items {
		if _, ok := q.low[item]; !ok {
			q.low[item] = now
		}
	}
	if q.timer == nil && !q.closed && len(q.low) > 0 {
		q.timer = time.AfterFunc(agingTime, q.promote)
	}
}

// promote gives normal priority to the objects which have waited for agingTime.
func (q *agingQueue) promote() {
	q.mu.Lock()
	var aged []reconcile.Request
	now, next := time.Now(), agingTime
	for item, since := range q.low {
		if age := now.Sub(since); age >= agingTime {
			aged = append(aged, item)
			delete(q.low, item)
		} else {
			next = min(next, agingTime-age)
		}
	}
	switch {
	case q.closed:
	case len(q.low) > 0:
		q.timer.Reset(max(next, agingTime/10))
	default:
		q.timer = nil
	}
	q.mu.Unlock()
	q.PriorityQueue.AddWithOpts(priorityqueue.AddOpts{}, aged...)
}
