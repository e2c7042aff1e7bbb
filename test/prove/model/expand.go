// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package model

import "github.com/conversations-operator/conversations-operator/test/prove/scenario"

// actionKind is the kind of a step between two states.
type actionKind uint8

const (
	// start begins a pass, look a pass with a request to Twilio, listed a pass after a drift check, undo a pass over an
	// erased object.
	start actionKind = iota
	look
	listed
	undo
	// reply lets something happen to a call.
	reply
	// catchUp lets a cache show a later version, notice that the object is gone.
	catchUp
	notice
	// land lets a request on its way take effect.
	land
	tick
	kill
	meddle
	editSpec
	editAccount
	deleteObject
	// knock begins to delete an object without a finalizer, eraseObject ends the deletion.
	knock
	eraseObject
	stripAll
	stripAnnotations
	reapply

	// calmly is the step after which nothing goes wrong any more.
	calmly
	// forever: what comes from here on comes again and again.
	forever
)

// Action is one step of a story. Two actions are the same if they are equal.
type Action struct {
	kind actionKind
	// who: the worker, or the object.
	who uint8
	// arg is the choice: an outcome, a spec, a request, a meddle and its conversation.
	arg, on uint8
}

// The actions of a story that change no state.
var (
	// Calmly begins a run in which nothing goes wrong any more.
	Calmly = Action{kind: calmly}
	// Forever: the steps that come from here on come again and again.
	Forever = Action{kind: forever}
)

// emit gets a following state, the action, and the promise broken on the way.
type emit func(next *State, a Action, wrong string)

// Expand answers every state that may follow, with the action that leads there, and the promise that breaks on the way; empty: none.
func (c *Checker) Expand(s *State, each func(next *State, a Action, wrong string)) {
	out := func(next *State, a Action, wrong string) {
		next.tidy()
		each(next, a, wrong)
	}
	c.expandWorkers(s, out)
	c.expandRequests(s, out)
	c.expandUser(s, out)
	c.expandMeddles(s, out)
}

func (c *Checker) expandWorkers(s *State, out emit) {
	for i := range s.workers {
		w := &s.workers[i]
		if w.pass != 0 {
			n := c.nodes.at(w.pass)
			for _, o := range c.outcomes(s, n) {
				next := *s
				wrong := c.reply(&next, i, o)
				out(&next, Action{kind: reply, who: uint8(i), arg: uint8(o)}, wrong)
			}
		} else if i < objects || s.left[scenario.Overlaps] > 0 {
			c.expandStarts(s, i, out)
		}
		at := &s.objects[i%objects]
		switch {
		case w.cached == gone:
			continue
		case !at.there && w.pass == 0:
			next := *s
			c.notice(&next, i)
			out(&next, Action{kind: notice, who: uint8(i)}, "")
		case w.cached > 0 && at.there:
			next := *s
			next.workers[i].cached--
			out(&next, Action{kind: catchUp, who: uint8(i)}, "")
		}
	}
	for m := range managers {
		if s.left[scenario.Kills] == 0 || m > 0 && c.Scenario.Bounds[scenario.Overlaps] == 0 {
			continue
		}
		next := *s
		c.kill(&next, m)
		out(&next, Action{kind: kill, who: uint8(m)}, "")
	}
}

func (c *Checker) expandStarts(s *State, i int, out emit) {
	for _, kind := range []actionKind{start, look, listed, undo} {
		if kind == listed && !c.Scenario.Lists {
			continue
		}
		next := *s
		wrong, ok := c.start(&next, i, kind)
		if !ok {
			continue
		}
		if i >= objects {
			next.left[scenario.Overlaps]--
		}
		out(&next, Action{kind: kind, who: uint8(i)}, wrong)
	}
}

func (c *Checker) expandRequests(s *State, out emit) {
	r := c.remotes.at(s.twilio)
	for j := range r.flight {
		next := *s
		wrong := c.land(&next, j)
		out(&next, Action{kind: land, arg: uint8(j)}, wrong)
	}
	if s.left[scenario.Ticks] > 0 && !c.waits(s) {
		next := *s
		next.left[scenario.Ticks]--
		c.tick(&next)
		out(&next, Action{kind: tick}, "")
	}
}

// waits tells whether a pass waits for Twilio, which it does for less than a tick.
func (c *Checker) waits(s *State) bool {
	for i := range s.workers {
		if w := &s.workers[i]; w.pass != 0 && c.nodes.at(w.pass).call.kind == callTwilio {
			return true
		}
	}
	return false
}

func (c *Checker) tick(s *State) {
	s.tick++
	r := c.remotes.at(s.twilio).clone()
	r.fire(s.tick)
	s.twilio = c.remotes.add(r.key(), r)
}

func (c *Checker) expandUser(s *State, out emit) {
	if at := &s.objects[0]; at.there && s.left[scenario.Edits] > 0 {
		for k := range c.Scenario.Specs {
			c.change(s, 0, scenario.Edits, edit{at.now, editSpec, uint8(k)}, out)
		}
	}
	for k := range c.Scenario.Accounts {
		if s.left[scenario.Edits] > 0 && uint8(k) != s.account {
			next := *s
			next.left[scenario.Edits]--
			next.account = uint8(k)
			out(&next, Action{kind: editAccount, arg: uint8(k)}, "")
		}
	}
	for i := range s.objects {
		if at := &s.objects[i]; at.there {
			c.expandRemovals(s, i, c.digest(at.now), out)
		}
	}
	c.expandReapply(s, out)
}

// change edits an object.
func (c *Checker) change(s *State, i int, bound scenario.Kind, e edit, out emit) {
	next := *s
	next.left[bound]--
	version := c.edited(e)
	if version == e.version {
		return
	}
	next.wrote(i, version, c.Scenario.Lags)
	out(&next, Action{kind: e.kind, who: uint8(i), arg: e.arg}, "")
}

func (c *Checker) expandRemovals(s *State, i int, d *digest, out emit) {
	at := &s.objects[i]
	switch {
	case at.erasing:
		next := *s
		c.vanish(&next, i, erased)
		out(&next, Action{kind: eraseObject, who: uint8(i)}, "")
	case s.left[scenario.Deletes] == 0 || d.deleting:
	case d.held:
		c.change(s, i, scenario.Deletes, edit{at.now, deleteObject, 0}, out)
	default:
		next := *s
		next.left[scenario.Deletes]--
		if c.Scenario.Races {
			waits := next
			waits.objects[i].erasing = true
			out(&waits, Action{kind: knock, who: uint8(i)}, "")
		}
		c.vanish(&next, i, erased)
		out(&next, Action{kind: deleteObject, who: uint8(i)}, "")
	}
	if s.left[scenario.Strips] > 0 && !d.deleting && (d.held || d.annotated) {
		c.change(s, i, scenario.Strips, edit{at.now, stripAll, 0}, out)
		if d.annotated {
			c.change(s, i, scenario.Strips, edit{at.now, stripAnnotations, 0}, out)
		}
	}
}

// expandReapply creates the object again, once no cache has the old one.
func (c *Checker) expandReapply(s *State, out emit) {
	if s.objects[0].there || s.left[scenario.Reapplies] == 0 {
		return
	}
	for m := range managers {
		if w := &s.workers[m*objects]; w.cached != gone || w.pass != 0 {
			return
		}
	}
	next := *s
	next.left[scenario.Reapplies]--
	const again = 3
	next.objects[0] = object{now: c.object(0, again, &c.Scenario.Specs[0]), there: true}
	for m := range managers {
		next.workers[m*objects].cached = 0
	}
	out(&next, Action{kind: reapply}, "")
}

func (c *Checker) expandMeddles(s *State, out emit) {
	if s.left[scenario.Meddles] == 0 {
		return
	}
	n := len(c.remotes.at(s.twilio).convs)
	for _, kind := range c.Scenario.Meddles {
		for j := range max(n, 1) {
			if kind == scenario.Takes && j > 0 || kind != scenario.Takes && n == 0 {
				continue
			}
			next := *s
			next.left[scenario.Meddles]--
			if c.meddle(&next, kind, j) {
				out(&next, Action{kind: meddle, arg: uint8(kind), on: uint8(j)}, "")
			}
		}
	}
}
