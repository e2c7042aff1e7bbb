// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package budget_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/conversations-operator/conversations-operator/internal/twilio/budget"
)

// announced is a budget that notes when it was told that the account is held for long, and when that it is not any more.
type announced struct {
	*testBudget
	start time.Time
	told  []time.Duration
}

func newAnnounced() *announced {
	a := &announced{testBudget: &testBudget{woken: make(chan string, 100)}, start: time.Now()}
	a.budget = budget.New(budget.Options{
		Wake: func(key string) { a.woken <- key }, Throttled: func() { a.told = append(a.told, time.Since(a.start)) },
	})
	return a
}

// hear has a request answered, on a seat.
func (a *announced) hear(t *testing.T, answer reply) {
	t.Helper()
	p := a.acquire("a/1", budget.Edit, "")
	if p == nil {
		t.Fatal("there is no seat")
	}
	defer p.Release()
	send(t, a.testBudget, &fakeTwilio{answer: func(int) reply { return answer }}, p, request("", budget.Edit, ""))
}

func (a *announced) throttled() bool {
	_, is := a.budget.Throttled()
	return is
}

func TestNoAnswerHoldsAnAccountForMoreThanFiveMinutes(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer reply
		// askers that it takes.
		askers int
	}{
		{"a 429 that requests for an hour", status(http.StatusTooManyRequests, "Retry-After", "3600"), 1},
		{"a 429 that requests for a date next year", status(http.StatusTooManyRequests, "Retry-After", "Mon, 01 Jan 2001 00:00:00 GMT"), 1},
		{"a 503 that requests for an hour", status(http.StatusServiceUnavailable, "Retry-After", "3600"), 5},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				f := &fakeTwilio{answer: func(int) reply {
					if time.Since(start) < time.Minute {
						return c.answer
					}
					return status(http.StatusOK)
				}}
				crowd := newCrowd(t, 20, f)
				crowd.request = func(key string) budget.Request { return request(key, budget.Edit, "") }
				crowd.come(t, "a", 10)
				elapse(5*time.Minute - time.Second)
				within(t, "requests in the first five minutes", f.arrived(), c.askers, c.askers+1)
				elapse(2 * time.Second)
				within(t, "those who still wait after five minutes, for as long as they were told", int(crowd.left.Load()), 0, c.askers+1)
				crowd.all(t, time.Hour)
			})
		})
	}
}

func TestThrottledIsALongHold(t *testing.T) {
	after := func(seconds string) reply { return status(http.StatusTooManyRequests, "Retry-After", seconds) }
	synctest.Test(t, func(t *testing.T) {
		a := newAnnounced()
		a.hear(t, after("60"))
		if a.throttled() {
			t.Error("a minute is long")
		}
		elapse(time.Minute)
		a.hear(t, after("30"))
		if !a.throttled() {
			t.Error("a minute, and half of one after it, is not long")
		}
		elapse(time.Minute)
		if !a.throttled() {
			t.Error("it ended without an answer")
		}
		a.hear(t, status(http.StatusOK))
		if a.throttled() {
			t.Error("it went on after an answer")
		}
		if len(a.told) != 2 || a.told[0] != time.Minute || a.told[1] != 2*time.Minute {
			t.Errorf("it was told after %v", a.told)
		}
	})
}

func TestAHoldLastsUntilSomebodyIsAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAnnounced()
		under := a.acquire("a/2", budget.Edit, "")
		a.hear(t, status(http.StatusTooManyRequests, "Retry-After", "3600"))
		until, is := a.budget.Throttled()
		if !is || until.Sub(a.start) != 5*time.Minute {
			t.Errorf("it is held until %s after the start, for long: %t", until.Sub(a.start), is)
		}
		send(t, a.testBudget, &fakeTwilio{answer: fine}, under, request("", budget.Edit, ""))
		under.Release()
		if !a.throttled() {
			t.Error("what was under way before ended it")
		}
		if a.acquire("a/3", budget.Edit, "") != nil {
			t.Error("there is a seat while the account is held")
		}
		a.budget.EndHold()
		if a.throttled() {
			t.Error("it is held after somebody was answered")
		}
		if got := a.calls(); len(got) != 1 || got[0] != "a/3" {
			t.Errorf("%v had the seat", got)
		}
		a.budget.Close()
	})
}

func TestA429HoldsTheWholeAccount(t *testing.T) {
	for _, c := range []struct {
		name   string
		header []string
		want   time.Duration
	}{
		{"for as long as it says", []string{"Retry-After", "7"}, 7 * time.Second},
		{"until the date that it says", []string{"Retry-After", "Sat, 01 Jan 2000 00:00:07 GMT"}, 7 * time.Second},
		{"until the date that it says by its own clock, which is late",
			[]string{"Retry-After", "Fri, 31 Dec 1999 23:00:07 GMT", "Date", "Fri, 31 Dec 1999 23:00:00 GMT"}, 7 * time.Second},
		{"until the date that it says by its own clock, which is early",
			[]string{"Retry-After", "Sat, 01 Jan 2000 01:00:07 GMT", "Date", "Sat, 01 Jan 2000 01:00:00 GMT"}, 7 * time.Second},
		{"for half a second where it says nothing", nil, 500 * time.Millisecond},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				f := &fakeTwilio{answer: func(int) reply {
					if time.Now().Equal(start) {
						return status(http.StatusTooManyRequests, c.header...)
					}
					return status(http.StatusOK)
				}}
				crowd := newCrowd(t, 20, f)
				crowd.come(t, "a", 50)
				elapse(time.Minute)
				if n := f.between(start, time.Nanosecond, c.want); n > 0 {
					t.Errorf("%d were sent in the meantime", n)
				}
				if n := f.between(start, c.want, c.want+time.Millisecond); n == 0 {
					t.Error("nothing was sent after that")
				}
				crowd.all(t, 0)
			})
		})
	}
}

func TestASeatThatWasGivenBeforeA429IsNotUsedBeforeItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newTestBudget(2)
		seats := d.fill(t)
		d.acquire("a/1", budget.Edit, "")
		d.acquire("a/2", budget.Edit, "")
		seats[0].Release()
		if got := d.calls(); len(got) != 1 || got[0] != "a/1" {
			t.Fatalf("%v were woken", got)
		}
		send(t, d, &fakeTwilio{answer: func(int) reply { return status(http.StatusTooManyRequests) }}, seats[1], request("", budget.Edit, ""))
		seats[1].Release()
		if d.acquire("a/1", budget.Edit, "") != nil {
			t.Error("a/1 had a seat while the account is held")
		}
		elapse(time.Second)
		if got := d.calls(); len(got) != 1 || got[0] != "a/1" {
			t.Errorf("%v had the next seat, want a/1", got)
		}
	})
}
