// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package budget

import (
	"slices"
	"time"
)

// lowerFirstEvery is the part of the seats, one in so many, which goes to the lower priority levels first, so that a
// steady stream of edits starves no request.
const lowerFirstEvery = 8

// dispatch reserves the free seats for the next requests, and answers the keys of the requesters to wake. Every change
// which may free a seat ends with dispatch; if time alone brings the change, the timer calls dispatch.
func (b *Budget) dispatch(now time.Time) (woken []string) {
	b.expire(now)
	if b.inFlight == 0 && len(b.reservations) == 0 && now.Sub(b.idleSince) >= limitRest {
		b.limit.restart()
	}
	b.unpark(now)
	for b.hasFreeSeat(now) {
		q := b.pick(now)
		if q == nil {
			break
		}
		b.seats.dispatched++
		w := q.next(b.seats.dispatched)
		delete(b.waiting, w.waitKey())
		if rate := b.resolve(w.Rate); rate != "" {
			b.rateLimiter(rate, now).take(now)
		}
		b.reservations[w.waitKey()] = &reservation{Request: w.Request, ends: now.Add(reservationLife)}
		b.countSeats()
		woken = append(woken, w.Key)
	}
	b.setTimer(now)
	return woken
}

// concurrency is how many requests may be under way: one while the budget probes an outage.
func (b *Budget) concurrency() int {
	if b.outage.open {
		return 1
	}
	return int(b.limit.now)
}

// hasFreeSeat reports whether one more request may be under way, reserved seats included.
func (b *Budget) hasFreeSeat(now time.Time) bool {
	return !b.closed && !now.Before(b.held) && b.inFlight+len(b.reservations) < b.concurrency() &&
		(b.seats.occupied+len(b.reservations) < scarceSeats || !b.o.Pool.scarce())
}

// pick answers the queue for the next seat: in the highest priority level, of the flow which waited longest for a seat,
// among its queues whose rate limiters allow an action the queue which waited longest.
func (b *Budget) pick(now time.Time) *queue {
	for _, level := range b.levelOrder() {
		q := b.levels[level].first(
			func(rate string) bool { return rate == "" || b.mayWrite(now) && !now.Before(b.ready(rate)) },
			func(q *queue) { b.park(q, now) },
		)
		if q != nil {
			return q
		}
	}
	return nil
}

// levelOrder is the order of the priority levels for the next seat: highest first, except for one seat in
// lowerFirstEvery.
func (b *Budget) levelOrder() [levels]PriorityLevel {
	if b.seats.dispatched%lowerFirstEvery != lowerFirstEvery-1 {
		return [levels]PriorityLevel{Edit, Delete, Backlog, Drift}
	}
	switch b.seats.dispatched / lowerFirstEvery % 3 {
	case 0:
		return [levels]PriorityLevel{Delete, Backlog, Drift, Edit}
	case 1:
		return [levels]PriorityLevel{Backlog, Drift, Delete, Edit}
	default:
		return [levels]PriorityLevel{Drift, Delete, Backlog, Edit}
	}
}

// setTimer sets the timer for the moment at which a request may have a seat without any other event.
func (b *Budget) setTimer(now time.Time) {
	at := b.nextDispatch(now)
	if at.IsZero() || b.closed || !b.timerAt.IsZero() && !at.Before(b.timerAt) {
		return
	}
	b.timerAt = at
	if b.timer == nil {
		b.timer = time.AfterFunc(at.Sub(now), b.timeOut)
		return
	}
	b.timer.Reset(at.Sub(now))
}

func (b *Budget) timeOut() { b.change(func(time.Time) { b.timerAt = time.Time{} }) }

// nextDispatch is the moment at which time alone may free a seat; zero: no such moment.
func (b *Budget) nextDispatch(now time.Time) time.Time {
	var at []time.Time
	// A reservation takes a seat, so the reservation must end although no other request waits.
	for _, v := range b.reservations {
		if !v.borrowed {
			at = append(at, v.ends)
		}
	}
	switch {
	case len(b.waiting) == 0:
	case now.Before(b.held):
		at = append(at, b.held)
	case b.hasFreeSeat(now):
		at = append(at, b.parked.due(b.writes.held, now)...)
	}
	if len(at) == 0 {
		return time.Time{}
	}
	return slices.MinFunc(at, time.Time.Compare)
}
