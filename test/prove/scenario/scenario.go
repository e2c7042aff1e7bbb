// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package scenario has the small worlds that the model checker explores, each with what may happen in it and how often, and the
// stories of such worlds as data.
package scenario

import (
	"fmt"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
)

// Meddle is a change at Twilio by other people.
type Meddle uint8

// The meddles.
const (
	// Removes deletes a conversation.
	Removes Meddle = iota
	// Closes closes a conversation.
	Closes
	// Renames gives a conversation another friendly name.
	Renames
	// Unnames takes a unique name away.
	Unnames
	// Takes creates a conversation with the unique name that the object wants.
	Takes
	// Idles makes a conversation inactive.
	Idles
	// Messages revive an inactive conversation.
	Messages
	// Initializes has Twilio set a conversation up for longer.
	Initializes
)

// Account is an account object with its credentials at a time.
type Account struct {
	plan.Account
	// Actual is the Twilio account that the credentials lead to.
	Actual string
	// DefaultService is that account's default service.
	DefaultService string
}

// Scenario is a small world with its possible events.
type Scenario struct {
	Name string
	// Specs are the user's choices. The object begins with the first.
	Specs []v1alpha1.ConversationSpec
	// Rival is the spec of a second object; nil: no second object.
	Rival *v1alpha1.ConversationSpec
	// Accounts are the user's choices. The story begins with the first.
	Accounts []Account
	// Theirs is the unique name of a conversation of other people; empty: no such conversation.
	Theirs string
	// Meddles of the scenario.
	Meddles []Meddle
	// Lags: the cache may be up to two versions behind.
	Lags bool
	// Races: Kubernetes may delete an object that got a finalizer meanwhile.
	Races bool
	// Lists: the drift check may find the object to differ.
	Lists bool
	// Lingers: Twilio finds a conversation for a while after its deletion.
	Lingers bool
	// Doubled: both objects manage their conversation at the beginning, by records of earlier versions.
	Doubled bool
	// Tiny: the bounds take seconds as they are.
	Tiny bool
	Bounds
}

// SIDOf is the sid of the conversation that Twilio made as the nth.
func SIDOf(n uint8) string { return fmt.Sprintf("CH%032x", n) }
