// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package budget

import (
	"strconv"
	"time"
)

const (
	// throttleHold is how long an account is held after a 429 without a Retry-After.
	throttleHold = 500 * time.Millisecond
	// longHold is how long an account is held before the account's status tells so.
	longHold = time.Minute
)

// throttling is for how long answers in a row have asked to wait.
type throttling struct {
	// since is when the first answer of the row came.
	since time.Time
	// long: the hold is, from since to its end. told is what [Options.Throttled] was called for.
	long, told bool
}

// extend notes that the answers of the row hold the account until then.
func (t *throttling) extend(until, now time.Time) {
	if t.since.IsZero() {
		t.since = now
	}
	t.long = until.Sub(t.since) > longHold
}

// changed reports, once, that long changed.
func (t *throttling) changed() bool {
	changed := t.long != t.told
	t.told = t.long
	return changed
}

// Throttled reports whether Twilio, or whatever answers in its place, holds the account for more than a minute, and until
// when: by one answer, or by one after the other. It is so until an answer comes that does not ask to wait.
func (b *Budget) Throttled() (until time.Time, is bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.held, b.throttling.long
}

// EndHold ends a hold: a read was sent all the same, by other means, and answered.
func (b *Budget) EndHold() {
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
	b.throttling.extend(b.held, now)
	b.limit.halve(now)
}

// relieved follows an answer that does not ask to wait. An answer that comes during a hold was under way before, and says
// nothing about it.
func (b *Budget) relieved(now time.Time) {
	if !now.Before(b.held) {
		b.throttling.since, b.throttling.long = time.Time{}, false
	}
}

// succeeded lets the limit grow. Twilio says how many requests of the account are under way, those of other clients
// included: if there are already as many others as MaxConcurrent allows here, the limit does not grow.
func (b *Budget) succeeded(concurrent string, now time.Time) {
	if n, err := strconv.Atoi(concurrent); err == nil && float64(n-b.inFlight) >= b.limit.most*float64(b.o.Shares) {
		return
	}
	b.limit.grow(b.inFlight, now)
}
