// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package budget_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/conversations-operator/conversations-operator/internal/twilio/budget"
)

func TestASeatThatNobodyTakesIsGivenOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newTestBudget(1)
		last := d.fill(t)[0]
		d.acquire("a/1", budget.Edit, "")
		d.acquire("a/2", budget.Edit, "")
		last.Release()
		if got := d.calls(); !slices.Equal(got, []string{"a/1"}) {
			t.Fatalf("%v had the seat", got)
		}
		elapse(5 * time.Second)
		if got := d.calls(); !slices.Equal(got, []string{"a/2"}) {
			t.Fatalf("%v had the seat next", got)
		}
		if d.acquire("a/1", budget.Edit, "") != nil {
			t.Error("a/1 came late and had a seat beside a/2")
		}
		d.budget.Forget("a/2")
		if got := d.calls(); !slices.Equal(got, []string{"a/1"}) {
			t.Errorf("%v had the seat that a/2 gave back", got)
		}
	})
}

// TestAReadOnTheWayToAWrite is what the operator does that looks at a conversation before it writes, each time it is woken.
func TestAReadOnTheWayToAWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newTestBudget(1)
		create := budget.ServiceRate("")
		written := map[string]bool{}
		pass := func(key string) {
			p := d.acquire(key, budget.Drift, "")
			if p == nil {
				return
			}
			<-time.After(100 * time.Millisecond)
			p.Release()
			if p = d.acquire(key, budget.Drift, create); p == nil {
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
		if s := d.budget.Stats(); s.InFlight != 0 || s.Waiting[budget.Drift] != 0 {
			t.Errorf("something is left: %+v", s)
		}
	})
}

func TestWhoHasASeatToReadAndWantsToWriteKeepsItFromNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newTestBudget(1)
		defer d.budget.Close()
		last := d.fill(t)[0]
		d.acquire("a/1", budget.Drift, "")
		last.Release()
		if diff := cmp.Diff([]string{"a/1"}, d.calls()); diff != "" {
			t.Error(diff)
		}
		// It was edited since.
		p := d.acquire("a/1", budget.Edit, budget.ServiceRate(""))
		if p == nil {
			t.Fatal("its own seat to read keeps it from writing")
		}
		d.acquire("a/2", budget.Edit, "")
		p.Release()
		if diff := cmp.Diff([]string{"a/2"}, d.calls()); diff != "" {
			t.Error(diff)
		}
	})
}

func TestASeatIsKeptWhileItsHolderReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newTestBudget(1)
		last := d.fill(t)[0]
		d.acquire("a/1", budget.Edit, budget.ServiceRate(""))
		d.acquire("b/1", budget.Edit, "")
		last.Release()
		if got := d.calls(); !slices.Equal(got, []string{"a/1"}) {
			t.Fatalf("%v had the seat", got)
		}
		read := d.acquire("a/1", budget.Edit, "")
		if read == nil {
			t.Fatal("a/1 could not read on its seat")
		}
		if got := d.budget.Stats().InFlight; got != 1 {
			t.Errorf("%d are under way, want the read", got)
		}
		elapse(20 * time.Second)
		if got := d.calls(); len(got) > 0 {
			t.Errorf("%v were woken while a/1 reads", got)
		}
		read.Release()
		write := d.acquire("a/1", budget.Edit, budget.ServiceRate(""))
		if write == nil {
			t.Fatal("a/1 lost its seat by reading")
		}
		write.Release()
		if got := d.calls(); !slices.Equal(got, []string{"b/1"}) {
			t.Errorf("%v had the next seat", got)
		}
	})
}

func TestWhoIsForgottenIsNotWoken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newTestBudget(1)
		last := d.fill(t)[0]
		for _, key := range []string{"a/1", "a/2", "b/1", "a/3"} {
			d.acquire(key, budget.Edit, "")
		}
		d.budget.Forget("a/1")
		d.budget.Forget("b/1")
		requests := map[string]budget.Request{"a/2": request("a/2", budget.Edit, ""), "a/3": request("a/3", budget.Edit, "")}
		if diff := cmp.Diff([]string{"a/2", "a/3"}, d.serve(t, last, requests)); diff != "" {
			t.Error(diff)
		}
		if waiting := d.budget.Stats().Waiting; waiting[budget.Edit] != 0 {
			t.Errorf("%v still wait", waiting)
		}
	})
}

func TestAClosedBudgetGivesNoSeats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newTestBudget(1)
		last := d.fill(t)[0]
		d.acquire("a/1", budget.Edit, "")
		d.budget.Close()
		last.Release()
		if d.acquire("a/2", budget.Edit, "") != nil {
			t.Error("a/2 had a seat")
		}
		elapse(time.Minute)
		if got := d.calls(); len(got) != 0 {
			t.Errorf("%v were woken", got)
		}
	})
}

func TestASeatToReadBecomesOneToUpdate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newTestBudget(100)
		defer d.budget.Close()
		update := request("a/1", budget.Drift, budget.ConversationRate("CH1"))
		read := func() *budget.Seat {
			p := d.acquire("a/1", budget.Drift, "")
			if p == nil {
				t.Fatal("there is no seat to read")
			}
			return p
		}
		p := read()
		crowd := d.fill(t)
		if !p.Promote(update) {
			t.Error("whoever read has to queue")
		}
		if p.Promote(update) {
			t.Error("one seat is good for two writes")
		}
		p.Release()
		for _, p := range crowd {
			p.Release()
		}
		p = read()
		if p.Promote(request("a/1", budget.Edit, budget.ServiceRate("IS1"))) {
			t.Error("a create went before those who wait for the service")
		}
	})
}

func TestASeatToReadKeepsToTheRateOfUpdates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newTestBudget(100)
		update := request("a/1", budget.Drift, budget.ConversationRate("CH1"))
		taken := 0
		for range 2 * budget.ActionsPerSecond {
			p := d.acquire("a/1", budget.Drift, "")
			if p.Promote(update) {
				taken++
			}
			p.Release()
		}
		if taken == 0 || taken >= budget.ActionsPerSecond {
			t.Errorf("a conversation was updated %d times at once", taken)
		}
		elapse(time.Second)
		p := d.acquire("a/1", budget.Drift, "")
		d.budget.Close()
		if p.Promote(update) {
			t.Error("a closed budget gave a seat")
		}
	})
}
