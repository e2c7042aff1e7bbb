// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio

import (
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

const (
	// breakerAskers in a row that fail open the breaker: no answer, or 5xx. One that fails again and again says something
	// of itself, and nothing of the account.
	breakerAskers = 5
	// breakerBase and breakerMax bound how long it holds everything before it lets one request probe, unless Twilio says
	// how long.
	breakerBase = time.Second
	breakerMax  = 15 * time.Second
	// breakerJitter is the part of the hold by which it may be longer, so that accounts do not probe together.
	breakerJitter = 4
	// throttleHold is how long an account is held after a 429 that says no time itself.
	throttleHold = 500 * time.Millisecond
)

// breaker opens on an outage, so that it costs a few requests and not one per object.
type breaker struct {
	open bool
	// askers that failed since the last answer.
	askers map[string]bool
	// probes that failed since the breaker opened.
	probes int
}

// learn adapts the budget to the answer that somebody got; nil if there was none.
func (b *Budget) learn(asker string, resp *http.Response) {
	b.mu.Lock()
	now := time.Now()
	switch {
	case resp == nil:
		b.failed(asker, now, 0)
	case resp.StatusCode >= http.StatusInternalServerError:
		b.failed(asker, now, asked(resp))
	case resp.StatusCode == http.StatusTooManyRequests:
		b.throttled(now, asked(resp))
	case resp.StatusCode == http.StatusUnauthorized:
		b.breaker = breaker{}
	default:
		b.breaker = breaker{}
		b.succeeded(resp.Header.Get("Twilio-Concurrent-Requests"), now)
	}
	woken := b.dispatch(now)
	b.mu.Unlock()
	b.wakeAll(woken)
}

// asked is how long an answer asks to wait, by the clock of who wrote it.
func asked(resp *http.Response) time.Duration {
	return retryAfter(resp.Header.Get("Retry-After"), serverTime(resp.Header))
}

// failed opens the breaker after a row of failures, and holds longer each time a probe fails too, or for as long as
// Twilio asks.
func (b *Budget) failed(asker string, now time.Time, after time.Duration) {
	b.failures++
	switch {
	case b.breaker.open && now.Before(b.held):
		// It was under way when the breaker opened.
		return
	case b.breaker.open:
		b.breaker.probes++
	default:
		if b.breaker.askers == nil {
			b.breaker.askers = map[string]bool{}
		}
		b.breaker.askers[asker] = true
		if len(b.breaker.askers) < breakerAskers {
			return
		}
		b.breaker = breaker{open: true}
		b.limit.restart()
	}
	hold := max(after, min(breakerBase<<min(b.breaker.probes, 8), breakerMax))
	b.hold(now.Add(hold+rand.N(hold/breakerJitter)), now)
}

// throttled holds everything for as long as Twilio asks, and halves the limit.
func (b *Budget) throttled(now time.Time, after time.Duration) {
	b.throttles++
	b.breaker = breaker{}
	b.hold(now.Add(max(after, throttleHold)), now)
	b.limit.halve(now)
}

// succeeded lets the limit grow. Twilio says how many requests of the account are under way, other clients' included:
// as many as we may have ourselves leave no room to grow.
func (b *Budget) succeeded(concurrent string, now time.Time) {
	if n, err := strconv.Atoi(concurrent); err == nil && float64(n-b.inFlight) >= b.limit.most*float64(b.shares) {
		return
	}
	b.limit.grow(b.inFlight, now)
}
