// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package model

import (
	"fmt"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
)

// Broken says which promise the state breaks; empty: none.
func (c *Checker) Broken(s *State) string {
	r := c.remotes.at(s.twilio)
	var made [uids]int
	for i := range r.convs {
		found := &r.convs[i]
		if found.owner == 0 || found.leaving {
			continue
		}
		made[found.owner]++
		if !c.findable(s, found) {
			return fmt.Sprintf("nobody can find conversation %d again", found.sid)
		}
	}
	for i := range s.objects {
		at := &s.objects[i]
		if !at.there {
			continue
		}
		d := c.digest(at.now)
		n := made[d.uid]
		if held := r.bySID(d.sid); held != nil && held.owner != d.uid && d.origin != "" {
			n++
		}
		if n > 1 {
			return fmt.Sprintf("%d conversations for one object", n)
		}
	}
	if !c.Scenario.Doubled && c.doubled(s) {
		return "two objects manage one conversation"
	}
	return ""
}

// doubled tells whether both objects manage the same conversation.
func (c *Checker) doubled(s *State) bool {
	a, b := &s.objects[0], &s.objects[1]
	if !a.there || !b.there {
		return false
	}
	x, y := c.digest(a.now), c.digest(b.now)
	return x.sid != "" && x.sid == y.sid && x.origin != "" && y.origin != "" && !x.observes && !y.observes
}

// findable tells whether somebody knows, or can find out, for which object the conversation was created, or it was left on
// purpose.
func (c *Checker) findable(s *State, found *conv) bool {
	for i := range s.objects {
		at := &s.objects[i]
		if at.there {
			d := c.digest(at.now)
			if d.manages(found) || found.name == c.names[i] || d.adopts == found.name || d.uid == found.owner && announced(d.intent, found.owner, found) {
				return true
			}
		}
		for m := range managers {
			if c.remembers(s, m, i, found) {
				return true
			}
		}
	}
	return s.fates[found.owner] == retained
}

// remembers tells whether a manager knows by itself for which object the conversation was created.
func (c *Checker) remembers(s *State, manager, i int, found *conv) bool {
	at, w := &s.objects[i], &s.workers[manager*objects+i]
	mem := c.memory(w)
	if mem.journalCreate != 0 && announced(plan.ParseIntent(c.texts.at(mem.journalCreate)), found.owner, found) {
		return true
	}
	if mem.erased != 0 && c.digest(mem.erased).uid == found.owner {
		return true
	}
	return !at.there && w.cached != gone && at.now != 0 && c.digest(at.now).uid == found.owner && c.digest(at.now).needs
}

// untrue says which part of a status is false, before its write.
func (c *Checker) untrue(s *State, before, next uint32) string {
	d, was := c.digest(next), c.digest(before)
	if held := c.remotes.at(s.twilio).bySID(was.sid); held != nil && held.owner == d.uid && was.manages(held) && d.sid == "" {
		return fmt.Sprintf("the status forgets conversation %d", held.sid)
	}
	if d.sid == "" || d.origin == "" || d.sid == was.sid && d.origin == was.origin {
		return ""
	}
	found := c.remotes.at(s.twilio).bySID(d.sid)
	switch {
	case found == nil:
		return ""
	case d.origin == v1alpha1.OriginCreated && found.owner != d.uid && found.name != c.names[0] && found.name != c.names[1]:
		return fmt.Sprintf("the status says that conversation %d was created for the object", found.sid)
	case d.origin == v1alpha1.OriginAdopted && c.versions.at(next).Spec.Adoption == nil:
		return fmt.Sprintf("conversation %d is adopted, and the spec does not ask for that", found.sid)
	}
	return ""
}
