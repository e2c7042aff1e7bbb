// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// desk is where those come who have a turn.
type desk struct {
	budget *twilio.Budget
	woken  chan string
}

func newDesk(most int) *desk { return newShare(most, 1) }

// newShare is the desk of one of so many managers.
func newShare(most, shares int) *desk {
	d := &desk{woken: make(chan string, 100_000)}
	d.budget = twilio.NewBudget(twilio.BudgetOptions{Most: most, Shares: shares, Wake: func(key string) { d.woken <- key }})
	return d
}

// calls are the keys that were woken since the last look, in order.
func (d *desk) calls() (keys []string) {
	synctest.Wait()
	for len(d.woken) > 0 {
		keys = append(keys, <-d.woken)
	}
	return keys
}

// ask asks in the name of a key, "flow/name".
func (d *desk) ask(key string, class twilio.Class, pace string) *twilio.Permit {
	return d.budget.Acquire(asking(key, class, pace))
}

func asking(key string, class twilio.Class, pace string) twilio.Ask {
	flow, _, _ := strings.Cut(key, "/")
	return twilio.Ask{Key: key, Flow: flow, Class: class, Pace: pace}
}

// elapse lets time pass and everything happen that it brings about.
func elapse(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// fill takes all the room there is.
func (d *desk) fill(t *testing.T) (permits []*twilio.Permit) {
	t.Helper()
	for i := 0; ; i++ {
		p := d.ask(fmt.Sprintf("filler/%d", i), twilio.ClassEdit, "")
		if p == nil {
			d.budget.Forget(fmt.Sprintf("filler/%d", i))
			return permits
		}
		permits = append(permits, p)
	}
}

// serve lets whoever waits take its turn, one after another, and answers the order.
func (d *desk) serve(t *testing.T, last *twilio.Permit, asks map[string]twilio.Ask) (order []string) {
	t.Helper()
	for {
		last.Release()
		woken := d.calls()
		if len(woken) == 0 {
			return order
		}
		if len(woken) != 1 {
			t.Fatalf("%d were woken for one turn: %v", len(woken), woken)
		}
		order = append(order, woken[0])
		if last = d.budget.Acquire(asks[woken[0]]); last == nil {
			t.Fatalf("%s was woken and had no turn", woken[0])
		}
	}
}

// queue asks for all keys, in order, while there is room for one request that is under way; it answers the order in
// which they have their turns.
func queue(t *testing.T, keys []string, class func(key string) twilio.Class) (order []string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(1)
		permits := d.fill(t)
		asks := map[string]twilio.Ask{}
		for _, key := range keys {
			asks[key] = asking(key, class(key), "")
			if d.budget.Acquire(asks[key]) != nil {
				t.Fatalf("%s had a turn without room", key)
			}
		}
		order = d.serve(t, permits[0], asks)
	})
	return order
}

func edits(string) twilio.Class { return twilio.ClassEdit }

func TestTurns(t *testing.T) {
	for _, c := range []struct {
		name  string
		asked []string
		class func(string) twilio.Class
		want  []string
	}{
		{
			name:  "one flow is served in the order in which it asked",
			asked: []string{"a/1", "a/2", "a/3"}, class: edits,
			want: []string{"a/1", "a/2", "a/3"},
		},
		{
			name:  "flows take turns",
			asked: []string{"a/1", "a/2", "a/3", "b/1", "b/2", "c/1"}, class: edits,
			want: []string{"a/1", "b/1", "c/1", "a/2", "b/2", "a/3"},
		},
		{
			name:  "edits come before deletes, those before the backlog, drift is last",
			asked: []string{"a/drift", "a/backlog", "a/delete", "a/edit"},
			class: func(key string) twilio.Class {
				return map[string]twilio.Class{
					"a/drift": twilio.ClassDrift, "a/backlog": twilio.ClassBacklog, "a/delete": twilio.ClassDelete, "a/edit": twilio.ClassEdit,
				}[key]
			},
			want: []string{"a/edit", "a/delete", "a/backlog", "a/drift"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, queue(t, c.asked, c.class)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSteadyEditsLeaveTurnsToTheOtherClasses(t *testing.T) {
	var keys []string
	classes := map[string]twilio.Class{}
	for class := twilio.ClassEdit; class <= twilio.ClassDrift; class++ {
		for i := range 100 {
			key := fmt.Sprintf("a/%s-%d", class, i)
			keys = append(keys, key)
			classes[key] = class
		}
	}
	order := queue(t, keys, func(key string) twilio.Class { return classes[key] })
	got := map[twilio.Class]int{}
	for _, key := range order[:96] {
		got[classes[key]]++
	}
	want := map[twilio.Class]int{twilio.ClassEdit: 84, twilio.ClassDelete: 4, twilio.ClassBacklog: 4, twilio.ClassDrift: 4}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("of the first 96 turns: %s", diff)
	}
	if len(order) != len(keys) {
		t.Errorf("%d of %d had a turn", len(order), len(keys))
	}
}

func TestAFlowThatWantsLittleGoesBeforeThoseThatWantMuch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(1)
		last := d.fill(t)[0]
		const flows, each = 1000, 10
		for i := range flows * each {
			d.ask(fmt.Sprintf("busy-%d/%d", i%flows, i), twilio.ClassEdit, "")
		}
		var next string
		for range 2 * flows {
			last.Release()
			next = d.calls()[0]
			last = d.ask(next, twilio.ClassEdit, "")
		}
		if d.ask("new/1", twilio.ClassEdit, "") != nil {
			t.Fatal("there was room")
		}
		last.Release()
		if got := d.calls(); !slices.Equal(got, []string{"new/1"}) {
			t.Errorf("%v had the turn", got)
		}
	})
}

func TestWhoAsksAgain(t *testing.T) {
	for _, c := range []struct {
		name  string
		again twilio.Ask
		want  []string
	}{
		{"keeps its place", asking("a/1", twilio.ClassBacklog, ""), []string{"a/1", "a/2"}},
		{"in another class waits in that one", asking("a/1", twilio.ClassDrift, ""), []string{"a/2", "a/1"}},
		{"in a better class goes ahead", asking("a/2", twilio.ClassEdit, ""), []string{"a/2", "a/1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDesk(1)
				last := d.fill(t)[0]
				asks := map[string]twilio.Ask{}
				for _, a := range []twilio.Ask{asking("a/1", twilio.ClassBacklog, ""), asking("a/2", twilio.ClassBacklog, ""), c.again} {
					asks[a.Key] = a
					d.budget.Acquire(a)
				}
				if diff := cmp.Diff(c.want, d.serve(t, last, asks)); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

func TestATurnThatNobodyTakesIsGivenOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(1)
		last := d.fill(t)[0]
		d.ask("a/1", twilio.ClassEdit, "")
		d.ask("a/2", twilio.ClassEdit, "")
		last.Release()
		if got := d.calls(); !slices.Equal(got, []string{"a/1"}) {
			t.Fatalf("%v had the turn", got)
		}
		elapse(5 * time.Second)
		if got := d.calls(); !slices.Equal(got, []string{"a/2"}) {
			t.Fatalf("%v had the turn next", got)
		}
		if d.ask("a/1", twilio.ClassEdit, "") != nil {
			t.Error("a/1 came late and had a turn beside a/2")
		}
		d.budget.Forget("a/2")
		if got := d.calls(); !slices.Equal(got, []string{"a/1"}) {
			t.Errorf("%v had the turn that a/2 gave back", got)
		}
	})
}

// TestAReadOnTheWayToAWrite is what the operator does that looks at a conversation before it writes, each time it is woken.
func TestAReadOnTheWayToAWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(1)
		create := twilio.PaceService("")
		written := map[string]bool{}
		pass := func(key string) {
			p := d.ask(key, twilio.ClassDrift, "")
			if p == nil {
				return
			}
			<-time.After(100 * time.Millisecond)
			p.Release()
			if p = d.ask(key, twilio.ClassDrift, create); p == nil {
				return
			}
			written[key] = true
			p.Release()
			d.budget.Forget(key)
		}
		const objects = 50
		for i := range objects {
			pass(fmt.Sprintf("a/%d", i))
		}
		reads := 0
		for start := time.Now(); time.Since(start) < time.Minute && len(written) < objects; {
			elapse(time.Millisecond)
			for _, key := range d.calls() {
				reads++
				pass(key)
			}
		}
		if len(written) < objects || reads > 2*objects {
			t.Errorf("%d of %d were written after %d reads", len(written), objects, reads)
		}
		if s := d.budget.Stats(); s.InFlight != 0 || s.Waiting[twilio.ClassDrift] != 0 {
			t.Errorf("something is left: %+v", s)
		}
	})
}

func TestWhoHasATurnToReadAndWantsToWriteKeepsItFromNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(1)
		defer d.budget.Close()
		last := d.fill(t)[0]
		d.ask("a/1", twilio.ClassDrift, "")
		last.Release()
		if diff := cmp.Diff([]string{"a/1"}, d.calls()); diff != "" {
			t.Error(diff)
		}
		// It was edited since.
		p := d.ask("a/1", twilio.ClassEdit, twilio.PaceService(""))
		if p == nil {
			t.Fatal("its own turn to read keeps it from writing")
		}
		d.ask("a/2", twilio.ClassEdit, "")
		p.Release()
		if diff := cmp.Diff([]string{"a/2"}, d.calls()); diff != "" {
			t.Error(diff)
		}
	})
}

func TestATurnIsKeptWhileItsHolderReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(1)
		last := d.fill(t)[0]
		d.ask("a/1", twilio.ClassEdit, twilio.PaceService(""))
		d.ask("b/1", twilio.ClassEdit, "")
		last.Release()
		if got := d.calls(); !slices.Equal(got, []string{"a/1"}) {
			t.Fatalf("%v had the turn", got)
		}
		read := d.ask("a/1", twilio.ClassEdit, "")
		if read == nil {
			t.Fatal("a/1 could not read on its turn")
		}
		if got := d.budget.Stats().InFlight; got != 1 {
			t.Errorf("%d are under way, want the read", got)
		}
		elapse(20 * time.Second)
		if got := d.calls(); len(got) > 0 {
			t.Errorf("%v were woken while a/1 reads", got)
		}
		read.Release()
		write := d.ask("a/1", twilio.ClassEdit, twilio.PaceService(""))
		if write == nil {
			t.Fatal("a/1 lost its turn by reading")
		}
		write.Release()
		if got := d.calls(); !slices.Equal(got, []string{"b/1"}) {
			t.Errorf("%v had the next turn", got)
		}
	})
}

func TestWhoIsForgottenIsNotWoken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(1)
		last := d.fill(t)[0]
		for _, key := range []string{"a/1", "a/2", "b/1", "a/3"} {
			d.ask(key, twilio.ClassEdit, "")
		}
		d.budget.Forget("a/1")
		d.budget.Forget("b/1")
		asks := map[string]twilio.Ask{"a/2": asking("a/2", twilio.ClassEdit, ""), "a/3": asking("a/3", twilio.ClassEdit, "")}
		if diff := cmp.Diff([]string{"a/2", "a/3"}, d.serve(t, last, asks)); diff != "" {
			t.Error(diff)
		}
		if waiting := d.budget.Stats().Waiting; waiting[twilio.ClassEdit] != 0 {
			t.Errorf("%v still wait", waiting)
		}
	})
}

func TestAClosedBudgetGivesNoTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(1)
		last := d.fill(t)[0]
		d.ask("a/1", twilio.ClassEdit, "")
		d.budget.Close()
		last.Release()
		if d.ask("a/2", twilio.ClassEdit, "") != nil {
			t.Error("a/2 had a turn")
		}
		elapse(time.Minute)
		if got := d.calls(); len(got) != 0 {
			t.Errorf("%v were woken", got)
		}
	})
}

func TestATurnToReadBecomesOneToUpdate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(100)
		defer d.budget.Close()
		update := asking("a/1", twilio.ClassDrift, twilio.PaceConversation("CH1"))
		read := func() *twilio.Permit {
			p := d.ask("a/1", twilio.ClassDrift, "")
			if p == nil {
				t.Fatal("there is no turn to read")
			}
			return p
		}
		p := read()
		crowd := d.fill(t)
		if !p.Take(update) {
			t.Error("whoever read has to queue")
		}
		if p.Take(update) {
			t.Error("one turn is good for two writes")
		}
		p.Release()
		for _, p := range crowd {
			p.Release()
		}
		p = read()
		if p.Take(asking("a/1", twilio.ClassEdit, twilio.PaceService("IS1"))) {
			t.Error("a create went before those who wait for the service")
		}
	})
}

func TestATurnToReadKeepsToThePaceOfUpdates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(100)
		update := asking("a/1", twilio.ClassDrift, twilio.PaceConversation("CH1"))
		taken := 0
		for range 2 * twilio.ActionsPerSecond {
			p := d.ask("a/1", twilio.ClassDrift, "")
			if p.Take(update) {
				taken++
			}
			p.Release()
		}
		if taken == 0 || taken >= twilio.ActionsPerSecond {
			t.Errorf("a conversation was updated %d times at once", taken)
		}
		elapse(time.Second)
		p := d.ask("a/1", twilio.ClassDrift, "")
		d.budget.Close()
		if p.Take(update) {
			t.Error("a closed budget gave a turn")
		}
	})
}
