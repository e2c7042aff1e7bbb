// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package budget_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/conversations-operator/conversations-operator/internal/twilio/budget"
)

// newPooled is a budget that shares room with others.
func newPooled(pool *budget.SeatPool) *testBudget {
	d := &testBudget{woken: make(chan string, 100_000)}
	d.budget = budget.New(budget.Options{Pool: pool, Wake: func(key string) { d.woken <- key }})
	return d
}

// warm answers requests that need no seat until the account's limit is what it may be.
func (d *testBudget) warm(t *testing.T) {
	t.Helper()
	f := &fakeTwilio{latency: time.Millisecond, answer: fine}
	for d.budget.Stats().Limit < budget.DefaultMaxConcurrent {
		var all sync.WaitGroup
		for range d.budget.Stats().Limit {
			all.Go(func() { _, _ = try(t.Context(), d, f, http.MethodGet) })
		}
		all.Wait()
	}
}

func TestAccountsThatHangLeaveRoomForThoseThatAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const seats, hanging = 1000, 200
		pool := budget.NewSeatPool(seats)
		taken := 0
		var all []*testBudget
		for range hanging {
			d := newPooled(pool)
			d.warm(t)
			all = append(all, d)
		}
		for _, d := range all {
			taken += len(d.fill(t))
		}
		if taken > seats/2+2*hanging {
			t.Errorf("%d accounts that hang have %d seats", hanging, taken)
		}
		// The last one answers, and has work for long.
		c := &crowd{testBudget: newPooled(pool), far: &fakeTwilio{latency: 50 * time.Millisecond, answer: fine}, at: map[string]time.Time{}}
		c.request = func(key string) budget.Request { return request(key, budget.Edit, budget.ServiceRate("")) }
		const objects = 300
		stop := c.attend(t)
		defer stop()
		c.come(t, "a", objects)
		c.all(t, objects*time.Second/budget.ActionsPerSecond*11/10)
	})
}

func TestRoomIsGivenBack(t *testing.T) {
	for _, c := range []struct {
		name string
		end  func(d *testBudget, seats []*budget.Seat)
	}{
		{"by seats that end", func(_ *testBudget, seats []*budget.Seat) {
			for _, p := range seats {
				p.Release()
			}
		}},
		{"by seats that nobody takes", func(d *testBudget, seats []*budget.Seat) {
			for i := range 4 {
				d.acquire(fmt.Sprintf("late/%d", i), budget.Edit, "")
			}
			for _, p := range seats {
				p.Release()
			}
			elapse(11 * time.Second)
		}},
		{"by a budget that ends", func(d *testBudget, seats []*budget.Seat) {
			d.acquire("late/1", budget.Edit, "")
			d.budget.Close()
			for _, p := range seats {
				p.Release()
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				pool := budget.NewSeatPool(8)
				first, second := newPooled(pool), newPooled(pool)
				first.warm(t)
				second.warm(t)
				seats := first.fill(t)
				within(t, "seats of the first account", len(seats), 4, 4)
				within(t, "seats of the second one, while room is scarce", len(second.fill(t)), 2, 2)
				c.end(first, seats)
				within(t, "further seats of the second one", len(second.fill(t)), 2, 2)
				within(t, "seats of a third one", len(newPooled(pool).fill(t)), 2, 2)
			})
		})
	}
}

func TestChecksTakeNoRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool := budget.NewSeatPool(4)
		first := newPooled(pool)
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() {
				_, _ = try(t.Context(), first, &fakeTwilio{latency: time.Second, answer: fine}, http.MethodGet)
			})
		}
		elapse(time.Millisecond)
		second := newPooled(pool)
		second.budget.SetMaxConcurrent(1)
		within(t, "seats of another account", len(second.fill(t)), 1, 1)
		third := newPooled(pool)
		within(t, "seats of a third one, of which half the room is left", len(third.fill(t)), 2, 2)
		all.Wait()
	})
}
