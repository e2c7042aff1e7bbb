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
	// longHold is how long an account is held before the account's status says so.
	longHold = time.Minute
)

// throttling is for how long answers in a row have asked to wait.
type throttling struct {
	// since is when the first answer of the row came.
	since time.Time
	// long: the hold is long, from since to its end. told is the value of long at the last call of [Options.Throttled].
	long, told bool
}

// extend notes: the answers of the row hold the account until the given time.
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

// Throttled reports whether Twilio, or a proxy in its place, holds the account for more than a minute, and until when:
// by one answer, or by several answers in a row. The hold lasts until an answer comes which does not ask to wait.
func (b *Budget) Throttled() (until time.Time, is bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.held, b.throttling.long
}

// EndHold ends a hold after a read which was sent without a seat and answered.
func (b *Budget) EndHold() {
	b.change(func(now time.Time) {
		b.held = time.Time{}
		b.answered(false)
		b.relieved(now)
	})
}

// throttled gives no seats for as long as Twilio asks, and halves the limit.
func (b *Budget) throttled(now time.Time, after time.Duration) {
	b.throttles++
	b.hold(now.Add(max(after, throttleHold)), now)
	b.throttling.extend(b.held, now)
	b.limit.halve(now)
}

// relieved notes an answer which does not ask to wait. The request of an answer during a hold was under way before the
// hold, so the answer says nothing about the hold.
func (b *Budget) relieved(now time.Time) {
	if !now.Before(b.held) {
		b.throttling.since, b.throttling.long = time.Time{}, false
	}
}

// succeeded lets the limit grow. Twilio says how many requests of the account are under way, requests of other clients
// included: if other clients have as many requests as MaxConcurrent allows here, the limit does not grow.
func (b *Budget) succeeded(concurrent string, now time.Time) {
	if n, err := strconv.Atoi(concurrent); err == nil && float64(n-b.inFlight) >= b.limit.most*float64(b.o.Shares) {
		return
	}
	b.limit.grow(b.inFlight, now)
}
