// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio

import (
	"slices"
	"time"
)

// dispatch gives turns while there is room, in order, and answers who is to be woken. Everything that changes what may
// be sent ends with it; what time alone changes, the alarm does.
func (b *Budget) dispatch(now time.Time) (woken []string) {
	b.expire(now)
	if b.inFlight == 0 && len(b.grants) == 0 && now.Sub(b.rested) >= limitRest {
		b.limit.restart()
	}
	b.unpark(now)
	for b.free(now) {
		l := b.pick(now)
		if l == nil {
			break
		}
		b.turns.given++
		w := l.next(b.turns.given)
		delete(b.waiting, w.ask.place())
		if name := b.resolve(w.ask.Pace); name != "" {
			b.paceOf(name, now).take(now)
		}
		b.grants[w.ask.place()] = &grant{ask: w.ask, ends: now.Add(grantLife)}
		b.count()
		woken = append(woken, w.ask.Key)
	}
	b.arm(now)
	return woken
}

// allowed is how many requests may be under way. While an outage is probed it is one.
func (b *Budget) allowed() int {
	if b.outage.open {
		return 1
	}
	return int(b.limit.now)
}

// free: one more request may be under way, turns that were given included.
func (b *Budget) free(now time.Time) bool {
	return !b.closed && !now.Before(b.held) && b.inFlight+len(b.grants) < b.allowed() &&
		(b.turns.out+len(b.grants) < roomShare || !b.o.Room.scarce())
}

// pick answers whose turn it is: of the first class, the flow that waited longest for one, and of its lines whose pace
// allows one the line that did.
func (b *Budget) pick(now time.Time) *line {
	for _, class := range b.order() {
		l := b.queues[class].first(
			func(pace string) bool { return pace == "" || b.mayWrite(now) && !now.Before(b.ready(pace)) },
			func(l *line) { b.park(l, now) },
		)
		if l != nil {
			return l
		}
	}
	return nil
}

// order is the classes', first to last, but for the turns that are spared for the lower ones.
func (b *Budget) order() [classes]Class {
	if b.turns.given%spareTurn != spareTurn-1 {
		return [classes]Class{ClassEdit, ClassDelete, ClassBacklog, ClassDrift}
	}
	switch b.turns.given / spareTurn % 3 {
	case 0:
		return [classes]Class{ClassDelete, ClassBacklog, ClassDrift, ClassEdit}
	case 1:
		return [classes]Class{ClassBacklog, ClassDrift, ClassDelete, ClassEdit}
	default:
		return [classes]Class{ClassDrift, ClassDelete, ClassBacklog, ClassEdit}
	}
}

// arm sets the alarm for the moment at which somebody may have a turn though nothing else happens.
func (b *Budget) arm(now time.Time) {
	at := b.due(now)
	if at.IsZero() || b.closed || !b.alarmAt.IsZero() && !at.Before(b.alarmAt) {
		return
	}
	b.alarmAt = at
	if b.alarm == nil {
		b.alarm = time.AfterFunc(at.Sub(now), b.ring)
		return
	}
	b.alarm.Reset(at.Sub(now))
}

func (b *Budget) ring() { b.change(func(time.Time) { b.alarmAt = time.Time{} }) }

// due is the moment of the alarm; zero: none is needed.
func (b *Budget) due(now time.Time) time.Time {
	var at []time.Time
	// A turn that was given takes room, so that it must end although nobody else waits.
	for _, g := range b.grants {
		if !g.lent {
			at = append(at, g.ends)
		}
	}
	switch {
	case len(b.waiting) == 0:
	case now.Before(b.held):
		at = append(at, b.held)
	case b.free(now):
		at = append(at, b.parked.due(b.writes.held, now)...)
	}
	if len(at) == 0 {
		return time.Time{}
	}
	return slices.MinFunc(at, time.Time.Compare)
}
