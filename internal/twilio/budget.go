// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio

import (
	"maps"
	"math"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	// spareTurn is the share of turns, one in so many, that goes to the lower classes first, so that a steady stream of
	// edits starves nobody.
	spareTurn = 8
	// pacesKept is how many paces are remembered before those are looked for that no longer matter.
	pacesKept = 64
)

// Class orders those who wait: what a user just edited goes first.
type Class int

// The classes, first to last.
const (
	ClassEdit Class = iota
	ClassDelete
	ClassBacklog
	ClassDrift
	classes
)

// String is the class in lower case, for metrics.
func (c Class) String() string { return [classes]string{"edit", "delete", "backlog", "drift"}[c] }

// Ask is a request for a turn.
type Ask struct {
	// Key is who asks. Who asks again keeps the place it has.
	Key string
	// Flow shares fairly with other flows of the same class: the namespace.
	Flow  string
	Class Class
	// Pace names what is limited per second: see [PaceService] and [PaceConversation]; empty: nothing is, and the turn is
	// for reads only.
	Pace string
}

const pacedService, pacedConversation = "service ", "conversation "

// PaceService is the pace of creates and deletes in a service; empty: the account's default service.
func PaceService(sid string) string { return pacedService + sid }

// PaceConversation is the pace of updates of a conversation.
func PaceConversation(sid string) string { return pacedConversation + sid }

// Budget is what all requests of one Twilio account share: how many may be under way, how many creates, deletes and
// updates a second, and breakers. It never waits: who gets no turn is queued and woken by key when it has one. It is
// safe for concurrent use.
type Budget struct {
	o BudgetOptions

	mu    sync.Mutex
	limit limit
	// inFlight are the requests under way, checks of credentials included.
	inFlight int
	turns    turns
	// rested is since when nothing is under way.
	rested  time.Time
	waiting map[place]*waiter
	grants  map[place]*grant
	queues  [classes]queue
	parked  parked
	paces   map[string]*pace
	kept    int
	// service is the account's default one, once known.
	service string
	// held: nothing is sent until then. Twilio asked for it, or the outage is to be probed.
	held      time.Time
	patience  patience
	outage    breaker
	writes    breaker
	alarm     *time.Timer
	alarmAt   time.Time
	closed    bool
	throttles int64
	failures  int64
}

// BudgetOptions are what a budget is made of.
type BudgetOptions struct {
	// Most requests under way (0: DefaultMaxConcurrent), in all shares together.
	Most int
	// Shares is how many managers have budgets of the account (0: this one alone).
	Shares int
	// Room is shared with the budgets of other accounts; nil: there are none.
	Room *Room
	// Wake is called, without locks held, with the key of whoever has a turn and is expected to ask again within
	// seconds; it must not block.
	Wake func(key string)
	// Throttled is called, without locks held, when the answer of [Budget.Throttled] changes; it must not block. Nil: nobody
	// cares.
	Throttled func()
}

// turns are those that were taken and have not ended, and those of them that are for a write; counted are those that the
// room knows of, given ones included. given is how many there were so far.
type turns struct {
	out, writes, counted int
	given                int64
}

// Stats are the budget's values now, and its counts since the start.
type Stats struct {
	// Limit of requests under way, the Most that it may become, and how many are.
	Limit, Most, InFlight int
	// Waiting for a turn, by class.
	Waiting map[Class]int
	// Held tells that nothing is sent for now. Open tells that Twilio, or its writes alone, did not answer since the
	// breaker opened.
	Held, Open bool
	// Throttled answers and Failures (5xx, no answer) so far.
	Throttled, Failures int64
}

// NewBudget makes a budget, or one of several equal shares of one.
func NewBudget(o BudgetOptions) *Budget {
	o.Shares = min(max(o.Shares, 1), ActionsPerSecond)
	if o.Room == nil {
		o.Room = NewRoom(math.MaxInt)
	}
	return &Budget{
		o: o, limit: newLimit(shareOf(o.Most, o.Shares)), kept: pacesKept,
		waiting: map[place]*waiter{}, grants: map[place]*grant{}, parked: parked{lines: map[string][]*line{}}, paces: map[string]*pace{},
	}
}

// SetMost changes how many requests may be under way, in all shares together (0: DefaultMaxConcurrent).
func (b *Budget) SetMost(most int) {
	b.change(func(time.Time) { b.limit.setMost(shareOf(most, b.o.Shares)) })
}

func shareOf(most, shares int) int {
	if most < 1 {
		most = DefaultMaxConcurrent
	}
	return max(most/shares, 1)
}

// Acquire gives a turn, or queues who asks and answers nil: it is woken when its turn has come, and asks again. Who has
// a turn for what is paced may read before it takes it.
func (b *Budget) Acquire(a Ask) (p *Permit) {
	b.mu.Lock()
	now := time.Now()
	b.expire(now)
	at := a.place()
	if at.paced {
		// Who comes to write has no use any more for a turn to read.
		b.drop(place{key: a.Key})
	}
	if g := b.grants[place{a.Key, true}]; g != nil && a.Pace == "" && !g.lent {
		g.lent = true
		p = b.permit(a, g)
	} else if g := b.grants[at]; g == nil || g.ask.Pace != a.Pace {
		delete(b.grants, at)
		b.queue(a, now, false)
	}
	woken := b.dispatch(now)
	if p == nil && b.grants[at] != nil {
		delete(b.grants, at)
		woken = slices.DeleteFunc(woken, func(key string) bool { return key == a.Key })
		p = b.permit(a, nil)
	}
	b.settle(woken)
	return p
}

// Forget takes who waits under a key out of the queue, and gives the turn that it may have to others.
func (b *Budget) Forget(key string) {
	b.mu.Lock()
	given := len(b.grants)
	b.drop(place{key, false})
	b.drop(place{key, true})
	given -= len(b.grants)
	b.mu.Unlock()
	if given > 0 {
		b.change(func(time.Time) {})
	}
}

// Alias tells that this is the account's default service: both names share their limits.
func (b *Budget) Alias(defaultService string) {
	b.change(func(now time.Time) {
		if defaultService == "" || defaultService == b.service {
			return
		}
		unnamed := PaceService("")
		before := b.resolve(unnamed)
		b.service = defaultService
		if p := b.paces[unnamed]; p != nil {
			b.paceOf(b.resolve(unnamed), now).merge(p)
			delete(b.paces, unnamed)
		}
		for i := range b.queues {
			for _, w := range slices.Collect(b.queues[i].waitFor(before)) {
				if w.ask.Pace == unnamed {
					b.unqueue(w.ask.place())
					b.queue(w.ask, now, false)
				}
			}
		}
	})
}

// Stats answers what metrics show.
func (b *Budget) Stats() Stats {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := Stats{
		Limit: b.allowed(), Most: int(b.limit.most), InFlight: b.inFlight, Waiting: map[Class]int{}, Held: time.Now().Before(b.held),
		Open: b.outage.open || b.writes.open, Throttled: b.throttles, Failures: b.failures,
	}
	for class := range classes {
		s.Waiting[class] = b.queues[class].waiting
	}
	return s
}

// Close ends the budget: nobody gets a turn any more.
func (b *Budget) Close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	clear(b.waiting)
	clear(b.grants)
	clear(b.queues[:])
	b.count()
	if b.alarm != nil {
		b.alarm.Stop()
	}
}

// change does something under the lock, and gives the turns that may follow from it.
func (b *Budget) change(what func(now time.Time)) {
	b.mu.Lock()
	now := time.Now()
	what(now)
	b.settle(b.dispatch(now))
}

// settle ends what was done under the lock, and tells those whom it concerns.
func (b *Budget) settle(woken []string) {
	b.count()
	turned := b.patience.turned()
	b.mu.Unlock()
	for _, key := range woken {
		b.o.Wake(key)
	}
	if turned && b.o.Throttled != nil {
		b.o.Throttled()
	}
}

// resolve names the default service as it is called, once that is known.
func (b *Budget) resolve(pace string) string {
	if pace == pacedService {
		return PaceService(b.service)
	}
	return pace
}

// paceOf answers the pace of that name.
func (b *Budget) paceOf(name string, now time.Time) *pace {
	p := b.paces[name]
	if p != nil {
		return p
	}
	if len(b.paces) >= b.kept {
		maps.DeleteFunc(b.paces, func(_ string, p *pace) bool { return p.idle(now) })
		b.kept = max(pacesKept, 2*len(b.paces))
	}
	p = &pace{shares: 1}
	if strings.HasPrefix(name, pacedService) {
		p.shares = b.o.Shares
	}
	b.paces[name] = p
	return p
}

// ready is when the pace of that name allows the next turn.
func (b *Budget) ready(name string) time.Time {
	if p := b.paces[name]; p != nil {
		return p.ready()
	}
	return time.Time{}
}

// queue lets somebody wait, unless that is so already.
func (b *Budget) queue(a Ask, now time.Time, first bool) {
	at := a.place()
	if w := b.waiting[at]; w != nil && w.ask == a || b.closed {
		return
	}
	b.unqueue(at)
	name := b.resolve(a.Pace)
	if strings.HasPrefix(name, pacedConversation) && !now.Before(b.ready(name)) {
		// One object updates a conversation: unless it does so all the time, it has nobody to wait for.
		name = pacedConversation
	}
	b.waiting[at] = b.queues[a.Class].add(a, name, first)
}

// drop takes from somebody the turn, or the place in a line.
func (b *Budget) drop(at place) {
	delete(b.grants, at)
	b.unqueue(at)
}

func (b *Budget) unqueue(at place) {
	if w := b.waiting[at]; w != nil {
		w.remove()
		delete(b.waiting, at)
	}
}
