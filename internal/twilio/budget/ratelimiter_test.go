// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package budget_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/conversations-operator/conversations-operator/internal/twilio/budget"
	"github.com/conversations-operator/conversations-operator/test/testbed/random"
)

const (
	serviceA = "ISaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	serviceB = "ISbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
)

// drain lets n who wait have their seats as they are woken; late delays each of them.
func (d *testBudget) drain(n int, level budget.PriorityLevel, rate string, late func() time.Duration, served func(key string)) {
	for n > 0 {
		key := <-d.woken
		if by := late(); by > 0 {
			elapse(by)
		}
		if p := d.acquire(key, level, rate); p != nil {
			served(key)
			p.Release()
			n--
		}
	}
}

func never() time.Duration { return 0 }

func TestCreatesKeepTwiliosRate(t *testing.T) {
	for _, c := range []struct {
		name string
		late func() time.Duration
		// refused is how many of the 10,000 Twilio may refuse.
		refused int
	}{
		{"when every seat is taken at once", never, 0},
		{"when seats are taken up to 20 ms late", func() time.Duration { return rand.N(20 * time.Millisecond) }, 100},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const creates, least = 10_000, 10_000 * time.Second / budget.ActionsPerSecond
				var g gate
				start := time.Now()
				create(newTestBudget(20), creates, c.late, func() { g.take(time.Now()) })
				if took := time.Since(start); took < least || took > least*103/100 {
					t.Errorf("%d creates took %s, at least %s and at most 3 %% more were expected", creates, took, least)
				}
				if g.refused > c.refused {
					t.Errorf("Twilio would have refused %d of %d", g.refused, g.taken)
				}
			})
		})
	}
}

func TestManagersThatShareAnAccountKeepItsRateTogether(t *testing.T) {
	for _, shares := range []int{2, 3, 10} {
		t.Run(fmt.Sprintf("%d of them", shares), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const creates = 900
				least := time.Duration(creates) * time.Second / budget.ActionsPerSecond
				var g gate
				var mu sync.Mutex
				var all sync.WaitGroup
				start := time.Now()
				for range shares {
					all.Go(func() {
						create(newShare(20*shares, shares), creates/shares, never, func() {
							mu.Lock()
							defer mu.Unlock()
							g.take(time.Now())
						})
					})
				}
				all.Wait()
				if took := time.Since(start); took < least*95/100 || took > least*110/100 {
					t.Errorf("%d creates took %s, and Twilio's rate is %s", creates, took, least)
				}
				if g.refused > 0 {
					t.Errorf("Twilio would have refused %d of %d", g.refused, g.taken)
				}
			})
		})
	}
}

func TestManagersThatShareAnAccountShareItsRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newShare(20, 4)
		defer d.budget.Close()
		if most := d.budget.Stats().MaxConcurrent; most != 5 {
			t.Errorf("one of four shares of 20 requests is %d", most)
		}
		d.budget.SetMaxConcurrent(3)
		if most := d.budget.Stats().MaxConcurrent; most != 1 {
			t.Errorf("one of four shares of 3 requests is %d", most)
		}
		d.budget.SetMaxConcurrent(0)
		if most := d.budget.Stats().MaxConcurrent; most != budget.DefaultMaxConcurrent/4 {
			t.Errorf("one of four shares of the default is %d", most)
		}
	})
}

// create lets so many objects have their seats to create.
func create(d *testBudget, n int, late func() time.Duration, created func()) {
	left := n
	for i := range n {
		if p := d.acquire(fmt.Sprintf("a/%d", i), budget.Edit, budget.ServiceRate(serviceA)); p != nil {
			created()
			p.Release()
			left--
		}
	}
	d.drain(left, budget.Edit, budget.ServiceRate(serviceA), late, func(string) { created() })
}

func TestTheRateIsEven(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newTestBudget(20)
		for i := range 200 {
			if p := d.acquire(fmt.Sprintf("a/%d", i), budget.Edit, budget.ServiceRate(serviceA)); p != nil {
				p.Release()
			}
		}
		last := time.Now()
		d.drain(150, budget.Edit, budget.ServiceRate(serviceA), never, func(key string) {
			if gap := time.Since(last); gap > 110*time.Millisecond {
				t.Errorf("%s waited %s after the one before", key, gap)
			}
			last = time.Now()
		})
	})
}

func TestPausesAreNotSavedForABurst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newTestBudget(20)
		var g gate
		draw := random.Source(1, 2)
		for i := range 3000 {
			if draw.IntN(100) == 0 {
				elapse(time.Duration(draw.IntN(5)) * time.Second)
			}
			key := fmt.Sprintf("a/%d", i)
			if p := d.acquire(key, budget.Edit, budget.ServiceRate("")); p != nil {
				g.take(time.Now())
				p.Release()
				continue
			}
			if draw.IntN(10) > 0 {
				d.drain(1, budget.Edit, budget.ServiceRate(""), never, func(string) { g.take(time.Now()) })
			}
			d.budget.Forget(key)
			for _, woken := range d.calls() {
				d.budget.Forget(woken)
			}
		}
		if g.refused > 0 {
			t.Errorf("Twilio would have refused %d of %d", g.refused, g.taken)
		}
	})
}

// rate is how many seats each of the rates got in ten seconds, if everybody wants as many as possible.
func rate(t *testing.T, d *testBudget, rates ...string) map[string]int {
	t.Helper()
	got := map[string]int{}
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); elapse(time.Millisecond) {
		for i, rate := range rates {
			for {
				p := d.acquire(fmt.Sprintf("a/%d", i), budget.Edit, rate)
				if p == nil {
					break
				}
				got[rate]++
				p.Release()
			}
		}
		d.calls()
	}
	return got
}

func within(t *testing.T, what string, got, least, most int) {
	t.Helper()
	if got < least || got > most {
		t.Errorf("%s: got %d, want %d to %d", what, got, least, most)
	}
}

func TestRates(t *testing.T) {
	const ten = 10 * budget.ActionsPerSecond
	for _, c := range []struct {
		name  string
		rates []string
		check func(t *testing.T, got map[string]int)
	}{
		{
			"services do not share theirs", []string{budget.ServiceRate(serviceA), budget.ServiceRate(serviceB)},
			func(t *testing.T, got map[string]int) {
				for rate, n := range got {
					within(t, rate, n, ten*97/100, ten)
				}
			},
		},
		{
			"conversations do not share theirs", []string{budget.ConversationRate("CH1"), budget.ConversationRate("CH2")},
			func(t *testing.T, got map[string]int) {
				for rate, n := range got {
					within(t, rate, n, ten*97/100, ten)
				}
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				got := rate(t, newTestBudget(20), c.rates...)
				if len(got) != len(c.rates) {
					t.Errorf("only %v had seats", got)
				}
				c.check(t, got)
			})
		})
	}
}
