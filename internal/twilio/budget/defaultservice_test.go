// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package budget_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/conversations-operator/conversations-operator/internal/twilio/budget"
)

func TestTheDefaultServiceHasOneRateUnderBothNames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newTestBudget(20)
		d.budget.SetDefaultService(serviceA)
		got := rate(t, d, budget.ServiceRate(""), budget.ServiceRate(serviceA))
		within(t, "both together", got[budget.ServiceRate("")]+got[budget.ServiceRate(serviceA)], 290, 300)
	})
}

func TestTheRateHoldsWhileTheDefaultServiceBecomesKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newTestBudget(20)
		var g gate
		requests := map[string]budget.Request{}
		ask := func(key, rate string) {
			requests[key] = request(key, budget.Edit, rate)
			if p := d.budget.Acquire(requests[key]); p != nil {
				g.take(time.Now())
				p.Release()
				delete(requests, key)
			}
		}
		for i := range 100 {
			ask(fmt.Sprintf("a/%d", i), budget.ServiceRate(""))
		}
		for start := time.Now(); time.Since(start) < time.Second; {
			key := <-d.woken
			ask(key, requests[key].Rate)
		}
		d.budget.SetDefaultService(serviceA)
		for i := range 100 {
			ask(fmt.Sprintf("b/%d", i), budget.ServiceRate(serviceA))
		}
		for len(requests) > 0 {
			key := <-d.woken
			ask(key, requests[key].Rate)
		}
		if g.refused > 0 || g.taken != 200 {
			t.Errorf("Twilio would have refused %d of %d", g.refused, g.taken)
		}
	})
}

func TestTheRateHoldsWhenAnotherServiceBecomesTheDefault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newTestBudget(20)
		d.budget.SetDefaultService(serviceA)
		requests := map[string]budget.Request{}
		for i := range 100 {
			key := fmt.Sprintf("a/%d", i)
			requests[key] = request(key, budget.Edit, budget.ServiceRate(""))
			if p := d.budget.Acquire(requests[key]); p != nil {
				p.Release()
				delete(requests, key)
			}
		}
		d.budget.SetDefaultService(serviceB)
		var g gate
		for len(requests) > 0 {
			key := <-d.woken
			if p := d.budget.Acquire(requests[key]); p != nil {
				g.take(time.Now())
				p.Release()
				delete(requests, key)
			}
		}
		if g.refused > 0 {
			t.Errorf("Twilio would have refused %d of %d", g.refused, g.taken)
		}
	})
}
