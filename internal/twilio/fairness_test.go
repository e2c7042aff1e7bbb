// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// service is the pace of one of many services.
func service(i int) string { return twilio.PaceService(fmt.Sprintf("IS%032x", i)) }

// waitAll lets all wait, in order, in a budget with one turn that is taken.
func waitAll(t *testing.T, asks []twilio.Ask) (d *desk, last *twilio.Permit, byKey map[string]twilio.Ask) {
	t.Helper()
	d, byKey = newDesk(1), map[string]twilio.Ask{}
	last = d.fill(t)[0]
	for _, a := range asks {
		byKey[a.Key] = a
		if d.budget.Acquire(a) != nil {
			t.Fatalf("%s had a turn without room", a.Key)
		}
	}
	return d, last, byKey
}

func TestTurnsByClassThenFlowThenService(t *testing.T) {
	ask := func(key string, class twilio.Class, s int) twilio.Ask { return asking(key, class, service(s)) }
	for _, c := range []struct {
		name string
		asks []twilio.Ask
		want []string
	}{
		{
			"a flow has one turn in two, however many services the other has",
			[]twilio.Ask{
				ask("a/1", twilio.ClassEdit, 1), ask("a/2", twilio.ClassEdit, 2), ask("a/3", twilio.ClassEdit, 3), ask("a/4", twilio.ClassEdit, 4),
				ask("b/1", twilio.ClassEdit, 5), ask("b/2", twilio.ClassEdit, 5),
			},
			[]string{"a/1", "b/1", "a/2", "b/2", "a/3", "a/4"},
		},
		{
			"the services of a flow take turns",
			[]twilio.Ask{ask("a/1", twilio.ClassEdit, 1), ask("a/2", twilio.ClassEdit, 1), ask("a/3", twilio.ClassEdit, 2), ask("a/4", twilio.ClassEdit, 3)},
			[]string{"a/1", "a/3", "a/4", "a/2"},
		},
		{
			"the class comes before the flow and the service",
			[]twilio.Ask{
				ask("a/1", twilio.ClassBacklog, 1), ask("b/1", twilio.ClassDelete, 1), ask("c/1", twilio.ClassEdit, 1), ask("d/1", twilio.ClassBacklog, 2),
			},
			[]string{"c/1", "b/1", "a/1", "d/1"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d, last, asks := waitAll(t, c.asks)
				if diff := cmp.Diff(c.want, d.serve(t, last, asks)); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

func TestAFlowWithAServiceForEachObjectDelaysNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const objects, before = 5000, 100
		var asks []twilio.Ask
		for i := range objects {
			asks = append(asks, asking(fmt.Sprintf("many/%d", i), twilio.ClassEdit, service(i)))
		}
		d, last, byKey := waitAll(t, asks)
		for range before {
			last.Release()
			last = d.budget.Acquire(byKey[d.calls()[0]])
		}
		if d.ask("one/1", twilio.ClassEdit, service(objects)) != nil {
			t.Fatal("there was room")
		}
		last.Release()
		if got := d.calls(); !slices.Equal(got, []string{"one/1"}) {
			t.Errorf("%v had the next turn", got)
		}
	})
}

// TestAServiceThatIsNotReadyHoldsBackNobodyElse has two flows wait for a service whose pace is used up. Everything else goes
// on in order, and both are served in order once the pace allows it.
func TestAServiceThatIsNotReadyHoldsBackNobodyElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const busy, free = 1, 2
		d := newDesk(1)
		for i := 0; ; i++ {
			p := d.ask(fmt.Sprintf("before/%d", i), twilio.ClassEdit, service(busy))
			if p == nil {
				d.budget.Forget(fmt.Sprintf("before/%d", i))
				break
			}
			p.Release()
		}
		last := d.fill(t)[0]
		asks := map[string]twilio.Ask{}
		for _, a := range []twilio.Ask{
			asking("a/busy", twilio.ClassEdit, service(busy)), asking("b/busy", twilio.ClassEdit, service(busy)),
			asking("a/free", twilio.ClassEdit, service(free)), asking("b/drift", twilio.ClassDrift, ""),
		} {
			asks[a.Key] = a
			d.budget.Acquire(a)
		}
		if diff := cmp.Diff([]string{"a/free", "b/drift"}, d.serve(t, last, asks)); diff != "" {
			t.Errorf("while the pace allows none: %s", diff)
		}
		var later []string
		for len(later) < 2 {
			key := <-d.woken
			later = append(later, key)
			d.budget.Acquire(asks[key]).Release()
		}
		if diff := cmp.Diff([]string{"b/busy", "a/busy"}, later); diff != "" {
			t.Errorf("once it allows them, who had less goes first: %s", diff)
		}
	})
}
