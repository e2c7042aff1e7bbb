// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package prove explores every reachable state of the decision: a model of Kubernetes, Twilio and managers, which
// carry out the decisions of package plan in every order of all possible events, up to bounds. In each state the checker
// looks whether the operator's promises hold, and tells the shortest story of a broken promise.
package prove

import (
	"fmt"
	"strings"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
)

// Kind is a kind of event with a bound.
type Kind uint8

// The kinds of events.
const (
	// Edits of the spec, or of the account.
	Edits Kind = iota
	// Faults are answers: lost, late, wrong or refusals, of Twilio and of Kubernetes.
	Faults
	// Kills of a process.
	Kills
	// Ticks of the clock.
	Ticks
	// Meddles are changes at Twilio by other people.
	Meddles
	// Deletes of the object.
	Deletes
	// Strips replace the object by its manifest, without finalizer and annotations.
	Strips
	// Reapplies create the object again after its end.
	Reapplies
	// Overlaps are passes of a second manager.
	Overlaps
	kinds
)

var kindNames = [kinds]string{"edits", "faults", "kills", "ticks", "meddles", "deletes", "strips", "reapplies", "overlaps"}

// Bounds limit how often each kind of event may happen in one story.
type Bounds [kinds]uint8

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

var meddleNames = []string{"deletes", "closes", "renames", "takes the unique name from", "creates",
	"makes inactive", "writes a message in", "is still setting up"}

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

// String lists the bounds above zero.
func (b Bounds) String() string {
	var out []string
	for kind, n := range b {
		if n > 0 {
			out = append(out, fmt.Sprintf("%s %d", kindNames[kind], n))
		}
	}
	return strings.Join(out, ", ")
}
