// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

const (
	serviceA = "ISaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	serviceB = "ISbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
)

// bucket counts as Twilio may: a bucket of 30 tokens that 30 a second refill.
type bucket struct {
	tokens float64
	last   time.Time
}

func (b *bucket) take(now time.Time) bool {
	if b.last.IsZero() {
		b.tokens = twilio.ActionsPerSecond
	}
	b.tokens = min(b.tokens+now.Sub(b.last).Seconds()*twilio.ActionsPerSecond, twilio.ActionsPerSecond)
	b.last = now
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}

// window counts as Twilio may too: 30 in any second, to the nanosecond.
type window struct{ taken []time.Time }

func (w *window) take(now time.Time) bool {
	for len(w.taken) > 0 && now.Sub(w.taken[0]) > time.Second {
		w.taken = w.taken[1:]
	}
	if len(w.taken) >= twilio.ActionsPerSecond {
		return false
	}
	w.taken = append(w.taken, now)
	return true
}

// gate is one of Twilio's limits, counted both ways.
type gate struct {
	bucket  bucket
	window  window
	refused int
	taken   int
}

func (g *gate) take(now time.Time) {
	inBucket, inWindow := g.bucket.take(now), g.window.take(now)
	if !inBucket || !inWindow {
		g.refused++
	}
	g.taken++
}

// drain lets n who wait have their turns as they are woken; late delays each of them.
func (d *desk) drain(n int, class twilio.Class, pace string, late func() time.Duration, served func(key string)) {
	for n > 0 {
		key := <-d.woken
		if by := late(); by > 0 {
			elapse(by)
		}
		if p := d.ask(key, class, pace); p != nil {
			served(key)
			p.Release()
			n--
		}
	}
}

func never() time.Duration { return 0 }

func TestCreatesKeepTwiliosPace(t *testing.T) {
	for _, c := range []struct {
		name string
		late func() time.Duration
		// refused is how many of the 10,000 Twilio may refuse.
		refused int
	}{
		{"when every turn is taken at once", never, 0},
		{"when turns are taken up to 20 ms late", func() time.Duration { return rand.N(20 * time.Millisecond) }, 100},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const creates, least = 10_000, 10_000 * time.Second / twilio.ActionsPerSecond
				var g gate
				start := time.Now()
				create(newDesk(20), creates, c.late, func() { g.take(time.Now()) })
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

func TestManagersThatShareAnAccountKeepItsPaceTogether(t *testing.T) {
	for _, shares := range []int{2, 3, 10} {
		t.Run(fmt.Sprintf("%d of them", shares), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const creates = 900
				least := time.Duration(creates) * time.Second / twilio.ActionsPerSecond
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
					t.Errorf("%d creates took %s, and Twilio's pace is %s", creates, took, least)
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
		if most := d.budget.Stats().Most; most != 5 {
			t.Errorf("one of four shares of 20 requests is %d", most)
		}
		d.budget.SetMost(3)
		if most := d.budget.Stats().Most; most != 1 {
			t.Errorf("one of four shares of 3 requests is %d", most)
		}
		d.budget.SetMost(0)
		if most := d.budget.Stats().Most; most != twilio.DefaultMaxConcurrent/4 {
			t.Errorf("one of four shares of the default is %d", most)
		}
	})
}

// create lets so many objects have their turns to create.
func create(d *desk, n int, late func() time.Duration, created func()) {
	left := n
	for i := range n {
		if p := d.ask(fmt.Sprintf("a/%d", i), twilio.ClassEdit, twilio.PaceService(serviceA)); p != nil {
			created()
			p.Release()
			left--
		}
	}
	d.drain(left, twilio.ClassEdit, twilio.PaceService(serviceA), late, func(string) { created() })
}

func TestThePaceIsEven(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(20)
		for i := range 200 {
			if p := d.ask(fmt.Sprintf("a/%d", i), twilio.ClassEdit, twilio.PaceService(serviceA)); p != nil {
				p.Release()
			}
		}
		last := time.Now()
		d.drain(150, twilio.ClassEdit, twilio.PaceService(serviceA), never, func(key string) {
			if gap := time.Since(last); gap > 110*time.Millisecond {
				t.Errorf("%s waited %s after the one before", key, gap)
			}
			last = time.Now()
		})
	})
}

func TestPausesAreNotSavedForABurst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(20)
		var g gate
		random := rand.New(rand.NewPCG(1, 2))
		for i := range 3000 {
			if random.IntN(100) == 0 {
				elapse(time.Duration(random.IntN(5)) * time.Second)
			}
			key := fmt.Sprintf("a/%d", i)
			if p := d.ask(key, twilio.ClassEdit, twilio.PaceService("")); p != nil {
				g.take(time.Now())
				p.Release()
				continue
			}
			if random.IntN(10) > 0 {
				d.drain(1, twilio.ClassEdit, twilio.PaceService(""), never, func(string) { g.take(time.Now()) })
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

// rate is how many turns each of the paces got in ten seconds, if everybody wants as many as possible.
func rate(t *testing.T, d *desk, paces ...string) map[string]int {
	t.Helper()
	got := map[string]int{}
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); elapse(time.Millisecond) {
		for i, pace := range paces {
			for {
				p := d.ask(fmt.Sprintf("a/%d", i), twilio.ClassEdit, pace)
				if p == nil {
					break
				}
				got[pace]++
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

func TestPaces(t *testing.T) {
	const ten = 10 * twilio.ActionsPerSecond
	for _, c := range []struct {
		name  string
		paces []string
		check func(t *testing.T, got map[string]int)
	}{
		{
			"services do not share theirs", []string{twilio.PaceService(serviceA), twilio.PaceService(serviceB)},
			func(t *testing.T, got map[string]int) {
				for pace, n := range got {
					within(t, pace, n, ten*97/100, ten)
				}
			},
		},
		{
			"conversations do not share theirs", []string{twilio.PaceConversation("CH1"), twilio.PaceConversation("CH2")},
			func(t *testing.T, got map[string]int) {
				for pace, n := range got {
					within(t, pace, n, ten*97/100, ten)
				}
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				got := rate(t, newDesk(20), c.paces...)
				if len(got) != len(c.paces) {
					t.Errorf("only %v had turns", got)
				}
				c.check(t, got)
			})
		})
	}
}

func TestTheDefaultServiceHasOnePaceUnderBothNames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(20)
		d.budget.Alias(serviceA)
		got := rate(t, d, twilio.PaceService(""), twilio.PaceService(serviceA))
		within(t, "both together", got[twilio.PaceService("")]+got[twilio.PaceService(serviceA)], 290, 300)
	})
}

func TestThePaceHoldsWhileTheDefaultServiceBecomesKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(20)
		var g gate
		asks := map[string]twilio.Ask{}
		ask := func(key, pace string) {
			asks[key] = asking(key, twilio.ClassEdit, pace)
			if p := d.budget.Acquire(asks[key]); p != nil {
				g.take(time.Now())
				p.Release()
				delete(asks, key)
			}
		}
		for i := range 100 {
			ask(fmt.Sprintf("a/%d", i), twilio.PaceService(""))
		}
		for start := time.Now(); time.Since(start) < time.Second; {
			key := <-d.woken
			ask(key, asks[key].Pace)
		}
		d.budget.Alias(serviceA)
		for i := range 100 {
			ask(fmt.Sprintf("b/%d", i), twilio.PaceService(serviceA))
		}
		for len(asks) > 0 {
			key := <-d.woken
			ask(key, asks[key].Pace)
		}
		if g.refused > 0 || g.taken != 200 {
			t.Errorf("Twilio would have refused %d of %d", g.refused, g.taken)
		}
	})
}

func TestThePaceHoldsWhenAnotherServiceBecomesTheDefault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(20)
		d.budget.Alias(serviceA)
		asks := map[string]twilio.Ask{}
		for i := range 100 {
			key := fmt.Sprintf("a/%d", i)
			asks[key] = asking(key, twilio.ClassEdit, twilio.PaceService(""))
			if p := d.budget.Acquire(asks[key]); p != nil {
				p.Release()
				delete(asks, key)
			}
		}
		d.budget.Alias(serviceB)
		var g gate
		for len(asks) > 0 {
			key := <-d.woken
			if p := d.budget.Acquire(asks[key]); p != nil {
				g.take(time.Now())
				p.Release()
				delete(asks, key)
			}
		}
		if g.refused > 0 {
			t.Errorf("Twilio would have refused %d of %d", g.refused, g.taken)
		}
	})
}
