// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package model

import (
	"slices"

	"github.com/conversations-operator/conversations-operator/test/prove/scenario"
)

// Exception is a way in which a promise is known to break.
type Exception struct {
	Name string
	// Says is the page of docs, with the heading, that tells users about the exception.
	Says string
	// Rare: small bounds do not find the exception.
	Rare bool
	// matches tells whether the exception broke the promise in the state, after these events.
	matches func(c *Checker, s *State, happened scenario.Bounds) bool
}

// Exceptions are all that docs/proof.md lists.
var Exceptions = []Exception{
	{"erased, and killed", "An object is deleted in the instant in which it is first seen", false, func(c *Checker, s *State, happened scenario.Bounds) bool {
		return happened[scenario.Kills] > 0 && c.orphan(s, func(owner uint8) bool { return s.fates[owner] == erased })
	}},
	{"replaced, and killed", "A manifest is replaced instead of applied", false, func(_ *Checker, _ *State, happened scenario.Bounds) bool {
		return happened[scenario.Kills] > 0 && happened[scenario.Strips] > 0
	}},
	{"moved while a create is open", "The default service of the account was changed", false, func(c *Checker, s *State, happened scenario.Bounds) bool {
		return happened[scenario.Edits] > 0 && happened[scenario.Faults]+happened[scenario.Kills] > 0 && len(c.Scenario.Accounts) > 1 &&
			(happened[scenario.Edits] > 1 || c.elsewhere(s))
	}},
	{"unnamed while a create is open", "A unique name is taken away at Twilio", true, func(c *Checker, s *State, happened scenario.Bounds) bool {
		return happened[scenario.Meddles] > 0 && happened[scenario.Faults]+happened[scenario.Kills] > 0 && c.unnamed(s)
	}},
}

// unnamed tells whether a conversation of an object lost its unique name.
func (c *Checker) unnamed(s *State) bool {
	return slices.ContainsFunc(c.remotes.at(s.twilio).convs, func(found conv) bool { return found.owner != 0 && found.name == "" })
}

// Known names the exception by which a promise breaks in the state; empty: no exception.
func (c *Checker) Known(s *State) string {
	happened := c.happened(s)
	for i := range Exceptions {
		if e := &Exceptions[i]; e.matches(c, s, happened) {
			return e.Name
		}
	}
	return ""
}

// elsewhere tells whether an object's conversation is in another place than the account leads to now.
func (c *Checker) elsewhere(s *State) bool {
	now := &c.Scenario.Accounts[s.account]
	return slices.ContainsFunc(c.remotes.at(s.twilio).convs, func(found conv) bool {
		return found.owner != 0 && (found.account != now.Actual || found.service != now.DefaultService)
	})
}

// happened counts the events of each kind on the way to the state.
func (c *Checker) happened(s *State) (out scenario.Bounds) {
	for i := range out {
		out[i] = c.Scenario.Bounds[i] - s.left[i]
	}
	return out
}

// orphan tells whether a conversation of such an object is lost.
func (c *Checker) orphan(s *State, of func(owner uint8) bool) bool {
	r := c.remotes.at(s.twilio)
	for i := range r.convs {
		if found := &r.convs[i]; found.owner != 0 && !found.leaving && !c.findable(s, found) && of(found.owner) {
			return true
		}
	}
	return false
}
