// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package budget shares out the limits of one Twilio account: how many requests are under way, how many creates,
// deletes and updates are sent a second, and which requests are sent while Twilio does not answer.
//
// The package speaks the language of Kubernetes' API Priority and Fairness
// (https://kubernetes.io/docs/concepts/cluster-administration/flow-control/), and solves the same problem from the
// other side:
//
//	seat            the right to have one request under way: for reads, one after another, and for one write
//	priority level  edit, delete, backlog, drift: a higher level goes first, one seat in eight goes to the lower levels first
//	flow            a namespace; the flows of a level take turns
//	queue           the requests of a flow that pass the same rate limiter, in the order of their arrival
//	dispatch        the choice of the request for the next free seat, and the waking of its requester
//	reservation     a dispatched seat which its requester has not taken yet
//	rate limiter    30 writes a second, evenly, for each service and each conversation
//	concurrency     the number of seats: AIMD, as in TCP: the number doubles, is halved by a 429, and grows by one from there
//	breaker         a circuit breaker: an outage leaves one seat, for a probe
//
// No goroutine waits in a budget: [Budget.Acquire] answers a seat or queues the request, and the budget wakes the
// requester by its key when the request has a seat. [Budget.Transport] refuses requests without a seat, so that no
// request gets around the budget.
package budget

import (
	"math"
	"slices"
	"strings"
	"sync"
	"time"
)

// DefaultMaxConcurrent is how many requests of an account are under way at most unless the account's spec says
// otherwise. Twilio publishes no number; about 100 was seen, and other clients use the account too.
const DefaultMaxConcurrent = 20

// Budget is the common budget of all requests of one Twilio account. A Budget is safe for concurrent use.
type Budget struct {
	o Options

	mu    sync.Mutex
	limit concurrencyLimit
	// inFlight are the requests under way, checks of credentials included.
	inFlight int
	// idleSince is when the last request under way ended.
	idleSince    time.Time
	seats        seats
	waiting      map[waitKey]*queuedRequest
	reservations map[waitKey]*reservation
	levels       [levels]queueSet
	parked       parked
	rateLimiters map[string]*rateLimiter
	// kept is how many rate limiters the budget keeps before dropping idle rate limiters.
	kept int
	// defaultService is the SID of the account's default service, as soon as the SID is known.
	defaultService string
	// held is until when no request is sent: Twilio asked for the hold, or an outage is to be probed.
	held       time.Time
	throttling throttling
	// outage is the breaker of all requests, writes the breaker of writes alone.
	outage, writes breaker
	timer          *time.Timer
	timerAt        time.Time
	closed         bool
	throttles      int64
	failures       int64
}

// Options are the parts of a budget.
type Options struct {
	// MaxConcurrent is how many requests may be under way in all shares together (0: DefaultMaxConcurrent).
	MaxConcurrent int
	// Shares is how many managers have budgets of the account (0: this manager alone).
	Shares int
	// Pool is shared with the budgets of other accounts; nil: no other budgets.
	Pool *SeatPool
	// Wake is called, without locks held, with the key of a requester whose request has a seat: the requester is expected
	// to ask again within seconds. Wake must not block.
	Wake func(key string)
	// Throttled is called, without locks held, when the answer of [Budget.Throttled] changes. Throttled must not block,
	// and may be nil.
	Throttled func()
}

// seats are the counts of seats.
type seats struct {
	// occupied counts the occupied seats, writes the occupied seats for a write, and counted the seats, reserved seats
	// included, which the pool knows.
	occupied, writes, counted int
	// dispatched is how many seats were dispatched so far.
	dispatched int64
}

// New makes a budget, or an equal share of a budget.
func New(o Options) *Budget {
	o.Shares = min(max(o.Shares, 1), ActionsPerSecond)
	if o.Pool == nil {
		o.Pool = NewSeatPool(math.MaxInt)
	}
	return &Budget{
		o: o, limit: newConcurrencyLimit(shareOf(o.MaxConcurrent, o.Shares)), kept: rateLimitersKept,
		waiting: map[waitKey]*queuedRequest{}, reservations: map[waitKey]*reservation{},
		parked: parked{queues: map[string][]*queue{}}, rateLimiters: map[string]*rateLimiter{},
	}
}

// SetMaxConcurrent changes how many requests may be under way in all shares together (0: DefaultMaxConcurrent).
func (b *Budget) SetMaxConcurrent(most int) {
	b.change(func(time.Time) { b.limit.setMost(shareOf(most, b.o.Shares)) })
}

func shareOf(most, shares int) int {
	if most < 1 {
		most = DefaultMaxConcurrent
	}
	return max(most/shares, 1)
}

// Acquire answers a seat, or queues the request and answers nil: the budget wakes the requester when the request has a
// seat, and the requester asks again. A requester with a seat reserved for a write may read before taking the reserved
// seat.
func (b *Budget) Acquire(r Request) (s *Seat) {
	b.mu.Lock()
	now := time.Now()
	b.expire(now)
	key := r.waitKey()
	if key.write {
		// A requester which comes to write does not need its seat for reads any more.
		b.drop(waitKey{key: r.Key})
	}
	if v := b.reservations[waitKey{r.Key, true}]; v != nil && r.Rate == "" && !v.borrowed {
		v.borrowed = true
		s = b.seat(r, v)
	} else if v := b.reservations[key]; v == nil || v.Rate != r.Rate {
		delete(b.reservations, key)
		b.enqueue(r, now, false)
	}
	woken := b.dispatch(now)
	if s == nil && b.reservations[key] != nil {
		delete(b.reservations, key)
		woken = slices.DeleteFunc(woken, func(key string) bool { return key == r.Key })
		s = b.seat(r, nil)
	}
	b.settle(woken)
	return s
}

// Forget takes the requests of a requester out of the queues, and gives the seats reserved for them to other requests.
func (b *Budget) Forget(key string) {
	b.mu.Lock()
	freed := len(b.reservations)
	b.drop(waitKey{key, false})
	b.drop(waitKey{key, true})
	freed -= len(b.reservations)
	b.mu.Unlock()
	if freed > 0 {
		b.change(func(time.Time) {})
	}
}

// Close ends the budget: no request gets a seat any more.
func (b *Budget) Close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	clear(b.waiting)
	clear(b.reservations)
	clear(b.levels[:])
	b.countSeats()
	if b.timer != nil {
		b.timer.Stop()
	}
}

// change calls do under the lock, and dispatches the seats which become free.
func (b *Budget) change(do func(now time.Time)) {
	b.mu.Lock()
	now := time.Now()
	do(now)
	b.settle(b.dispatch(now))
}

// settle gives the lock back, and calls the functions of the options.
func (b *Budget) settle(woken []string) {
	b.countSeats()
	changed := b.throttling.changed()
	b.mu.Unlock()
	for _, key := range woken {
		b.o.Wake(key)
	}
	if changed && b.o.Throttled != nil {
		b.o.Throttled()
	}
}

// enqueue lets a request wait, unless the request waits already.
func (b *Budget) enqueue(r Request, now time.Time, first bool) {
	key := r.waitKey()
	if w := b.waiting[key]; w != nil && w.Request == r || b.closed {
		return
	}
	b.dequeue(key)
	rate := b.resolve(r.Rate)
	if strings.HasPrefix(rate, conversationRate) && !now.Before(b.ready(rate)) {
		// One object updates a conversation: its updates share a queue with the updates of other conversations, unless they
		// come without a pause.
		rate = conversationRate
	}
	b.waiting[key] = b.levels[r.PriorityLevel].add(r, rate, first)
}

// drop takes from a requester its reserved seat, or its place in a queue.
func (b *Budget) drop(key waitKey) {
	delete(b.reservations, key)
	b.dequeue(key)
}

func (b *Budget) dequeue(key waitKey) {
	if w := b.waiting[key]; w != nil {
		w.remove()
		delete(b.waiting, key)
	}
}
