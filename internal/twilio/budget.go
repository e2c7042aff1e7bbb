// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio

import (
	"context"
	"net/http"
	"sync"
	"time"
)

const (
	// CreateDeletePerSecond and UpdatePerSecond are a little under Twilio's 30 actions a second, for creates and deletes
	// of one service and for updates of one conversation (limits page): its clock and ours do not tick together.
	CreateDeletePerSecond = 29.6
	UpdatePerSecond       = 29.6
	// DefaultMaxConcurrent is how many requests of an account are under way at most unless told otherwise. Twilio
	// publishes no number; about 100 was seen, and others use the account too.
	DefaultMaxConcurrent = 20
	// paceBurst lets a wake-up that comes late catch up.
	paceBurst = 3
	// grantLife is how long a turn that was given is kept for who asked for it.
	grantLife = 2 * time.Second
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

// PaceService is the pace of creates and deletes in a service.
func PaceService(sid string) string { return "service " + sid }

// PaceConversation is the pace of updates of a conversation.
func PaceConversation(sid string) string { return "conversation " + sid }

// Budget is what all requests of one Twilio account share: how many may be under way, how many creates, deletes and
// updates a second, and a breaker. It never waits: who gets no turn is queued and woken by key when it has one. It is
// safe for concurrent use.
type Budget struct {
	wake func(key string)

	mu sync.Mutex
	// limit of requests under way adapts between 1 and most.
	limit, most float64
	inFlight    int
	grants      map[string]grant
	lines       map[string]*line
	// held until then: a 429, or the breaker.
	held     time.Time
	lastCut  time.Time
	breaker  breaker
	timer    *time.Timer
	timerAt  time.Time
	services map[string]string
	stats    Stats
}

// grant is a turn that was given and not yet taken.
type grant struct {
	ends time.Time
	pace string
}

// Stats are counts since the start and values now, for metrics.
type Stats struct {
	// Limit of requests under way, InFlight now, and Waiting for a turn.
	Limit             float64
	InFlight, Waiting int
	// Open tells that the breaker is.
	Open bool
	// Throttled answers and Failures (5xx, no answer) so far.
	Throttled, Failures int64
}

// NewBudget makes a budget with at most so many requests under way (0: DefaultMaxConcurrent). wake is called, without
// locks held, with the key of whoever has a turn; it must not block for long.
func NewBudget(most int, wake func(key string)) *Budget {
	b := &Budget{wake: wake, grants: map[string]grant{}, lines: map[string]*line{}, services: map[string]string{}}
	b.SetMost(most)
	b.limit = b.most
	return b
}

// SetMost changes how many requests may be under way.
func (b *Budget) SetMost(most int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if most < 1 {
		most = DefaultMaxConcurrent
	}
	b.most = float64(most)
	b.limit = min(max(b.limit, 1), b.most)
}

// Stats answers what metrics show.
func (b *Budget) Stats() Stats {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.stats
	s.Limit, s.InFlight, s.Open = b.limit, b.inFlight, b.breaker.open
	for _, l := range b.lines {
		s.Waiting += l.waiting
	}
	return s
}

// Permit is a turn. It must be released.
type Permit struct {
	b    *Budget
	once sync.Once
}

// Release ends the turn.
func (p *Permit) Release() {
	p.once.Do(func() {
		p.b.mu.Lock()
		p.b.inFlight--
		p.b.mu.Unlock()
		p.b.pump()
	})
}

// Acquire gives a turn, or queues who asks and answers nil: it is woken when its turn has come, and asks again.
func (b *Budget) Acquire(a Ask) *Permit {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	a.Pace = b.pace(a.Pace)
	if g, ok := b.grants[a.Key]; ok && g.pace == a.Pace {
		delete(b.grants, a.Key)
		if now.Before(g.ends) {
			b.inFlight++
			return &Permit{b: b}
		}
	}
	l := b.line(a.Pace)
	if l.waiting == 0 && b.room(now) && l.take(now) {
		b.inFlight++
		return &Permit{b: b}
	}
	if a.Key != "" {
		l.add(a)
	}
	b.plan(now)
	return nil
}

// Forget takes who waits under a key out of the queue.
func (b *Budget) Forget(key string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.grants, key)
	for _, l := range b.lines {
		l.drop(key)
	}
}

// Alias tells that the default service is this one: both names share their limits.
func (b *Budget) Alias(defaultService string) {
	if defaultService == "" {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.services[PaceService("")] = PaceService(defaultService)
}

func (b *Budget) pace(name string) string {
	if is, ok := b.services[name]; ok {
		return is
	}
	return name
}

// room: one more request may be under way, turns that were given included.
func (b *Budget) room(now time.Time) bool {
	if now.Before(b.held) {
		return false
	}
	limit := int(b.limit)
	if b.breaker.open {
		// One request probes; its answer closes the breaker or holds it open.
		limit = 1
	}
	return b.inFlight+len(b.grants) < limit
}

// pump gives turns to those who wait, in order, and wakes them.
func (b *Budget) pump() {
	b.mu.Lock()
	now := time.Now()
	for key, g := range b.grants {
		if !now.Before(g.ends) {
			delete(b.grants, key)
		}
	}
	var woken []string
	for class := range classes {
		for _, l := range b.lines {
			for b.room(now) && l.has(class) && l.take(now) {
				key := l.next(class)
				b.grants[key] = grant{now.Add(grantLife), l.pace}
				woken = append(woken, key)
			}
		}
	}
	b.plan(now)
	b.mu.Unlock()
	for _, key := range woken {
		b.wake(key)
	}
}

// plan sets the timer for the next moment at which somebody may have a turn, and drops lines that are not needed.
func (b *Budget) plan(now time.Time) {
	var at time.Time
	earlier := func(t time.Time) {
		if at.IsZero() || t.Before(at) {
			at = t
		}
	}
	waiting := false
	for name, l := range b.lines {
		switch {
		case l.waiting > 0:
			waiting = true
			if b.room(now) {
				earlier(l.ready(now))
			}
		case l.full(now):
			delete(b.lines, name)
		}
	}
	if !waiting {
		return
	}
	if now.Before(b.held) {
		earlier(b.held)
	}
	for _, g := range b.grants {
		earlier(g.ends)
	}
	// Otherwise a release pumps.
	if at.IsZero() {
		return
	}
	b.wakeAt(now, at)
}

func (b *Budget) wakeAt(now, at time.Time) {
	if !b.timerAt.IsZero() && now.Before(b.timerAt) && !at.Before(b.timerAt) {
		return
	}
	if b.timer != nil {
		b.timer.Stop()
	}
	b.timerAt = at
	b.timer = time.AfterFunc(max(at.Sub(now), time.Millisecond), func() {
		b.mu.Lock()
		b.timerAt = time.Time{}
		b.mu.Unlock()
		b.pump()
	})
}

type permitKey struct{}

// WithPermit makes the next request under the context go out on the permit.
func WithPermit(ctx context.Context, p *Permit) context.Context {
	return context.WithValue(ctx, permitKey{}, p)
}

// Transport counts every request of the account, whoever sends it, and learns from the answers. A write without a
// permit is refused as [ErrThrottled]; a read without one, as a check of credentials is, goes out at once.
func (b *Budget) Transport(next http.RoundTripper) http.RoundTripper {
	return budgeted{b, next}
}

type budgeted struct {
	b    *Budget
	next http.RoundTripper
}

func (t budgeted) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Context().Value(permitKey{}) == nil {
		if r.Method != http.MethodGet {
			return nil, &Error{Status: http.StatusTooManyRequests, Message: "the write has no turn", unsent: true}
		}
		t.b.enter()
		defer t.b.leave()
	}
	resp, err := t.next.RoundTrip(r)
	t.b.learn(r.Context(), resp, err)
	return resp, err
}

func (b *Budget) enter() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.inFlight++
}

func (b *Budget) leave() {
	b.mu.Lock()
	b.inFlight--
	b.mu.Unlock()
	b.pump()
}
