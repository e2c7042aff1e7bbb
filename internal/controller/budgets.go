// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"sync"

	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// budgets holds one budget per Twilio account, however many objects lead to it.
type budgets struct {
	wake func(key string)

	mu        sync.Mutex
	byAccount map[string]*twilio.Budget
}

func newBudgets(wake func(key string)) *budgets {
	return &budgets{wake: wake, byAccount: map[string]*twilio.Budget{}}
}

// of answers the account's budget. most is how many requests may be under way, 0 if the object does not say: where
// several say, the last one that was read holds.
func (b *budgets) of(account string, most int) *twilio.Budget {
	b.mu.Lock()
	defer b.mu.Unlock()
	budget := b.byAccount[account]
	if budget == nil {
		budget = twilio.NewBudget(most, b.wake)
		b.byAccount[account] = budget
	} else if most > 0 {
		budget.SetMost(most)
	}
	return budget
}
