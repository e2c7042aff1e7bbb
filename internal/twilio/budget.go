// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio

import (
	"maps"
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
	// Pace names what is limited per second: see [PaceService] and [PaceConversation]; empty: nothing is.
	Pace string
}

const pacedService, pacedConversation = "service ", "conversation "

// PaceService is the pace of creates and deletes in a service; empty: the account's default service.
func PaceService(sid string) string { return pacedService + sid }

// PaceConversation is the pace of updates of a conversation.
func PaceConversation(sid string) string { return pacedConversation + sid }

// Budget is what all requests of one Twilio account share: how many may be under way, how many creates, deletes and
// updates a second, and a breaker. It never waits: who gets no turn is queued and woken by key when it has one. It is
// safe for concurrent use.
type Budget struct {
	wake func(key string)
	// shares is how many managers have budgets of the account.
	shares int

	mu       sync.Mutex
	limit    limit
	inFlight int
	// rested is since when nothing is under way.
	rested  time.Time
	waiting map[place]*waiter
	grants  map[place]*grant
	// lines are those in which somebody waits, by pace.
	lines map[string]*line
	paces map[string]*pace
	kept  int
	// service is the account's default one, once known.
	service string
	// turns that were given, and lines that were formed, so far.
	turns, formed int64
	// held until then: a 429, or the breaker.
	held      time.Time
	breaker   breaker
	alarm     *time.Timer
	alarmAt   time.Time
	closed    bool
	throttles int64
	failures  int64
}

// Stats are the budget's values now, and its counts since the start.
type Stats struct {
	// Limit of requests under way, the Most that it may become, and how many are.
	Limit, Most, InFlight int
	// Waiting for a turn, by class.
	Waiting map[Class]int
	// Held tells that nothing is sent for now, Open that the breaker is the reason, or was and has not closed.
	Held, Open bool
	// Throttled answers and Failures (5xx, no answer) so far.
	Throttled, Failures int64
}

// NewBudget makes one of so many equal shares of an account's budget, which has at most so many requests under way (0:
// DefaultMaxConcurrent). wake is called, without locks held, with the key of whoever has a turn and is expected to ask
// again within seconds; it must not block.
func NewBudget(most, shares int, wake func(key string)) *Budget {
	shares = min(max(shares, 1), ActionsPerSecond)
	return &Budget{
		wake: wake, shares: shares, limit: newLimit(shareOf(most, shares)), kept: pacesKept,
		waiting: map[place]*waiter{}, grants: map[place]*grant{}, lines: map[string]*line{}, paces: map[string]*pace{},
	}
}

// SetMost changes how many requests may be under way, in all shares together (0: DefaultMaxConcurrent).
func (b *Budget) SetMost(most int) {
	b.change(func(time.Time) { b.limit.setMost(shareOf(most, b.shares)) })
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
		b.inFlight++
		p = &Permit{b: b, ask: a, lent: g}
	} else if g := b.grants[at]; g == nil || g.ask.Pace != a.Pace {
		delete(b.grants, at)
		b.queue(a, now, false)
	}
	woken := b.dispatch(now)
	if p == nil && b.grants[at] != nil {
		delete(b.grants, at)
		woken = slices.DeleteFunc(woken, func(key string) bool { return key == a.Key })
		b.inFlight++
		p = &Permit{b: b, ask: a}
	}
	b.mu.Unlock()
	b.wakeAll(woken)
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
		if l := b.lines[before]; l != nil {
			for _, w := range slices.Collect(l.all()) {
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
		Limit: b.allowed(), Most: int(b.limit.most), InFlight: b.inFlight, Waiting: map[Class]int{}, Held: time.Now().Before(b.held), Open: b.breaker.open,
		Throttled: b.throttles, Failures: b.failures,
	}
	for class := range classes {
		s.Waiting[class] = 0
		for _, l := range b.lines {
			s.Waiting[class] += l.rings[class].waiting
		}
	}
	return s
}

// Close ends the budget: nobody gets a turn any more.
func (b *Budget) Close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	clear(b.waiting)
	clear(b.lines)
	clear(b.grants)
	if b.alarm != nil {
		b.alarm.Stop()
	}
}

// change does something under the lock, and gives the turns that may follow from it.
func (b *Budget) change(what func(now time.Time)) {
	b.mu.Lock()
	now := time.Now()
	what(now)
	woken := b.dispatch(now)
	b.mu.Unlock()
	b.wakeAll(woken)
}

func (b *Budget) wakeAll(keys []string) {
	for _, key := range keys {
		b.wake(key)
	}
}

// enter counts a request that has no turn.
func (b *Budget) enter() { b.change(func(time.Time) { b.inFlight++ }) }

// leave ends a request; lent is the turn that it was on, if it has yet to be taken.
func (b *Budget) leave(lent *grant) {
	b.change(func(now time.Time) {
		b.inFlight--
		b.rested = now
		if lent != nil {
			lent.lent, lent.ends = false, now.Add(grantLife)
		}
	})
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
		p.shares = b.shares
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
		name = ""
	}
	l := b.lines[name]
	if l == nil {
		b.formed++
		l = &line{pace: name, served: b.turns, formed: b.formed}
		b.lines[name] = l
	}
	b.waiting[at] = l.add(a, first)
}

// drop takes from somebody the turn, or the place in a line.
func (b *Budget) drop(at place) {
	delete(b.grants, at)
	b.unqueue(at)
}

func (b *Budget) unqueue(at place) {
	if w := b.waiting[at]; w != nil {
		w.line.remove(w)
		b.left(w)
	}
}

// left follows somebody's leaving a line.
func (b *Budget) left(w *waiter) {
	delete(b.waiting, w.ask.place())
	if w.line.waiting() == 0 {
		delete(b.lines, w.line.pace)
	}
}
