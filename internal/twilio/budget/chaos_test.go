// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package budget_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/conversations-operator/conversations-operator/internal/twilio/budget"
	"github.com/conversations-operator/conversations-operator/test/testbed/random"
)

// chaos answers anything: most requests well, some with 429, 5xx or not at all.
func chaos(draw *rand.Rand, calm *bool) func(int) reply {
	return func(int) reply {
		switch n := draw.IntN(40); {
		case *calm || n > 4:
			return status(http.StatusOK)
		case n == 0:
			return status(http.StatusTooManyRequests)
		case n == 1:
			return status(http.StatusTooManyRequests, "Retry-After", "3")
		case n < 4:
			return status(http.StatusBadGateway)
		}
		return reply{}
	}
}

// anything is a random ask of a key.
func anything(draw *rand.Rand, key string) budget.Request {
	a := request(key, budget.PriorityLevel(draw.IntN(4)), "")
	switch draw.IntN(4) {
	case 0:
		a.Rate = budget.ServiceRate("")
	case 1:
		a.Rate = budget.ServiceRate(serviceA)
	case 2:
		a.Rate = budget.ConversationRate(key)
	}
	return a
}

// happen does a random thing to the crowd's budget.
func (c *crowd) happen(t *testing.T, draw *rand.Rand, key string) {
	switch draw.IntN(10) {
	case 0:
		c.budget.Forget(key)
	case 4:
		// A read beside what is asked for.
		a := c.request(key)
		a.Rate = ""
		if p := c.budget.Acquire(a); p != nil {
			time.AfterFunc(time.Duration(draw.IntN(8000))*time.Millisecond, p.Release)
		}
	case 1:
		c.budget.SetMaxConcurrent(1 + draw.IntN(30))
	case 2:
		// A seat that takes long, or is not taken at all.
		if p := c.budget.Acquire(c.request(key)); p != nil {
			time.AfterFunc(time.Duration(draw.IntN(2000))*time.Millisecond, p.Release)
		}
	case 3:
		elapse(time.Duration(draw.IntN(3000)) * time.Millisecond)
	default:
		go c.attempt(t, key, 0)
	}
}

// TestNobodyWaitsForEver lets random things happen to a budget, all at once, and then requests that everybody who waits has
// a seat within the time that the rates need.
func TestNobodyWaitsForEver(t *testing.T) {
	for seed := range uint64(20) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				draw := random.Source(seed, 0)
				calm := false
				f := &fakeTwilio{latency: time.Duration(draw.IntN(300)) * time.Millisecond, answer: chaos(random.Source(seed, 1), &calm)}
				c := newCrowd(t, 1+draw.IntN(30), f)
				var requests sync.Map
				c.request = func(key string) budget.Request {
					a, _ := requests.Load(key)
					return a.(budget.Request)
				}
				for i := range 500 {
					key := fmt.Sprintf("%d/%d", draw.IntN(10), draw.IntN(200))
					requests.Store(key, anything(draw, key))
					c.happen(t, draw, key)
					switch i {
					case 250:
						c.budget.SetDefaultService(serviceA)
					case 400:
						c.budget.SetDefaultService(serviceB)
					}
				}
				f.mu.Lock()
				calm = true
				f.mu.Unlock()
				elapse(3 * time.Minute)
				want := map[budget.PriorityLevel]int{budget.Edit: 0, budget.Delete: 0, budget.Backlog: 0, budget.Drift: 0}
				s := c.budget.Stats()
				if diff := cmp.Diff(want, s.Waiting); diff != "" || s.Open || s.Held {
					t.Errorf("some wait for ever: %+v", s)
				}
			})
		})
	}
}

// BenchmarkSeat is the cost of one seat while many wait: asking, having it, being woken.
func BenchmarkSeat(b *testing.B) {
	reads := func(int) string { return "" }
	for _, c := range []struct {
		waiting int
		where   string
		rate    func(i int) string
	}{
		{10, "to read", reads},
		{10_000, "to read", reads},
		{100_000, "to read", reads},
		// Of fewer services the rates would allow too few seats.
		{10_000, "in a service each", service},
		{100_000, "in a service each", service},
	} {
		b.Run(fmt.Sprintf("%d waiting %s", c.waiting, c.where), func(b *testing.B) {
			woken := ""
			shared := budget.New(budget.Options{MaxConcurrent: 1, Wake: func(key string) { woken = key }})
			requests := map[string]budget.Request{}
			for i := range c.waiting {
				key := fmt.Sprintf("%d/%d", i%(c.waiting/10), i)
				requests[key] = request(key, budget.PriorityLevel(i%4), c.rate(i))
			}
			var last *budget.Seat
			for key, a := range requests {
				if p := shared.Acquire(a); p != nil {
					woken, last = key, p
				}
			}
			for b.Loop() {
				done := woken
				last.Release()
				last = shared.Acquire(requests[woken])
				shared.Acquire(requests[done])
			}
		})
	}
}
