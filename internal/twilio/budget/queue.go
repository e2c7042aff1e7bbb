// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package budget

import (
	"container/list"
	"iter"
)

// queueSet holds the waiting requests of a priority level. Its flows take turns, and so do the queues of a flow: a flow
// with few requests does not wait for a flow with many, however many services the requests are for.
type queueSet struct {
	waiting int
	flows   map[string]*flow
	// formed counts the flows and queues.
	formed int64
	// ready are the flows with a queue which is not parked. A flow without requests stays until the flow is the first, so
	// that the flow does not come back as a new flow at once.
	ready rankHeap[*flow]
}

// flow holds requests which share one fair part of the seats.
type flow struct {
	rank
	set    *queueSet
	name   string
	queues map[string]*queue
	// ready are the queues which are not parked.
	ready rankHeap[*queue]
}

// queue holds the requests of a flow which pass the same rate limiter, in order.
type queue struct {
	rank
	flow     *flow
	rate     string
	requests list.List
}

// queuedRequest is a request in a queue.
type queuedRequest struct {
	Request
	queue *queue
	at    *list.Element
}

// add puts a request at the head or at the end of the queue of its flow and rate limiter.
func (s *queueSet) add(r Request, rate string, first bool) *queuedRequest {
	q := s.queue(r.Flow, rate)
	w := &queuedRequest{Request: r, queue: q}
	if first {
		w.at = q.requests.PushFront(w)
	} else {
		w.at = q.requests.PushBack(w)
	}
	s.waiting++
	return w
}

func (s *queueSet) queue(name, rate string) *queue {
	f := s.flows[name]
	if f == nil {
		f = &flow{rank: s.newcomer(), set: s, name: name, queues: map[string]*queue{}}
		if s.flows == nil {
			s.flows = map[string]*flow{}
		}
		s.flows[name] = f
	}
	q := f.queues[rate]
	if q == nil {
		q = &queue{rank: s.newcomer(), flow: f, rate: rate}
		f.queues[rate] = q
		q.unpark()
	}
	return q
}

func (s *queueSet) newcomer() rank {
	s.formed++
	return rank{formed: s.formed, at: -1}
}

// unpark lets the queue have seats, unless its flow was forgotten meanwhile.
func (q *queue) unpark() {
	f := q.flow
	if f.set.flows[f.name] != f {
		return
	}
	f.ready.add(q)
	f.set.ready.add(f)
}

// remove takes a request out of its queue.
func (w *queuedRequest) remove() {
	s := w.queue.flow.set
	w.queue.requests.Remove(w.at)
	s.waiting--
	if s.waiting == 0 {
		*s = queueSet{}
	}
}

// first answers the queue for the next seat, among the queues which may have a seat; nil: no such queue. first calls
// park with each queue which may not have a seat, and passes over the queue from then on.
func (s *queueSet) first(may func(rate string) bool, park func(*queue)) *queue {
	for len(s.ready) > 0 {
		f := s.ready[0]
		if len(f.ready) == 0 {
			s.ready.drop()
			if len(f.queues) == 0 {
				delete(s.flows, f.name)
			}
			continue
		}
		switch q := f.ready[0]; {
		case q.requests.Len() == 0:
			f.ready.drop()
			delete(f.queues, q.rate)
		case !may(q.rate):
			f.ready.drop()
			park(q)
		default:
			return q
		}
	}
	return nil
}

// next takes the first request out of the queue, for the seat of the given number; the queue must not be empty.
func (q *queue) next(seat int64) *queuedRequest {
	q.flow.ready.serve(q, seat)
	q.flow.set.ready.serve(q.flow, seat)
	w := q.requests.Front().Value.(*queuedRequest)
	w.remove()
	return w
}

// waitFor are the requests waiting for a rate limiter, each flow in order.
func (s *queueSet) waitFor(rate string) iter.Seq[*queuedRequest] {
	return func(yield func(*queuedRequest) bool) {
		for _, f := range s.flows {
			q := f.queues[rate]
			if q == nil {
				continue
			}
			for e := q.requests.Front(); e != nil; e = e.Next() {
				if !yield(e.Value.(*queuedRequest)) {
					return
				}
			}
		}
	}
}
