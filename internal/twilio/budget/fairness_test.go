// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package budget_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/conversations-operator/conversations-operator/internal/twilio/budget"
)

// service is the rate of one of many services.
func service(i int) string { return budget.ServiceRate(fmt.Sprintf("IS%032x", i)) }

// waitAll lets all wait, in order, in a budget with one seat that is taken.
func waitAll(t *testing.T, requests []budget.Request) (d *testBudget, last *budget.Seat, byKey map[string]budget.Request) {
	t.Helper()
	d, byKey = newTestBudget(1), map[string]budget.Request{}
	last = d.fill(t)[0]
	for _, a := range requests {
		byKey[a.Key] = a
		if d.budget.Acquire(a) != nil {
			t.Fatalf("%s had a seat without room", a.Key)
		}
	}
	return d, last, byKey
}

func TestSeatsByPriorityLevelThenFlowThenService(t *testing.T) {
	ask := func(key string, level budget.PriorityLevel, s int) budget.Request {
		return request(key, level, service(s))
	}
	for _, c := range []struct {
		name     string
		requests []budget.Request
		want     []string
	}{
		{
			"a flow has one seat in two, however many services the other has",
			[]budget.Request{
				ask("a/1", budget.Edit, 1), ask("a/2", budget.Edit, 2), ask("a/3", budget.Edit, 3), ask("a/4", budget.Edit, 4),
				ask("b/1", budget.Edit, 5), ask("b/2", budget.Edit, 5),
			},
			[]string{"a/1", "b/1", "a/2", "b/2", "a/3", "a/4"},
		},
		{
			"the services of a flow take turns",
			[]budget.Request{ask("a/1", budget.Edit, 1), ask("a/2", budget.Edit, 1), ask("a/3", budget.Edit, 2), ask("a/4", budget.Edit, 3)},
			[]string{"a/1", "a/3", "a/4", "a/2"},
		},
		{
			"the level comes before the flow and the service",
			[]budget.Request{
				ask("a/1", budget.Backlog, 1), ask("b/1", budget.Delete, 1), ask("c/1", budget.Edit, 1), ask("d/1", budget.Backlog, 2),
			},
			[]string{"c/1", "b/1", "a/1", "d/1"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d, last, requests := waitAll(t, c.requests)
				if diff := cmp.Diff(c.want, d.serve(t, last, requests)); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

func TestAFlowWithAServiceForEachObjectDelaysNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const objects, before = 5000, 100
		var requests []budget.Request
		for i := range objects {
			requests = append(requests, request(fmt.Sprintf("many/%d", i), budget.Edit, service(i)))
		}
		d, last, byKey := waitAll(t, requests)
		for range before {
			last.Release()
			last = d.budget.Acquire(byKey[d.calls()[0]])
		}
		if d.acquire("one/1", budget.Edit, service(objects)) != nil {
			t.Fatal("there was room")
		}
		last.Release()
		if got := d.calls(); !slices.Equal(got, []string{"one/1"}) {
			t.Errorf("%v had the next seat", got)
		}
	})
}

// TestAServiceThatIsNotReadyHoldsBackNobodyElse has two flows wait for a service whose rate is used up. Everything else goes
// on in order, and both are served in order once the rate allows it.
func TestAServiceThatIsNotReadyHoldsBackNobodyElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const busy, free = 1, 2
		d := newTestBudget(1)
		for i := 0; ; i++ {
			p := d.acquire(fmt.Sprintf("before/%d", i), budget.Edit, service(busy))
			if p == nil {
				d.budget.Forget(fmt.Sprintf("before/%d", i))
				break
			}
			p.Release()
		}
		last := d.fill(t)[0]
		requests := map[string]budget.Request{}
		for _, a := range []budget.Request{
			request("a/busy", budget.Edit, service(busy)), request("b/busy", budget.Edit, service(busy)),
			request("a/free", budget.Edit, service(free)), request("b/drift", budget.Drift, ""),
		} {
			requests[a.Key] = a
			d.budget.Acquire(a)
		}
		if diff := cmp.Diff([]string{"a/free", "b/drift"}, d.serve(t, last, requests)); diff != "" {
			t.Errorf("while the rate allows none: %s", diff)
		}
		var later []string
		for len(later) < 2 {
			key := <-d.woken
			later = append(later, key)
			d.budget.Acquire(requests[key]).Release()
		}
		if diff := cmp.Diff([]string{"b/busy", "a/busy"}, later); diff != "" {
			t.Errorf("once it allows them, who had less goes first: %s", diff)
		}
	})
}

// queue asks for all keys, in order, while there is room for one request that is under way; it answers the order in
// which they have their seats.
func queue(t *testing.T, keys []string, level func(key string) budget.PriorityLevel) (order []string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		d := newTestBudget(1)
		seats := d.fill(t)
		requests := map[string]budget.Request{}
		for _, key := range keys {
			requests[key] = request(key, level(key), "")
			if d.budget.Acquire(requests[key]) != nil {
				t.Fatalf("%s had a seat without room", key)
			}
		}
		order = d.serve(t, seats[0], requests)
	})
	return order
}

func edits(string) budget.PriorityLevel { return budget.Edit }

func TestTheOrderOfSeats(t *testing.T) {
	for _, c := range []struct {
		name  string
		asked []string
		level func(string) budget.PriorityLevel
		want  []string
	}{
		{
			name:  "one flow is served in the order in which it asked",
			asked: []string{"a/1", "a/2", "a/3"}, level: edits,
			want: []string{"a/1", "a/2", "a/3"},
		},
		{
			name:  "flows take turns",
			asked: []string{"a/1", "a/2", "a/3", "b/1", "b/2", "c/1"}, level: edits,
			want: []string{"a/1", "b/1", "c/1", "a/2", "b/2", "a/3"},
		},
		{
			name:  "edits come before deletes, those before the backlog, drift is last",
			asked: []string{"a/drift", "a/backlog", "a/delete", "a/edit"},
			level: func(key string) budget.PriorityLevel {
				return map[string]budget.PriorityLevel{
					"a/drift": budget.Drift, "a/backlog": budget.Backlog, "a/delete": budget.Delete, "a/edit": budget.Edit,
				}[key]
			},
			want: []string{"a/edit", "a/delete", "a/backlog", "a/drift"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, queue(t, c.asked, c.level)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSteadyEditsLeaveSeatsToTheOtherPriorityLevels(t *testing.T) {
	var keys []string
	levels := map[string]budget.PriorityLevel{}
	for level := budget.Edit; level <= budget.Drift; level++ {
		for i := range 100 {
			key := fmt.Sprintf("a/%s-%d", level, i)
			keys = append(keys, key)
			levels[key] = level
		}
	}
	order := queue(t, keys, func(key string) budget.PriorityLevel { return levels[key] })
	got := map[budget.PriorityLevel]int{}
	for _, key := range order[:96] {
		got[levels[key]]++
	}
	want := map[budget.PriorityLevel]int{budget.Edit: 84, budget.Delete: 4, budget.Backlog: 4, budget.Drift: 4}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("of the first 96 seats: %s", diff)
	}
	if len(order) != len(keys) {
		t.Errorf("%d of %d had a seat", len(order), len(keys))
	}
}

func TestAFlowThatWantsLittleGoesBeforeThoseThatWantMuch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newTestBudget(1)
		last := d.fill(t)[0]
		const flows, each = 1000, 10
		for i := range flows * each {
			d.acquire(fmt.Sprintf("busy-%d/%d", i%flows, i), budget.Edit, "")
		}
		var next string
		for range 2 * flows {
			last.Release()
			next = d.calls()[0]
			last = d.acquire(next, budget.Edit, "")
		}
		if d.acquire("new/1", budget.Edit, "") != nil {
			t.Fatal("there was room")
		}
		last.Release()
		if got := d.calls(); !slices.Equal(got, []string{"new/1"}) {
			t.Errorf("%v had the seat", got)
		}
	})
}

func TestWhoAsksAgain(t *testing.T) {
	for _, c := range []struct {
		name  string
		again budget.Request
		want  []string
	}{
		{"keeps its place", request("a/1", budget.Backlog, ""), []string{"a/1", "a/2"}},
		{"in another level waits in that one", request("a/1", budget.Drift, ""), []string{"a/2", "a/1"}},
		{"in a better level goes ahead", request("a/2", budget.Edit, ""), []string{"a/2", "a/1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newTestBudget(1)
				last := d.fill(t)[0]
				requests := map[string]budget.Request{}
				for _, a := range []budget.Request{request("a/1", budget.Backlog, ""), request("a/2", budget.Backlog, ""), c.again} {
					requests[a.Key] = a
					d.budget.Acquire(a)
				}
				if diff := cmp.Diff(c.want, d.serve(t, last, requests)); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}
