// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package prove

import "slices"

// Exception is a way in which a promise is known to break.
type Exception struct {
	Name string
	// Says is the page of docs, with the heading, that tells users about the exception.
	Says string
	// Rare: small bounds do not find the exception.
	Rare bool
	// matches tells whether the exception broke the promise in the state, after these events.
	matches func(c *Checker, s *state, happened Bounds) bool
}

// Exceptions are all that docs/proof.md lists.
var Exceptions = []Exception{
	{"erased, and killed", "An object is deleted in the instant in which it is first seen", false, func(c *Checker, s *state, happened Bounds) bool {
		return happened[Kills] > 0 && c.orphan(s, func(owner uint8) bool { return s.fates[owner] == erased })
	}},
	{"replaced, and killed", "A manifest is replaced instead of applied", false, func(_ *Checker, _ *state, happened Bounds) bool {
		return happened[Kills] > 0 && happened[Strips] > 0
	}},
	{"moved while a create is open", "The default service of the account was changed", false, func(c *Checker, s *state, happened Bounds) bool {
		return happened[Edits] > 0 && happened[Faults]+happened[Kills] > 0 && len(c.scenario.Accounts) > 1 &&
			(happened[Edits] > 1 || c.elsewhere(s))
	}},
	{"unnamed while a create is open", "A unique name is taken away at Twilio", true, func(c *Checker, s *state, happened Bounds) bool {
		return happened[Meddles] > 0 && happened[Faults]+happened[Kills] > 0 && c.unnamed(s)
	}},
}

// unnamed tells whether a conversation of an object lost its unique name.
func (c *Checker) unnamed(s *state) bool {
	return slices.ContainsFunc(c.remotes.at(s.twilio).convs, func(found conv) bool { return found.owner != 0 && found.name == "" })
}

// known names the exception by which a promise breaks; empty: no exception.
func (c *Checker) known(s *state, happened Bounds) string {
	for i := range Exceptions {
		if e := &Exceptions[i]; e.matches(c, s, happened) {
			return e.Name
		}
	}
	return ""
}

// elsewhere tells whether an object's conversation is in another place than the account leads to now.
func (c *Checker) elsewhere(s *state) bool {
	now := &c.scenario.Accounts[s.account]
	return slices.ContainsFunc(c.remotes.at(s.twilio).convs, func(found conv) bool {
		return found.owner != 0 && (found.account != now.Actual || found.service != now.DefaultService)
	})
}

// happened counts the events of each kind on the way to the state.
func (c *Checker) happened(s *state) (out Bounds) {
	for i := range out {
		out[i] = c.scenario.Bounds[i] - s.left[i]
	}
	return out
}

// orphan tells whether a conversation of such an object is lost.
func (c *Checker) orphan(s *state, of func(owner uint8) bool) bool {
	r := c.remotes.at(s.twilio)
	for i := range r.convs {
		if found := &r.convs[i]; found.owner != 0 && !found.leaving && !c.findable(s, found) && of(found.owner) {
			return true
		}
	}
	return false
}
