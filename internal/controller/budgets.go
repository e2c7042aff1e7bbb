// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"context"
	"sync"

	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// budgets holds one budget per Twilio account, however many objects lead to it.
type budgets struct {
	wake func(key string)
	// shares is how many managers share each account.
	shares int

	mu        sync.Mutex
	byAccount map[string]*twilio.Budget
}

func newBudgets(wake func(key string), shares int) *budgets {
	return &budgets{wake: wake, shares: shares, byAccount: map[string]*twilio.Budget{}}
}

// of answers the account's budget.
func (b *budgets) of(account string) *twilio.Budget {
	b.mu.Lock()
	defer b.mu.Unlock()
	budget := b.byAccount[account]
	if budget == nil {
		budget = twilio.NewBudget(0, b.shares, b.wake)
		b.byAccount[account] = budget
	}
	return budget
}

// forget takes who waits under a key out of every queue.
func (b *budgets) forget(key string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, budget := range b.byAccount {
		budget.Forget(key)
	}
}

// Start waits for the end of the manager, and then ends all budgets.
func (b *budgets) Start(ctx context.Context) error {
	<-ctx.Done()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, budget := range b.byAccount {
		budget.Close()
	}
	return nil
}
