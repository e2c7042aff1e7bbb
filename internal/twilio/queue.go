// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio

import (
	"container/list"
	"iter"
)

// queue holds those of a class who wait. Its flows take turns, and so do the lines of a flow: whoever wants little does not
// wait for those who want much, however many services these want it in.
type queue struct {
	waiting int
	flows   map[string]*flow
	// formed counts the flows and lines.
	formed int64
	// ready are the flows with a line that is not parked. A flow in which nobody waits any more stays until it is the
	// first, so that it does not begin as a new one at once.
	ready order[*flow]
}

// flow holds those who share one share.
type flow struct {
	rank
	queue *queue
	name  string
	lines map[string]*line
	// ready are the lines that are not parked.
	ready order[*line]
}

// line holds those of a flow who wait for the same pace, in order.
type line struct {
	rank
	flow    *flow
	pace    string
	waiters list.List
}

// waiter is somebody in a line.
type waiter struct {
	ask  Ask
	line *line
	at   *list.Element
}

// add lets somebody wait for a pace, before or behind the others of the line.
func (q *queue) add(a Ask, pace string, first bool) *waiter {
	l := q.line(a.Flow, pace)
	w := &waiter{ask: a, line: l}
	if first {
		w.at = l.waiters.PushFront(w)
	} else {
		w.at = l.waiters.PushBack(w)
	}
	q.waiting++
	return w
}

func (q *queue) line(name, pace string) *line {
	f := q.flows[name]
	if f == nil {
		f = &flow{rank: q.newcomer(), queue: q, name: name, lines: map[string]*line{}}
		if q.flows == nil {
			q.flows = map[string]*flow{}
		}
		q.flows[name] = f
	}
	l := f.lines[pace]
	if l == nil {
		l = &line{rank: q.newcomer(), flow: f, pace: pace}
		f.lines[pace] = l
		l.unpark()
	}
	return l
}

func (q *queue) newcomer() rank {
	q.formed++
	return rank{formed: q.formed, at: -1}
}

// unpark lets the line have turns, unless its flow was forgotten meanwhile.
func (l *line) unpark() {
	f := l.flow
	if f.queue.flows[f.name] != f {
		return
	}
	f.ready.add(l)
	f.queue.ready.add(f)
}

// remove takes somebody out of the queue.
func (w *waiter) remove() {
	q := w.line.flow.queue
	w.line.waiters.Remove(w.at)
	q.waiting--
	if q.waiting == 0 {
		*q = queue{}
	}
}

// first answers the line whose turn it is, of those that may have one; nil: there is none. It calls park with each line
// that may not, and passes over it from then on.
func (q *queue) first(may func(pace string) bool, park func(*line)) *line {
	for len(q.ready) > 0 {
		f := q.ready[0]
		if len(f.ready) == 0 {
			q.ready.drop()
			if len(f.lines) == 0 {
				delete(q.flows, f.name)
			}
			continue
		}
		switch l := f.ready[0]; {
		case l.waiters.Len() == 0:
			f.ready.drop()
			delete(f.lines, l.pace)
		case !may(l.pace):
			f.ready.drop()
			park(l)
		default:
			return l
		}
	}
	return nil
}

// next takes the one whose turn it is; there must be one.
func (l *line) next(turn int64) *waiter {
	l.flow.ready.serve(l, turn)
	l.flow.queue.ready.serve(l.flow, turn)
	w := l.waiters.Front().Value.(*waiter)
	w.remove()
	return w
}

// waitFor are those who wait for a pace, each flow in order.
func (q *queue) waitFor(pace string) iter.Seq[*waiter] {
	return func(yield func(*waiter) bool) {
		for _, f := range q.flows {
			l := f.lines[pace]
			if l == nil {
				continue
			}
			for e := l.waiters.Front(); e != nil; e = e.Next() {
				if !yield(e.Value.(*waiter)) {
					return
				}
			}
		}
	}
}
