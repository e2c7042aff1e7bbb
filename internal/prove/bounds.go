// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package prove explores every reachable state of the decision: a model of Kubernetes, of Twilio and of managers that
// carry out what package plan decides, in every order of everything that may happen, up to bounds. It looks in each state
// whether what the operator promises holds, and tells the shortest story that leads to one in which it does not.
package prove

import (
	"fmt"
	"strings"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
)

// Kind is what may happen, as far as it is bounded.
type Kind uint8

// What may happen only so many times in one story.
const (
	// Edits of the spec, or of the account.
	Edits Kind = iota
	// Faults are answers that are lost, late, wrong or refusals, of Twilio and of Kubernetes.
	Faults
	// Kills of a process.
	Kills
	// Ticks of the clock.
	Ticks
	// Meddles are what somebody else does at Twilio.
	Meddles
	// Deletes of the object.
	Deletes
	// Strips replace the object by its manifest, without finalizer and annotations.
	Strips
	// Reapplies create the object again after it is gone.
	Reapplies
	// Overlaps are passes of a second manager.
	Overlaps
	kinds
)

var kindNames = [kinds]string{"edits", "faults", "kills", "ticks", "meddles", "deletes", "strips", "reapplies", "overlaps"}

// Bounds is how often each kind of event may happen in one story.
type Bounds [kinds]uint8

// Meddle is a change at Twilio that the operator did not make.
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
	// Initializes makes a conversation one that Twilio is still setting up.
	Initializes
)

var meddleNames = []string{"deletes", "closes", "renames", "takes the unique name from", "creates",
	"makes inactive", "writes a message in", "is still setting up"}

// Account is what the account object and its credentials are at a time.
type Account struct {
	plan.Account
	// Actual is the Twilio account that the credentials lead to.
	Actual string
	// DefaultService is that account's default service.
	DefaultService string
}

// Scenario is a small world, and what may happen in it.
type Scenario struct {
	Name string
	// Specs are those that the user chooses from. The object begins with the first.
	Specs []v1alpha1.ConversationSpec
	// Rival is the spec of a second object; nil: there is none.
	Rival *v1alpha1.ConversationSpec
	// Accounts are those that the user chooses from. The first is there in the beginning.
	Accounts []Account
	// Theirs is the unique name of a conversation that somebody else made before; empty: there is none.
	Theirs string
	// Meddles that somebody else does.
	Meddles []Meddle
	// Lags: the cache may be up to two versions behind.
	Lags bool
	// Races: Kubernetes may delete an object that got a finalizer meanwhile.
	Races bool
	// Lists: the drift check may find the object to differ.
	Lists bool
	// Tiny: the bounds take seconds as they are.
	Tiny bool
	Bounds
}

// String lists the bounds that are not zero.
func (b Bounds) String() string {
	var out []string
	for kind, n := range b {
		if n > 0 {
			out = append(out, fmt.Sprintf("%s %d", kindNames[kind], n))
		}
	}
	return strings.Join(out, ", ")
}
