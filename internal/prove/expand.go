// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package prove

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
)

// action is one step of a story.
type action struct {
	kind actionKind
	// who: the worker, or the object.
	who uint8
	// arg is the choice: an outcome, a spec, a request, a meddle and its conversation.
	arg, on uint8
}

// emit gets a following state, the action, and the promise broken on the way.
type emit func(next *state, a action, wrong string)

// expand answers every state that may follow.
func (c *Checker) expand(s *state, out emit) {
	c.expandWorkers(s, out)
	c.expandRequests(s, out)
	c.expandUser(s, out)
	c.expandMeddles(s, out)
}

func (c *Checker) expandWorkers(s *state, out emit) {
	for i := range s.workers {
		w := &s.workers[i]
		if w.pass != 0 {
			n := c.nodes.at(w.pass)
			for _, o := range c.outcomes(s, n) {
				next := *s
				wrong := c.reply(&next, i, o)
				out(&next, action{kind: reply, who: uint8(i), arg: uint8(o)}, wrong)
			}
		} else if i < objects || s.left[Overlaps] > 0 {
			c.expandStarts(s, i, out)
		}
		at := &s.objects[i%objects]
		switch {
		case w.cached == gone:
			continue
		case !at.there && w.pass == 0:
			next := *s
			c.notice(&next, i)
			out(&next, action{kind: notice, who: uint8(i)}, "")
		case w.cached > 0 && at.there:
			next := *s
			next.workers[i].cached--
			out(&next, action{kind: catchUp, who: uint8(i)}, "")
		}
	}
	for m := range managers {
		if s.left[Kills] == 0 || m > 0 && c.scenario.Bounds[Overlaps] == 0 {
			continue
		}
		next := *s
		c.kill(&next, m)
		out(&next, action{kind: kill, who: uint8(m)}, "")
	}
}

func (c *Checker) expandStarts(s *state, i int, out emit) {
	for _, kind := range []actionKind{start, look, listed, undo} {
		if kind == listed && !c.scenario.Lists {
			continue
		}
		next := *s
		wrong, ok := c.start(&next, i, kind)
		if !ok {
			continue
		}
		if i >= objects {
			next.left[Overlaps]--
		}
		out(&next, action{kind: kind, who: uint8(i)}, wrong)
	}
}

func (c *Checker) expandRequests(s *state, out emit) {
	r := c.remotes.at(s.twilio)
	for j := range r.flight {
		next := *s
		wrong := c.land(&next, j)
		out(&next, action{kind: land, arg: uint8(j)}, wrong)
	}
	if s.left[Ticks] > 0 && !c.waits(s) {
		next := *s
		next.left[Ticks]--
		c.tick(&next)
		out(&next, action{kind: tick}, "")
	}
}

// waits tells whether a pass waits for Twilio, which it does for less than a tick.
func (c *Checker) waits(s *state) bool {
	for i := range s.workers {
		if w := &s.workers[i]; w.pass != 0 && c.nodes.at(w.pass).call.kind == callTwilio {
			return true
		}
	}
	return false
}

func (c *Checker) tick(s *state) {
	s.tick++
	r := c.remotes.at(s.twilio).clone()
	r.fire(s.tick)
	s.twilio = c.remotes.add(r.key(), r)
}

func (c *Checker) expandUser(s *state, out emit) {
	if at := &s.objects[0]; at.there && s.left[Edits] > 0 {
		for k := range c.scenario.Specs {
			c.change(s, 0, Edits, edit{at.now, editSpec, uint8(k)}, out)
		}
	}
	for k := range c.scenario.Accounts {
		if s.left[Edits] > 0 && uint8(k) != s.account {
			next := *s
			next.left[Edits]--
			next.account = uint8(k)
			out(&next, action{kind: editAccount, arg: uint8(k)}, "")
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
func (c *Checker) change(s *state, i int, bound Kind, e edit, out emit) {
	next := *s
	next.left[bound]--
	version := c.edited(e)
	if version == e.version {
		return
	}
	next.wrote(i, version, c.scenario.Lags)
	out(&next, action{kind: e.kind, who: uint8(i), arg: e.arg}, "")
}

func (c *Checker) expandRemovals(s *state, i int, d *digest, out emit) {
	at := &s.objects[i]
	switch {
	case at.erasing:
		next := *s
		c.vanish(&next, i, erased)
		out(&next, action{kind: eraseObject, who: uint8(i)}, "")
	case s.left[Deletes] == 0 || d.deleting:
	case d.held:
		c.change(s, i, Deletes, edit{at.now, deleteObject, 0}, out)
	default:
		next := *s
		next.left[Deletes]--
		if c.scenario.Races {
			waits := next
			waits.objects[i].erasing = true
			out(&waits, action{kind: knock, who: uint8(i)}, "")
		}
		c.vanish(&next, i, erased)
		out(&next, action{kind: deleteObject, who: uint8(i)}, "")
	}
	if s.left[Strips] > 0 && !d.deleting && (d.held || d.annotated) {
		c.change(s, i, Strips, edit{at.now, stripAll, 0}, out)
		if d.annotated {
			c.change(s, i, Strips, edit{at.now, stripAnnotations, 0}, out)
		}
	}
}

// expandReapply creates the object again, once no cache has the old one.
func (c *Checker) expandReapply(s *state, out emit) {
	if s.objects[0].there || s.left[Reapplies] == 0 {
		return
	}
	for m := range managers {
		if w := &s.workers[m*objects]; w.cached != gone || w.pass != 0 {
			return
		}
	}
	next := *s
	next.left[Reapplies]--
	const again = 3
	next.objects[0] = object{now: c.object(0, again, &c.scenario.Specs[0]), there: true}
	for m := range managers {
		next.workers[m*objects].cached = 0
	}
	out(&next, action{kind: reapply}, "")
}

func (c *Checker) expandMeddles(s *state, out emit) {
	if s.left[Meddles] == 0 {
		return
	}
	n := len(c.remotes.at(s.twilio).convs)
	for _, kind := range c.scenario.Meddles {
		for j := range max(n, 1) {
			if kind == Takes && j > 0 || kind != Takes && n == 0 {
				continue
			}
			next := *s
			next.left[Meddles]--
			if c.meddle(&next, kind, j) {
				out(&next, action{kind: meddle, arg: uint8(kind), on: uint8(j)}, "")
			}
		}
	}
}
