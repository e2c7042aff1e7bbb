// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio

import (
	"container/list"
	"iter"
)

// line is the queue of those who wait for the same pace.
type line struct {
	pace string
	// served is the number of the turn that the line had last, formed that of the line among all there were.
	served, formed int64
	rings          [classes]ring
}

// ring is the part of a line that is of one class. Its flows take turns. A flow that had none since the others had theirs
// goes first, so that whoever wants little does not wait for those who want much.
type ring struct {
	waiting int
	// fresh flows had no turn in this round; the others did, and are remembered for a round even if nobody waits in them.
	fresh, known list.List
	flows        map[string]*flow
}

// flow is the queue of those who share one share.
type flow struct {
	name    string
	waiters list.List
}

// waiter is somebody in a queue.
type waiter struct {
	ask  Ask
	line *line
	flow *flow
	at   *list.Element
}

// before tells whether the line has waited longer for a turn than the other.
func (l *line) before(other *line) bool {
	return l.served < other.served || l.served == other.served && l.formed < other.formed
}

// add queues who asks, before or behind the others of the flow.
func (l *line) add(a Ask, first bool) *waiter {
	r := &l.rings[a.Class]
	f := r.flows[a.Flow]
	if f == nil {
		f = &flow{name: a.Flow}
		if r.flows == nil {
			r.flows = map[string]*flow{}
		}
		r.flows[a.Flow] = f
		r.fresh.PushBack(f)
	}
	w := &waiter{ask: a, line: l, flow: f}
	if first {
		w.at = f.waiters.PushFront(w)
	} else {
		w.at = f.waiters.PushBack(w)
	}
	r.waiting++
	return w
}

// next takes the one whose turn it is; there must be one.
func (l *line) next(c Class) *waiter {
	r := &l.rings[c]
	for {
		from := &r.fresh
		if from.Len() == 0 {
			from = &r.known
		}
		f := from.Remove(from.Front()).(*flow)
		if f.waiters.Len() == 0 {
			delete(r.flows, f.name)
			continue
		}
		r.known.PushBack(f)
		w := f.waiters.Front().Value.(*waiter)
		l.remove(w)
		return w
	}
}

// remove takes somebody out of the queue.
func (l *line) remove(w *waiter) {
	w.flow.waiters.Remove(w.at)
	r := &l.rings[w.ask.Class]
	r.waiting--
	if r.waiting == 0 {
		*r = ring{}
	}
}

func (l *line) waiting() (n int) {
	for i := range l.rings {
		n += l.rings[i].waiting
	}
	return n
}

// all are those who wait, each flow in order.
func (l *line) all() iter.Seq[*waiter] {
	return func(yield func(*waiter) bool) {
		for i := range l.rings {
			for _, flows := range []*list.List{&l.rings[i].fresh, &l.rings[i].known} {
				for f := flows.Front(); f != nil; f = f.Next() {
					for e := f.Value.(*flow).waiters.Front(); e != nil; e = e.Next() {
						if !yield(e.Value.(*waiter)) {
							return
						}
					}
				}
			}
		}
	}
}
