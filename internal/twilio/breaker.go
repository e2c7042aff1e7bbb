// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

const (
	// breakerFailures in a row open the breaker: no answer, or 5xx.
	breakerFailures = 5
	// breakerBase and breakerMax bound how long it holds everything before it lets one request probe.
	breakerBase = time.Second
	breakerMax  = 15 * time.Second
	// throttleHold is how long an account is held after a 429 that says no time itself.
	throttleHold = 500 * time.Millisecond
	// cutEvery bounds how often the limit is halved: requests that were under way together are refused together.
	cutEvery = time.Second
)

// breaker opens on an outage, so that it costs a few requests and not one per object.
type breaker struct {
	open     bool
	failures int
	times    int
}

// learn adapts the budget to an answer.
func (b *Budget) learn(ctx context.Context, resp *http.Response, err error) {
	b.mu.Lock()
	now := time.Now()
	switch {
	case err != nil && errors.Is(ctx.Err(), context.Canceled):
		// Nobody waited for the answer.
	case err != nil, resp.StatusCode >= http.StatusInternalServerError:
		b.failed(now)
	case resp.StatusCode == http.StatusTooManyRequests:
		b.throttled(now, resp.Header.Get("Retry-After"))
	default:
		b.succeeded(resp.Header.Get("Twilio-Concurrent-Requests"))
	}
	b.mu.Unlock()
}

// failed opens the breaker after a row of failures, and holds longer each time a probe fails too.
func (b *Budget) failed(now time.Time) {
	b.stats.Failures++
	b.breaker.failures++
	if b.breaker.failures < breakerFailures && !b.breaker.open {
		return
	}
	if b.breaker.open && now.Before(b.held) {
		// It was under way when the breaker opened.
		return
	}
	hold := min(breakerBase<<min(b.breaker.times, 8), breakerMax)
	b.breaker.open = true
	b.breaker.times++
	b.held = now.Add(hold + time.Duration(rand.Int64N(int64(hold/4))))
}

func (b *Budget) throttled(now time.Time, retryAfterHeader string) {
	b.stats.Throttled++
	b.breaker = breaker{}
	hold := max(retryAfter(retryAfterHeader, now), throttleHold)
	if until := now.Add(hold); until.After(b.held) {
		b.held = until
	}
	if now.Sub(b.lastCut) >= cutEvery {
		b.lastCut = now
		b.limit = max(1, b.limit/2)
	}
}

// succeeded lets the limit grow by one a round trip, as long as it is made use of. Twilio says how many requests of the
// account are under way, other clients' included: far more than ours leave no room to grow.
func (b *Budget) succeeded(concurrent string) {
	b.breaker = breaker{}
	others := 0
	if n, err := strconv.Atoi(concurrent); err == nil {
		others = n - b.inFlight
	}
	if float64(b.inFlight) >= b.limit/2 && float64(others) < b.most {
		b.limit = min(b.limit+1/b.limit, b.most)
	}
}
