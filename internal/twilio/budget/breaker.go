// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package budget

import (
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

const (
	// breakerRequesters is how many requesters in a row must fail (no answer, or 5xx) to open a breaker. If a single
	// requester fails again and again, its object is at fault, and not the account.
	breakerRequesters = 5
	// breakerBase and breakerMax bound how long an open breaker holds requests before the breaker lets one probe, unless
	// Twilio says how long.
	breakerBase = time.Second
	breakerMax  = 15 * time.Second
	// breakerJitter is the part of the hold by which the hold may be longer, so that accounts do not probe together.
	breakerJitter = 4
)

// breaker is a circuit breaker. A breaker opens on an outage, so that the outage costs a few requests and not one per
// object. An account has two breakers: one of its writes, since reads may work when writes do not, and one of all
// requests, which counts reads until the breaker is open.
type breaker struct {
	open bool
	// requesters which failed since the last answer.
	requesters map[string]bool
	// probes is how many probes failed since the breaker opened. No probe is sent before held.
	probes int
	held   time.Time
}

// observe adapts the budget to the answer which a requester got; nil without an answer.
func (b *Budget) observe(requester string, wrote bool, resp *http.Response) {
	b.change(func(now time.Time) {
		switch {
		case resp == nil:
			b.failed(requester, wrote, now, 0)
		case resp.StatusCode >= http.StatusInternalServerError:
			b.failed(requester, wrote, now, twilio.RetryAfter(resp.Header))
		case resp.StatusCode == http.StatusTooManyRequests:
			b.answered(wrote)
			b.throttled(now, twilio.RetryAfter(resp.Header))
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

// answered closes the breakers. A read says nothing about writes.
func (b *Budget) answered(wrote bool) {
	b.outage = breaker{}
	if wrote {
		b.writes = breaker{}
	}
}

// failed opens a breaker after a row of failures. The hold becomes longer each time a probe fails too, or is as long as
// Twilio asks.
func (b *Budget) failed(requester string, wrote bool, now time.Time, after time.Duration) {
	b.failures++
	br, requesters := &b.outage, breakerRequesters
	switch {
	case b.outage.open:
	case wrote:
		br = &b.writes
	case b.writes.open:
		// Twilio answers neither writes nor reads.
		requesters = 1
	}
	switch {
	case br.open && now.Before(br.held):
		// The request was under way when the breaker opened.
		return
	case br.open:
		br.probes++
	default:
		if br.requesters == nil {
			br.requesters = map[string]bool{}
		}
		br.requesters[requester] = true
		if len(br.requesters) < requesters {
			return
		}
		*br = breaker{open: true}
		b.limit.restart()
	}
	hold := max(after, min(breakerBase<<min(br.probes, 8), breakerMax))
	br.held = now.Add(min(hold+rand.N(hold/breakerJitter), twilio.MaxRetryAfter))
	if br == &b.writes {
		b.revoke(now, func(v *reservation) bool { return v.Rate != "" })
		return
	}
	b.hold(br.held, now)
	if after > 0 {
		b.throttling.extend(b.held, now)
	}
}

// mayWrite reports whether the breaker of writes is closed, or lets one write probe.
func (b *Budget) mayWrite(now time.Time) bool {
	if !b.writes.open {
		return true
	}
	if b.seats.writes > 0 || now.Before(b.writes.held) {
		return false
	}
	for _, v := range b.reservations {
		if v.Rate != "" {
			return false
		}
	}
	return true
}
