// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"context"
	"maps"
	"sync"
	"weak"

	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// budgets holds one budget per Twilio account, however many objects lead to it, for as long as anybody uses it: accounts
// come and go.
type budgets struct {
	// options of each, but for whom they tell that the account is throttled.
	options twilio.BudgetOptions
	// throttled is told of an account that is held for long, or is not any more.
	throttled func(*twilio.Budget)

	mu        sync.Mutex
	byAccount map[string]weak.Pointer[twilio.Budget]
}

func newBudgets(wake func(key string), shares int, throttled func(*twilio.Budget)) *budgets {
	return &budgets{
		options:   twilio.BudgetOptions{Shares: shares, Room: twilio.NewRoom(turnsAtOnce), Wake: wake},
		throttled: throttled, byAccount: map[string]weak.Pointer[twilio.Budget]{},
	}
}

// of answers the account's budget.
func (b *budgets) of(account string) *twilio.Budget {
	b.mu.Lock()
	defer b.mu.Unlock()
	budget := b.byAccount[account].Value()
	if budget == nil {
		maps.DeleteFunc(b.byAccount, func(_ string, p weak.Pointer[twilio.Budget]) bool { return p.Value() == nil })
		o := b.options
		o.Throttled = func() { b.throttled(budget) }
		budget = twilio.NewBudget(o)
		b.byAccount[account] = weak.Make(budget)
	}
	return budget
}

// all are the budgets in use.
func (b *budgets) all() []*twilio.Budget {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []*twilio.Budget
	for p := range maps.Values(b.byAccount) {
		if budget := p.Value(); budget != nil {
			out = append(out, budget)
		}
	}
	return out
}

// forget takes who waits under a key out of every queue.
func (b *budgets) forget(key string) {
	for _, budget := range b.all() {
		budget.Forget(key)
	}
}

// Start waits for the end of the manager, and then ends all budgets.
func (b *budgets) Start(ctx context.Context) error {
	<-ctx.Done()
	for _, budget := range b.all() {
		budget.Close()
	}
	return nil
}
