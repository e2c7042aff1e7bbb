// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio

import (
	"container/heap"
	"time"
)

// allWrites is what lines wait for while the breaker of writes is open.
const allWrites = "writes"

// parked are lines that may have no turn for now, by the pace that does not allow it, or by allWrites.
type parked struct {
	lines map[string][]*line
	// ready are the paces that somebody waits for, the one that allows a turn first at index 0.
	ready moments
}

// moment is when a pace allows a turn, or a little before.
type moment struct {
	at   time.Time
	pace string
}

// park passes over a line until what it waits for allows a turn.
func (b *Budget) park(l *line, now time.Time) {
	name := l.pace
	if !b.mayWrite(now) {
		name = allWrites
	}
	if len(b.parked.lines[name]) == 0 && name != allWrites {
		heap.Push(&b.parked.ready, moment{b.ready(name), name})
	}
	b.parked.lines[name] = append(b.parked.lines[name], l)
}

// unpark lets the lines have turns that may have one again.
func (b *Budget) unpark(now time.Time) {
	for len(b.parked.ready) > 0 && !now.Before(b.parked.ready[0].at) {
		m := heap.Pop(&b.parked.ready).(moment)
		if at := b.ready(m.pace); now.Before(at) {
			heap.Push(&b.parked.ready, moment{at, m.pace})
			continue
		}
		b.parked.release(m.pace)
	}
	if len(b.parked.lines[allWrites]) > 0 && b.mayWrite(now) {
		b.parked.release(allWrites)
	}
}

func (p *parked) release(name string) {
	for _, l := range p.lines[name] {
		l.unpark()
	}
	delete(p.lines, name)
}

// due are the moments at which lines may have turns again; the end of a probe, which may be another, is none.
func (p *parked) due(writes, now time.Time) (at []time.Time) {
	if len(p.ready) > 0 {
		at = append(at, p.ready[0].at)
	}
	if len(p.lines[allWrites]) > 0 && now.Before(writes) {
		at = append(at, writes)
	}
	return at
}

// moments are a heap.
type moments []moment

// Len, Less, Swap, Push and Pop are for [heap.Interface].
func (m moments) Len() int           { return len(m) }
func (m moments) Less(i, j int) bool { return m[i].at.Before(m[j].at) }

// Swap exchanges two.
func (m moments) Swap(i, j int) { m[i], m[j] = m[j], m[i] }

// Push adds one at the end.
func (m *moments) Push(x any) { *m = append(*m, x.(moment)) }

// Pop takes the last one.
func (m *moments) Pop() any {
	last := len(*m) - 1
	x := (*m)[last]
	*m = (*m)[:last]
	return x
}
