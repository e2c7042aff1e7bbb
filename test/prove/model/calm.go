// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package model

import (
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
	"github.com/conversations-operator/conversations-operator/test/prove/scenario"
)

// Calmed is the state in which users, Twilio's guests and the network do no more harm. States that differ only in what may still
// happen become one; the parts behind the known exceptions stay.
func (c *Checker) Calmed(s *State) State {
	calm := *s
	happened := c.happened(s)
	var kept scenario.Bounds
	if c.Scenario.Bounds[scenario.Strips] > 0 {
		kept[scenario.Kills], kept[scenario.Strips] = 1, 1
	}
	if c.Scenario.Races {
		kept[scenario.Kills] = 1
	}
	if len(c.Scenario.Accounts) > 1 {
		kept[scenario.Kills], kept[scenario.Faults], kept[scenario.Edits] = 1, 1, 2
	}
	for k := range happened {
		calm.left[k] = c.Scenario.Bounds[k] - min(happened[k], kept[k])
	}
	calm.left[scenario.Overlaps] = 0
	// The second manager was there by mistake, and is no more.
	for i := objects; i < len(calm.workers); i++ {
		calm.workers[i].pass = 0
	}
	calm.tidy()
	return calm
}

// emitCalm gets a following state, the action and its label, and the promise broken on the way.
type emitCalm func(next *State, a Action, l Label, wrong string)

// ExpandCalm answers each state that may follow without a fault, with the action that leads there, its label, and the promise that
// breaks on the way; empty: none. Managers do their work in time: the clock goes on, and drift checks come, when no manager has work
// left.
func (c *Checker) ExpandCalm(s *State, each func(next *State, a Action, l Label, wrong string)) {
	out := func(next *State, a Action, l Label, wrong string) {
		next.tidy()
		each(next, a, l, wrong)
	}
	for i := range s.workers {
		c.expandCalmPass(s, i, out)
		c.expandCalmCache(s, i, out)
	}
	for i := range s.objects {
		if at := &s.objects[i]; at.there && at.erasing {
			next := *s
			c.vanish(&next, i, erased)
			out(&next, Action{kind: eraseObject, who: uint8(i)}, Label(classErase), "")
		}
	}
	for j := range c.remotes.at(s.twilio).flight {
		next := *s
		wrong := c.land(&next, j)
		out(&next, Action{kind: land, arg: uint8(j)}, Label(classLand), wrong)
	}
	young, settled := c.young(s), c.settled(s)
	if settled {
		for i := range s.workers {
			c.expandCalmLooks(s, i, out)
		}
	}
	next := *s
	switch {
	case young && settled:
		c.tick(&next)
		out(&next, Action{kind: tick}, Label(classTick), "")
	case young:
		out(&next, Action{kind: tick}, Label(classTick)|Due, "")
	}
}

// expandCalmPass begins a pass, or answers its call.
func (c *Checker) expandCalmPass(s *State, i int, out emitCalm) {
	if pass := s.workers[i].pass; pass != 0 {
		next := *s
		wrong := c.reply(&next, i, done)
		l := Label(classOf(i, classReply)) | c.effort(s, &next, c.nodes.at(pass))
		out(&next, Action{kind: reply, who: uint8(i), arg: uint8(done)}, l, wrong)
		return
	}
	for _, kind := range []actionKind{start, undo} {
		next := *s
		if wrong, ok := c.start(&next, i, kind); ok {
			out(&next, Action{kind: kind, who: uint8(i)}, Label(classOf(i, startClasses[kind])), wrong)
		}
	}
}

// startClasses are the classes of the passes.
var startClasses = [...]class{start: classStart, look: classLook, listed: classLook, undo: classUndo}

func (c *Checker) expandCalmLooks(s *State, i int, out emitCalm) {
	for _, kind := range []actionKind{look, listed} {
		next := *s
		if kind == listed && !c.Scenario.Lists {
			continue
		}
		if wrong, ok := c.start(&next, i, kind); ok {
			out(&next, Action{kind: kind, who: uint8(i)}, Label(classOf(i, classLook)), wrong)
		}
	}
}

func (c *Checker) expandCalmCache(s *State, i int, out emitCalm) {
	w, at := &s.workers[i], &s.objects[i%objects]
	next := *s
	switch {
	case w.cached == gone || w.pass != 0:
		// A pass does not look at the cache once it has begun.
	case !at.there:
		c.notice(&next, i)
		out(&next, Action{kind: notice, who: uint8(i)}, Label(classOf(i, classSee)), "")
	case w.cached > 0:
		next.workers[i].cached--
		out(&next, Action{kind: catchUp, who: uint8(i)}, Label(classOf(i, classSee)), "")
	}
}

// maxCalls bounds a pass in which nothing goes wrong.
const maxCalls = 40

// settled tells whether no manager has work left: each pass would come to its end, and change nothing.
func (c *Checker) settled(s *State) bool {
	for i := range s.objects {
		if s.objects[i].there && s.objects[i].erasing {
			return false
		}
	}
	for i := range s.workers {
		w, there := &s.workers[i], s.objects[i%objects].there
		if w.pass != 0 || w.cached != gone && (!there || w.cached > 0) {
			return false
		}
	}
	for i := range s.workers {
		if c.changes(s, i, start) || c.changes(s, i, undo) {
			return false
		}
	}
	return true
}

// changes tells whether a pass of the manager changes the state. A manager that cannot begin a pass changes nothing.
func (c *Checker) changes(s *State, manager int, kind actionKind) bool {
	next := *s
	if _, ok := c.start(&next, manager, kind); !ok {
		return false
	}
	for n := 0; next.workers[manager].pass != 0 && n < maxCalls; n++ {
		c.reply(&next, manager, done)
	}
	next.tidy()
	return next != *s
}

// effort tells whether the call of a pass, after which Twilio is as in next, must not come again and again: a write, or a request without
// effect by a pass that had no reason to look. An object whose user has to act first may ask now and then whether the user did.
func (c *Checker) effort(s, next *State, n *node) Label {
	switch k := n.call.kind; {
	case k == callPatch, k == callStatus, k == callRelease, next.twilio != s.twilio:
		return Writes
	case k == callClaim, n.root.look, c.waitsFor(s, int(n.root.object)):
		return 0
	}
	return Asks
}

// waitsFor tells whether an object waits for its user, for its account, or for Twilio to set a conversation up.
func (c *Checker) waitsFor(s *State, i int) bool {
	d := c.digest(s.objects[i].now)
	found := c.remotes.at(s.twilio).bySID(d.sid)
	return waitsForSomebody[d.reason] || c.Scenario.Accounts[s.account].Halted || found != nil && found.state == twilio.StateInitializing
}

// young tells whether time still decides about something: a timer runs, or what was announced or sent may still take effect. Later,
// the time may go on without a change, and the graph of the calm states needs no more ticks.
func (c *Checker) young(s *State) bool {
	r := c.remotes.at(s.twilio)
	for i := range r.convs {
		if r.convs[i].idles != never || r.convs[i].closes != never || r.convs[i].leaving {
			return true
		}
	}
	latest := int8(longAgo)
	for _, f := range r.flight {
		latest = max(latest, f.born)
	}
	for i := range s.objects {
		for _, version := range []uint32{s.objects[i].now, s.objects[i].last, s.objects[i].before} {
			latest = max(latest, c.latest(version))
		}
	}
	for i := range s.workers {
		mem := c.memories.at(s.workers[i].mem)
		latest = max(latest, c.latest(mem.erased), c.written(mem.journalCreate), c.written(mem.journalUpdate))
	}
	return s.tick-latest < settles
}

// longAgo is before each time that decides.
const longAgo = -100

// latest is the tick of the newest announcement in a version of an object.
func (c *Checker) latest(version uint32) int8 {
	if version == 0 {
		return longAgo
	}
	return c.digest(version).latest
}

// written is the tick at which a text announced something.
func (c *Checker) written(text uint32) int8 {
	if text == 0 {
		return longAgo
	}
	if id := c.dates.find(text); id != 0 {
		return c.dates.at(id)
	}
	return c.dates.at(c.dates.add(text, dated(c.texts.at(text))))
}

// dated is the tick of an announcement of either kind.
func dated(text string) int8 {
	switch i, u := plan.ParseIntent(text), plan.ParseUpdateIntent(text); {
	case i != nil:
		return int8(i.Time.Sub(noon) / tickLength)
	case u != nil:
		return int8(u.Time.Sub(noon) / tickLength)
	}
	return longAgo
}
