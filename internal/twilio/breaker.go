// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio

import (
	"math/rand/v2"
	"net/http"
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
)

// breaker opens on an outage, so that it costs a few requests and not one per object. There are two for each account: one
// of its writes, since reads may work when these do not, and one of everything, which counts reads until it is open.
type breaker struct {
	open bool
	// askers that failed since the last answer.
	askers map[string]bool
	// probes that failed since the breaker opened; none is sent before held.
	probes int
	held   time.Time
}

// learn adapts the budget to the answer that somebody got; nil if there was none.
func (b *Budget) learn(asker string, wrote bool, resp *http.Response) {
	b.change(func(now time.Time) {
		switch {
		case resp == nil:
			b.failed(asker, wrote, now, 0)
		case resp.StatusCode >= http.StatusInternalServerError:
			b.failed(asker, wrote, now, asked(resp))
		case resp.StatusCode == http.StatusTooManyRequests:
			b.answered(wrote)
			b.throttled(now, asked(resp))
		case resp.StatusCode == http.StatusUnauthorized:
			b.answered(wrote)
			b.relieved(now)
		default:
			b.answered(wrote)
			b.relieved(now)
			b.succeeded(resp.Header.Get("Twilio-Concurrent-Requests"), now)
		}
	})
}

// answered closes the breakers. A read says nothing of writes.
func (b *Budget) answered(wrote bool) {
	b.outage = breaker{}
	if wrote {
		b.writes = breaker{}
	}
}

// asked is how long an answer asks to wait, by the clock of who wrote it.
func asked(resp *http.Response) time.Duration {
	return retryAfter(resp.Header.Get("Retry-After"), serverTime(resp.Header))
}

// failed opens a breaker after a row of failures, and holds longer each time a probe fails too, or for as long as Twilio
// asks.
func (b *Budget) failed(asker string, wrote bool, now time.Time, after time.Duration) {
	b.failures++
	br, askers := &b.outage, breakerAskers
	switch {
	case b.outage.open:
	case wrote:
		br = &b.writes
	case b.writes.open:
		// Neither writes nor reads are answered: nothing is.
		askers = 1
	}
	switch {
	case br.open && now.Before(br.held):
		// It was under way when the breaker opened.
		return
	case br.open:
		br.probes++
	default:
		if br.askers == nil {
			br.askers = map[string]bool{}
		}
		br.askers[asker] = true
		if len(br.askers) < askers {
			return
		}
		*br = breaker{open: true}
		b.limit.restart()
	}
	hold := max(after, min(breakerBase<<min(br.probes, 8), breakerMax))
	br.held = now.Add(min(hold+rand.N(hold/breakerJitter), MaxRetryAfter))
	if br == &b.writes {
		b.revoke(now, func(g *grant) bool { return g.ask.Pace != "" })
		return
	}
	b.hold(br.held, now)
	if after > 0 {
		b.patience.hold(b.held, now)
	}
}

// mayWrite: the breaker of writes is closed, or lets one probe.
func (b *Budget) mayWrite(now time.Time) bool {
	if !b.writes.open {
		return true
	}
	if b.turns.writes > 0 || now.Before(b.writes.held) {
		return false
	}
	for _, g := range b.grants {
		if g.ask.Pace != "" {
			return false
		}
	}
	return true
}
