// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package budget

import (
	"container/heap"
	"time"
)

// allWrites is the name under which queues are parked while the breaker of writes is open.
const allWrites = "writes"

// parked are the queues which may have no seat for now, by the name of their rate limiter, or by allWrites.
type parked struct {
	queues map[string][]*queue
	// ready are the rate limiters of parked queues, the first to allow an action at index 0.
	ready readyTimes
}

// readyTime is when a rate limiter allows an action, or a little before.
type readyTime struct {
	at   time.Time
	rate string
}

// park passes over a queue until its rate limiter, or the breaker of writes, allows an action.
func (b *Budget) park(q *queue, now time.Time) {
	name := q.rate
	if !b.mayWrite(now) {
		name = allWrites
	}
	if len(b.parked.queues[name]) == 0 && name != allWrites {
		heap.Push(&b.parked.ready, readyTime{b.ready(name), name})
	}
	b.parked.queues[name] = append(b.parked.queues[name], q)
}

// unpark lets queues have seats again whose rate limiters allow an action.
func (b *Budget) unpark(now time.Time) {
	for len(b.parked.ready) > 0 && !now.Before(b.parked.ready[0].at) {
		next := heap.Pop(&b.parked.ready).(readyTime)
		if at := b.ready(next.rate); now.Before(at) {
			heap.Push(&b.parked.ready, readyTime{at, next.rate})
			continue
		}
		b.parked.release(next.rate)
	}
	if len(b.parked.queues[allWrites]) > 0 && b.mayWrite(now) {
		b.parked.release(allWrites)
	}
}

func (p *parked) release(name string) {
	for _, q := range p.queues[name] {
		q.unpark()
	}
	delete(p.queues, name)
}

// due are the moments at which queues may have seats again. The end of a running probe is unknown, so due leaves the
// moment out.
func (p *parked) due(writesHeld, now time.Time) (at []time.Time) {
	if len(p.ready) > 0 {
		at = append(at, p.ready[0].at)
	}
	if len(p.queues[allWrites]) > 0 && now.Before(writesHeld) {
		at = append(at, writesHeld)
	}
	return at
}

// readyTimes are a heap.
type readyTimes []readyTime

// Len, Less, Swap, Push and Pop are for [heap.Interface].
func (t readyTimes) Len() int           { return len(t) }
func (t readyTimes) Less(i, j int) bool { return t[i].at.Before(t[j].at) }

// Swap exchanges two entries.
func (t readyTimes) Swap(i, j int) { t[i], t[j] = t[j], t[i] }

// Push adds an entry at the end.
func (t *readyTimes) Push(x any) { *t = append(*t, x.(readyTime)) }

// Pop takes the last entry.
func (t *readyTimes) Pop() any {
	last := len(*t) - 1
	x := (*t)[last]
	*t = (*t)[:last]
	return x
}
