// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package account

import (
	"context"
	"maps"
	"sync"
	"weak"

	"github.com/conversations-operator/conversations-operator/internal/twilio/budget"
)

// SeatsAtOnce is how many seats all accounts together may have, and so how many passes may wait for Twilio.
const SeatsAtOnce = 1000

// budgets holds one budget per Twilio account, however many objects lead to the account, for as long as any client uses
// the budget: accounts come and go.
type budgets struct {
	// options of each budget, without the function Throttled.
	options budget.Options
	// throttled is called with a budget which gives no seats for long, and again when the hold is over.
	throttled func(*budget.Budget)

	mu        sync.Mutex
	byAccount map[string]weak.Pointer[budget.Budget]
}

// NewBudgets makes budgets for one of so many managers which share the accounts. The budgets call wake with the key of
// an object which got a seat, and throttled with a budget which gives no seats for long, and again when the hold is
// over.
func NewBudgets(wake func(key string), shares int, throttled func(*budget.Budget)) *budgets {
	return &budgets{
		options:   budget.Options{Shares: shares, Pool: budget.NewSeatPool(SeatsAtOnce), Wake: wake},
		throttled: throttled, byAccount: map[string]weak.Pointer[budget.Budget]{},
	}
}

// get answers the account's budget.
func (b *budgets) get(account string) *budget.Budget {
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

// Forget takes the waiting object with the key out of every queue.
func (b *budgets) Forget(key string) {
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
