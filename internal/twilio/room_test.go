// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// roomy is a budget that shares room with others.
func roomy(room *twilio.Room) *desk {
	d := &desk{woken: make(chan string, 100_000)}
	d.budget = twilio.NewBudget(twilio.BudgetOptions{Room: room, Wake: func(key string) { d.woken <- key }})
	return d
}

// warm answers requests that need no turn until the account's limit is what it may be.
func (d *desk) warm(t *testing.T) {
	t.Helper()
	f := &far{latency: time.Millisecond, answer: fine}
	for d.budget.Stats().Limit < twilio.DefaultMaxConcurrent {
		var all sync.WaitGroup
		for range d.budget.Stats().Limit {
			all.Go(func() { _, _ = try(t.Context(), d, f, http.MethodGet) })
		}
		all.Wait()
	}
}

func TestAccountsThatHangLeaveRoomForThoseThatAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const turns, hanging = 1000, 200
		room := twilio.NewRoom(turns)
		taken := 0
		var all []*desk
		for range hanging {
			d := roomy(room)
			d.warm(t)
			all = append(all, d)
		}
		for _, d := range all {
			taken += len(d.fill(t))
		}
		if taken > turns/2+2*hanging {
			t.Errorf("%d accounts that hang have %d turns", hanging, taken)
		}
		// The last one answers, and has work for long.
		c := &crowd{desk: roomy(room), far: &far{latency: 50 * time.Millisecond, answer: fine}, at: map[string]time.Time{}}
		c.ask = func(key string) twilio.Ask { return asking(key, twilio.ClassEdit, twilio.PaceService("")) }
		const objects = 300
		stop := c.attend(t)
		defer stop()
		c.come(t, "a", objects)
		c.all(t, objects*time.Second/twilio.ActionsPerSecond*11/10)
	})
}

func TestRoomIsGivenBack(t *testing.T) {
	for _, c := range []struct {
		name string
		end  func(d *desk, permits []*twilio.Permit)
	}{
		{"by turns that end", func(_ *desk, permits []*twilio.Permit) {
			for _, p := range permits {
				p.Release()
			}
		}},
		{"by turns that nobody takes", func(d *desk, permits []*twilio.Permit) {
			for i := range 4 {
				d.ask(fmt.Sprintf("late/%d", i), twilio.ClassEdit, "")
			}
			for _, p := range permits {
				p.Release()
			}
			elapse(11 * time.Second)
		}},
		{"by a budget that ends", func(d *desk, permits []*twilio.Permit) {
			d.ask("late/1", twilio.ClassEdit, "")
			d.budget.Close()
			for _, p := range permits {
				p.Release()
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				room := twilio.NewRoom(8)
				first, second := roomy(room), roomy(room)
				first.warm(t)
				second.warm(t)
				permits := first.fill(t)
				within(t, "turns of the first account", len(permits), 4, 4)
				within(t, "turns of the second one, while room is scarce", len(second.fill(t)), 2, 2)
				c.end(first, permits)
				within(t, "further turns of the second one", len(second.fill(t)), 2, 2)
				within(t, "turns of a third one", len(roomy(room).fill(t)), 2, 2)
			})
		})
	}
}

func TestChecksTakeNoRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		room := twilio.NewRoom(4)
		first := roomy(room)
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() { _, _ = try(t.Context(), first, &far{latency: time.Second, answer: fine}, http.MethodGet) })
		}
		elapse(time.Millisecond)
		second := roomy(room)
		second.budget.SetMost(1)
		within(t, "turns of another account", len(second.fill(t)), 1, 1)
		third := roomy(room)
		within(t, "turns of a third one, of which half the room is left", len(third.fill(t)), 2, 2)
		all.Wait()
	})
}
