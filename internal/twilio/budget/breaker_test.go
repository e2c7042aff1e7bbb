// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package budget_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/conversations-operator/conversations-operator/internal/twilio/budget"
)

func TestAnOutageOfTwoMinutes(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer reply
	}{
		{"in which nobody answers", reply{}},
		{"in which Twilio answers 503", status(http.StatusServiceUnavailable)},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const from, to = 2 * time.Second, 2*time.Second + 2*time.Minute
				start := time.Now()
				f := &fakeTwilio{latency: 50 * time.Millisecond, answer: func(int) reply {
					if since := time.Since(start); since >= from && since < to {
						return c.answer
					}
					return status(http.StatusCreated)
				}}
				crowd := newCrowd(t, 20, f)
				crowd.request = func(key string) budget.Request { return request(key, budget.Edit, budget.ServiceRate("")) }
				crowd.come(t, "a", 500)
				elapse(from + time.Minute)
				if s := crowd.budget.Stats(); !s.Open {
					t.Errorf("the breaker is not open: %+v", s)
				}
				// Each probe waits longer than the one before: 1, 2, 4, 8 and then 15 seconds.
				within(t, "requests during the outage", f.between(start, from, to), 10, 20)
				took := crowd.all(t, 10*time.Minute)
				within(t, "seconds from half the outage to the end", int(took.Seconds()), 60, 60+19+18)
				if s := crowd.budget.Stats(); s.Open || s.Held {
					t.Errorf("the breaker is still open: %+v", s)
				}
				within(t, "failures that were counted", int(crowd.budget.Stats().Failures), 10, 20)
			})
		})
	}
}

func TestAnOutageThatTwilioKnowsTheEndOf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		f := &fakeTwilio{latency: 50 * time.Millisecond, answer: func(int) reply {
			if time.Since(start) < 30*time.Second {
				return status(http.StatusServiceUnavailable, "Retry-After", "40")
			}
			return status(http.StatusCreated)
		}}
		c := newCrowd(t, 20, f)
		c.come(t, "a", 100)
		elapse(39 * time.Second)
		within(t, "requests before the breaker opened", f.between(start, 0, time.Second), 5, 10)
		within(t, "requests before the end that Twilio told", f.between(start, time.Second, 40*time.Second), 0, 0)
		c.all(t, 30*time.Second)
	})
}

func TestWhatHangsCostsNoMoreThanWhatWasUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		f := &fakeTwilio{latency: 10 * time.Second, answer: func(int) reply {
			if time.Since(start) < time.Minute {
				return reply{}
			}
			return status(http.StatusOK)
		}}
		c := newCrowd(t, 20, f)
		c.come(t, "a", 300)
		elapse(time.Minute)
		within(t, "requests in the first minute", f.between(start, 0, time.Minute), 5, 12)
		f.latency = 10 * time.Millisecond
		c.all(t, time.Minute)
	})
}

func TestOneThatFailsAgainAndAgainStopsNobodyElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeTwilio{answer: func(int) reply { return status(http.StatusInternalServerError) }}
		c := newCrowd(t, 20, f)
		c.come(t, "poisoned", 4)
		elapse(10 * time.Minute)
		if s := c.budget.Stats(); s.Open || s.Held {
			t.Fatalf("the breaker opened on four askers: %+v", s)
		}
		f.mu.Lock()
		f.answer = fine
		f.mu.Unlock()
		c.come(t, "a", 1)
		c.all(t, time.Minute)
	})
}

func TestARequestThatNobodyWaitsForSaysNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, f := newTestBudget(20), &fakeTwilio{latency: time.Second, answer: fine}
		for i := range 10 {
			p := d.acquire(fmt.Sprintf("a/%d", i), budget.Edit, "")
			if p == nil {
				t.Fatalf("%d has no seat: %+v", i, d.budget.Stats())
			}
			ctx, cancel := context.WithCancel(budget.WithSeat(t.Context(), p))
			time.AfterFunc(time.Millisecond, cancel)
			if _, err := try(ctx, d, f, http.MethodGet); err == nil {
				t.Error("a cancelled request was answered")
			}
			p.Release()
		}
		if s := d.budget.Stats(); s.Open || s.Failures > 0 {
			t.Errorf("it was taken for an outage: %+v", s)
		}
	})
}

func TestRejectedCredentialsDoNotRaiseTheLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeTwilio{latency: 50 * time.Millisecond, answer: func(int) reply { return status(http.StatusUnauthorized) }}
		c := newCrowd(t, 20, f)
		c.come(t, "a", 1000)
		c.all(t, time.Hour)
		if f.most > 2 {
			t.Errorf("%d were under way at once", f.most)
		}
	})
}
