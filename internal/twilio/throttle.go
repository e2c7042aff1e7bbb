// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio

import (
	"strconv"
	"time"
)

const (
	// throttleHold is how long an account is held after a 429 that says no time itself.
	throttleHold = 500 * time.Millisecond
	// longHold is how long an account is held before somebody should know.
	longHold = time.Minute
)

// patience is what is known of the answers that ask to wait.
type patience struct {
	// since is when the first of a row of them came.
	since time.Time
	// long: the hold is, from there to its end. told is what others know of that.
	long, told bool
}

// hold notes that the account is held until then because it was asked for.
func (p *patience) hold(until, now time.Time) {
	if p.since.IsZero() {
		p.since = now
	}
	p.long = until.Sub(p.since) > longHold
}

// turned tells, once, that it became long or short.
func (p *patience) turned() bool {
	turned := p.long != p.told
	p.told = p.long
	return turned
}

// Throttled tells whether Twilio, or whatever answers in its place, holds the account for more than a minute, and until
// when: by one answer, or by one after the other. It is so until an answer comes that asks for nothing.
func (b *Budget) Throttled() (until time.Time, is bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.held, b.patience.long
}

// Lift ends a hold: a read was sent nevertheless, by other means, and answered.
func (b *Budget) Lift() {
	b.change(func(now time.Time) {
		b.held = time.Time{}
		b.answered(false)
		b.relieved(now)
	})
}

// throttled holds everything for as long as Twilio asks, and halves the limit.
func (b *Budget) throttled(now time.Time, after time.Duration) {
	b.throttles++
	b.hold(now.Add(max(after, throttleHold)), now)
	b.patience.hold(b.held, now)
	b.limit.halve(now)
}

// relieved follows an answer that asks for nothing. What was under way when the hold began says nothing of it.
func (b *Budget) relieved(now time.Time) {
	if !now.Before(b.held) {
		b.patience.since, b.patience.long = time.Time{}, false
	}
}

// succeeded lets the limit grow. Twilio says how many requests of the account are under way, other clients' included:
// as many as we may have ourselves leave no room to grow.
func (b *Budget) succeeded(concurrent string, now time.Time) {
	if n, err := strconv.Atoi(concurrent); err == nil && float64(n-b.inFlight) >= b.limit.most*float64(b.o.Shares) {
		return
	}
	b.limit.grow(b.inFlight, now)
}
