// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// announced is a desk that notes when it was told that the account is held for long, and when that it is not any more.
type announced struct {
	*desk
	start time.Time
	told  []time.Duration
}

func newAnnounced() *announced {
	a := &announced{desk: &desk{woken: make(chan string, 100)}, start: time.Now()}
	a.budget = twilio.NewBudget(twilio.BudgetOptions{
		Wake: func(key string) { a.woken <- key }, Throttled: func() { a.told = append(a.told, time.Since(a.start)) },
	})
	return a
}

// hear has a request answered, on a turn.
func (a *announced) hear(t *testing.T, answer reply) {
	t.Helper()
	p := a.ask("a/1", twilio.ClassEdit, "")
	if p == nil {
		t.Fatal("there is no turn")
	}
	defer p.Release()
	send(t, a.desk, &far{answer: func(int) reply { return answer }}, p, asking("", twilio.ClassEdit, ""))
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
		{"a 429 that asks for an hour", status(http.StatusTooManyRequests, "Retry-After", "3600"), 1},
		{"a 429 that asks for a date next year", status(http.StatusTooManyRequests, "Retry-After", "Mon, 01 Jan 2001 00:00:00 GMT"), 1},
		{"a 503 that asks for an hour", status(http.StatusServiceUnavailable, "Retry-After", "3600"), 5},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				f := &far{answer: func(int) reply {
					if time.Since(start) < time.Minute {
						return c.answer
					}
					return status(http.StatusOK)
				}}
				crowd := newCrowd(t, 20, f)
				crowd.ask = func(key string) twilio.Ask { return asking(key, twilio.ClassEdit, "") }
				crowd.come(t, "a", 10)
				elapse(5*time.Minute - time.Second)
				within(t, "requests in the first five minutes", len(f.times), c.askers, c.askers+1)
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
		under := a.ask("a/2", twilio.ClassEdit, "")
		a.hear(t, status(http.StatusTooManyRequests, "Retry-After", "3600"))
		until, is := a.budget.Throttled()
		if !is || until.Sub(a.start) != 5*time.Minute {
			t.Errorf("it is held until %s after the start, for long: %t", until.Sub(a.start), is)
		}
		send(t, a.desk, &far{answer: fine}, under, asking("", twilio.ClassEdit, ""))
		under.Release()
		if !a.throttled() {
			t.Error("what was under way before ended it")
		}
		if a.ask("a/3", twilio.ClassEdit, "") != nil {
			t.Error("there is a turn while the account is held")
		}
		a.budget.Lift()
		if a.throttled() {
			t.Error("it is held after somebody was answered")
		}
		if got := a.calls(); len(got) != 1 || got[0] != "a/3" {
			t.Errorf("%v had the turn", got)
		}
		a.budget.Close()
	})
}
