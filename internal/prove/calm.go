// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package prove

import (
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// class groups the steps of a calm run for which fairness is asked. A worker has one class for each kind of pass, for answers and
// for its cache.
type class uint8

const (
	classStart class = iota
	classLook
	classUndo
	classReply
	classSee
	classesOfWorker
)

const (
	classLand class = managers*objects*classesOfWorker + iota
	classTick
	classErase
)

func classOf(worker int, c class) class { return class(worker)*classesOfWorker + c }

// classes is a set of classes.
type classes uint32

func (c class) set() classes { return 1 << c }

// looks are the passes that ask Twilio without need, as a drift check does. Users may switch drift checks off.
func looks() (out classes) {
	for i := range managers * objects {
		out |= classOf(i, classLook).set()
	}
	return out
}

// fair are the steps that every run takes again and again as long as they are possible again and again. A request on its way may
// be lost: so nobody relies on its arrival.
func fair() classes { return 1<<(classErase+1) - 1&^classLand.set() }

// label of a step: its class, and what the step does.
type label uint8

const (
	// writes: the step writes, asks: the step reads from Twilio or the API server without need.
	writes label = 1 << 7
	asks   label = 1 << 6
	// due: the step is to come soon, and is not possible yet.
	due label = 1 << 5
)

func (l label) class() class { return class(l &^ (writes | asks | due)) }

// calmed is the state in which users, Twilio's guests and the network do no more harm. States that differ only in what may still
// happen become one; the parts behind the known exceptions stay.
func (c *Checker) calmed(s *state) state {
	calm := *s
	happened := c.happened(s)
	var kept Bounds
	if c.scenario.Bounds[Strips] > 0 {
		kept[Kills], kept[Strips] = 1, 1
	}
	if c.scenario.Races {
		kept[Kills] = 1
	}
	if len(c.scenario.Accounts) > 1 {
		kept[Kills], kept[Faults], kept[Edits] = 1, 1, 2
	}
	for k := range happened {
		calm.left[k] = c.scenario.Bounds[k] - min(happened[k], kept[k])
	}
	calm.left[Overlaps] = 0
	// The second manager was there by mistake, and is no more.
	for i := objects; i < len(calm.workers); i++ {
		calm.workers[i].pass = 0
	}
	calm.tidy()
	return calm
}

// emitCalm gets a following state, the action and its label, and the promise broken on the way.
type emitCalm func(next *state, a action, l label, wrong string)

// expandCalm answers each state that may follow without a fault. Managers do their work in time: the clock goes on,
// and drift checks come, when no manager has work left.
func (c *Checker) expandCalm(s *state, out emitCalm) {
	for i := range s.workers {
		c.expandCalmPass(s, i, out)
		c.expandCalmCache(s, i, out)
	}
	for i := range s.objects {
		if at := &s.objects[i]; at.there && at.erasing {
			next := *s
			c.vanish(&next, i, erased)
			out(&next, action{kind: eraseObject, who: uint8(i)}, label(classErase), "")
		}
	}
	for j := range c.remotes.at(s.twilio).flight {
		next := *s
		wrong := c.land(&next, j)
		out(&next, action{kind: land, arg: uint8(j)}, label(classLand), wrong)
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
		out(&next, action{kind: tick}, label(classTick), "")
	case young:
		out(&next, action{kind: tick}, label(classTick)|due, "")
	}
}

// expandCalmPass begins a pass, or answers its call.
func (c *Checker) expandCalmPass(s *state, i int, out emitCalm) {
	if pass := s.workers[i].pass; pass != 0 {
		next := *s
		wrong := c.reply(&next, i, done)
		l := label(classOf(i, classReply)) | c.effort(s, &next, c.nodes.at(pass))
		out(&next, action{kind: reply, who: uint8(i), arg: uint8(done)}, l, wrong)
		return
	}
	for _, kind := range []actionKind{start, undo} {
		next := *s
		if wrong, ok := c.start(&next, i, kind); ok {
			out(&next, action{kind: kind, who: uint8(i)}, label(classOf(i, startClasses[kind])), wrong)
		}
	}
}

// startClasses are the classes of the passes.
var startClasses = [...]class{start: classStart, look: classLook, listed: classLook, undo: classUndo}

func (c *Checker) expandCalmLooks(s *state, i int, out emitCalm) {
	for _, kind := range []actionKind{look, listed} {
		next := *s
		if kind == listed && !c.scenario.Lists {
			continue
		}
		if wrong, ok := c.start(&next, i, kind); ok {
			out(&next, action{kind: kind, who: uint8(i)}, label(classOf(i, classLook)), wrong)
		}
	}
}

func (c *Checker) expandCalmCache(s *state, i int, out emitCalm) {
	w, at := &s.workers[i], &s.objects[i%objects]
	next := *s
	switch {
	case w.cached == gone || w.pass != 0:
		// A pass does not look at the cache once it has begun.
	case !at.there:
		c.notice(&next, i)
		out(&next, action{kind: notice, who: uint8(i)}, label(classOf(i, classSee)), "")
	case w.cached > 0:
		next.workers[i].cached--
		out(&next, action{kind: catchUp, who: uint8(i)}, label(classOf(i, classSee)), "")
	}
}

// maxCalls bounds a pass in which nothing goes wrong.
const maxCalls = 40

// settled tells whether no manager has work left: each pass would come to its end, and change nothing.
func (c *Checker) settled(s *state) bool {
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
func (c *Checker) changes(s *state, manager int, kind actionKind) bool {
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
func (c *Checker) effort(s, next *state, n *node) label {
	switch k := n.call.kind; {
	case k == callPatch, k == callStatus, k == callRelease, next.twilio != s.twilio:
		return writes
	case k == callClaim, n.root.look, c.waitsFor(s, int(n.root.object)):
		return 0
	}
	return asks
}

// waitsFor tells whether an object waits for its user, for its account, or for Twilio to set a conversation up.
func (c *Checker) waitsFor(s *state, i int) bool {
	d := c.digest(s.objects[i].now)
	found := c.remotes.at(s.twilio).bySID(d.sid)
	return waitsForSomebody[d.reason] || c.scenario.Accounts[s.account].Halted || found != nil && found.state == twilio.StateInitializing
}

// young tells whether time still decides about something: a timer runs, or what was announced or sent may still take effect. Later,
// the time may go on without a change, and the graph of the calm states needs no more ticks.
func (c *Checker) young(s *state) bool {
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
