// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"context"
	"maps"
	"sync"
	"weak"

	"github.com/conversations-operator/conversations-operator/internal/twilio/budget"
)

// budgets holds one budget per Twilio account, however many objects lead to it, for as long as anybody uses it: accounts
// come and go.
type budgets struct {
	// options of each, but for whom they tell that the account is throttled.
	options budget.Options
	// throttled is told of an account that is held for long, or is not any more.
	throttled func(*budget.Budget)

	mu        sync.Mutex
	byAccount map[string]weak.Pointer[budget.Budget]
}

func newBudgets(wake func(key string), shares int, throttled func(*budget.Budget)) *budgets {
	return &budgets{
		options:   budget.Options{Shares: shares, Pool: budget.NewSeatPool(seatsAtOnce), Wake: wake},
		throttled: throttled, byAccount: map[string]weak.Pointer[budget.Budget]{},
	}
}

// of answers the account's budget.
func (b *budgets) of(account string) *budget.Budget {
	b.mu.Lock()
	defer b.mu.Unlock()
	found := b.byAccount[account].Value()
	if found == nil {
		maps.DeleteFunc(b.byAccount, func(_ string, p weak.Pointer[budget.Budget]) bool { return p.Value() == nil })
		o := b.options
		o.Throttled = func() { b.throttled(found) }
		found = budget.New(o)
		b.byAccount[account] = weak.Make(found)
	}
	return found
}

// all are the budgets in use.
func (b *budgets) all() []*budget.Budget {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []*budget.Budget
	for p := range maps.Values(b.byAccount) {
		if found := p.Value(); found != nil {
			out = append(out, found)
		}
	}
	return out
}

// forget takes who waits under a key out of every queue.
func (b *budgets) forget(key string) {
	for _, each := range b.all() {
		each.Forget(key)
	}
}

// Start waits for the end of the manager, and then ends all budgets.
func (b *budgets) Start(ctx context.Context) error {
	<-ctx.Done()
	for _, each := range b.all() {
		each.Close()
	}
	return nil
}
