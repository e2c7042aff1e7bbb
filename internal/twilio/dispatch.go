// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio

import "time"

// dispatch gives turns while there is room, in order, and answers who is to be woken. Everything that changes what may
// be sent ends with it; what time alone changes, the alarm does.
func (b *Budget) dispatch(now time.Time) (woken []string) {
	b.expire(now)
	if b.inFlight == 0 && len(b.grants) == 0 && now.Sub(b.rested) >= limitRest {
		b.limit.restart()
	}
	for b.room(now) {
		l, class := b.pick(now)
		if l == nil {
			break
		}
		w := l.next(class)
		b.left(w)
		b.turns++
		l.served = b.turns
		if name := b.resolve(w.ask.Pace); name != "" {
			b.paceOf(name, now).take(now)
		}
		b.grants[w.ask.place()] = &grant{ask: w.ask, ends: now.Add(grantLife)}
		woken = append(woken, w.ask.Key)
	}
	b.arm(now)
	return woken
}

// allowed is how many requests may be under way. While the breaker is open, one probes.
func (b *Budget) allowed() int {
	if b.breaker.open {
		return 1
	}
	return int(b.limit.now)
}

// room: one more request may be under way, turns that were given included.
func (b *Budget) room(now time.Time) bool {
	return !b.closed && !now.Before(b.held) && b.inFlight+len(b.grants) < b.allowed()
}

// pick answers whose turn it is: of the first class, the line that waited longest for one and whose pace allows it.
func (b *Budget) pick(now time.Time) (picked *line, class Class) {
	for _, class = range b.order() {
		for _, l := range b.lines {
			if l.rings[class].waiting > 0 && !now.Before(b.ready(l.pace)) && (picked == nil || l.before(picked)) {
				picked = l
			}
		}
		if picked != nil {
			return picked, class
		}
	}
	return nil, 0
}

// order is the classes', first to last, but for the turns that are spared for the lower ones.
func (b *Budget) order() [classes]Class {
	if b.turns%spareTurn != spareTurn-1 {
		return [classes]Class{ClassEdit, ClassDelete, ClassBacklog, ClassDrift}
	}
	switch b.turns / spareTurn % 3 {
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

// due is that moment; zero if there is none.
func (b *Budget) due(now time.Time) (at time.Time) {
	earlier := func(t time.Time) {
		if at.IsZero() || t.Before(at) {
			at = t
		}
	}
	switch {
	case len(b.waiting) == 0:
	case now.Before(b.held):
		earlier(b.held)
	case b.room(now):
		for name := range b.lines {
			earlier(b.ready(name))
		}
	default:
		// The end of a request may come sooner.
		for _, g := range b.grants {
			if !g.lent {
				earlier(g.ends)
			}
		}
	}
	return at
}
