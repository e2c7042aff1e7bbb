// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package budget_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/conversations-operator/conversations-operator/internal/twilio/budget"
)

// testBudget is a budget that notes whom it wakes.
type testBudget struct {
	budget *budget.Budget
	woken  chan string
}

func newTestBudget(most int) *testBudget { return newShare(most, 1) }

// newShare is the budget of one of so many managers.
func newShare(most, shares int) *testBudget {
	d := &testBudget{woken: make(chan string, 100_000)}
	d.budget = budget.New(budget.Options{MaxConcurrent: most, Shares: shares, Wake: func(key string) { d.woken <- key }})
	return d
}

// calls are the keys that were woken since the last look, in order.
func (d *testBudget) calls() (keys []string) {
	synctest.Wait()
	for len(d.woken) > 0 {
		keys = append(keys, <-d.woken)
	}
	return keys
}

// ask requests in the name of a key, "flow/name".
func (d *testBudget) acquire(key string, level budget.PriorityLevel, rate string) *budget.Seat {
	return d.budget.Acquire(request(key, level, rate))
}

func request(key string, level budget.PriorityLevel, rate string) budget.Request {
	flow, _, _ := strings.Cut(key, "/")
	return budget.Request{Key: key, Flow: flow, PriorityLevel: level, Rate: rate}
}

// elapse lets time pass and everything happen that it brings about.
func elapse(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// fill takes all the room there is.
func (d *testBudget) fill(t *testing.T) (seats []*budget.Seat) {
	t.Helper()
	for i := 0; ; i++ {
		p := d.acquire(fmt.Sprintf("filler/%d", i), budget.Edit, "")
		if p == nil {
			d.budget.Forget(fmt.Sprintf("filler/%d", i))
			return seats
		}
		seats = append(seats, p)
	}
}

// serve lets whoever waits take its seat, one after another, and answers the order.
func (d *testBudget) serve(t *testing.T, last *budget.Seat, requests map[string]budget.Request) (order []string) {
	t.Helper()
	for {
		last.Release()
		woken := d.calls()
		if len(woken) == 0 {
			return order
		}
		if len(woken) != 1 {
			t.Fatalf("%d were woken for one seat: %v", len(woken), woken)
		}
		order = append(order, woken[0])
		if last = d.budget.Acquire(requests[woken[0]]); last == nil {
			t.Fatalf("%s was woken and had no seat", woken[0])
		}
	}
}
