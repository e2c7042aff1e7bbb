// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package model

import (
	"slices"

	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/test/prove/scenario"
)

// outcome of one call of a pass.
type outcome uint8

const (
	// done: the call takes effect and is answered.
	done outcome = iota
	// unheard: the call takes no effect, and no answer comes.
	unheard
	// underway: no answer comes, and the call takes effect later, or never.
	underway
	// unanswered: the call takes effect, and no answer comes. For Twilio, underway is more.
	unanswered
	// slowedDown is 429, rejected 401.
	slowedDown
	rejected
	// contradicted: the call takes effect, and the answer is 409 or 400.
	contradicted
	refused
	// interrupted: the process dies while the request is on its way.
	interrupted
	// conflicting: another writer wrote the object.
	conflicting
)

var outcomeNames = []string{
	"", ": no answer, no effect", ": no answer, and the request is on its way", ": it takes effect, and there is no answer", ": 429", ": 401",
	": it takes effect, and is answered 409, the name exists", ": it takes effect, and is answered 400",
	": the process is killed while the request is on its way", ": conflict",
}

// effect of a request.
type effect struct {
	remote, request uint32
	tick            int8
}

// consequence of an effect.
type consequence struct {
	remote  uint32
	seen    uint32
	problem problem
	wrong   string
}

// carryOut lets a request take effect.
func (c *Checker) carryOut(e effect) *consequence {
	if id := c.effects.find(e); id != 0 {
		return c.effects.at(id)
	}
	r := c.remotes.at(e.remote).clone()
	found, p, wrong := r.carryOut(c.requestsOf.at(e.request), e.tick)
	out := &consequence{problem: p, wrong: wrong}
	if found != nil {
		s := sight{*found, e.tick}
		out.seen = c.seenConvs.add(s, found.answer(e.tick))
	}
	out.remote = c.remotes.add(r.key(), r)
	return c.effects.at(c.effects.add(e, out))
}

// outcomes of a call.
func (c *Checker) outcomes(s *State, n *node) []outcome {
	out := []outcome{done}
	faulty, mortal := s.left[scenario.Faults] > 0, s.left[scenario.Kills] > 0
	switch n.call.kind {
	case callTwilio:
		verb := c.requestsOf.at(n.call.request).verb
		writes := verb == plan.Create || verb == plan.Update || verb == plan.Delete
		if faulty {
			out = append(out, unheard, slowedDown, rejected)
			if writes {
				out = append(out, underway, refused)
			}
			if verb == plan.Create {
				out = append(out, contradicted)
			}
		}
		if mortal && writes {
			out = append(out, interrupted)
		}
	case callPatch, callStatus, callRelease:
		if faulty {
			out = append(out, unheard, unanswered, conflicting)
		}
	}
	return out
}

// reply gives the call of a worker's pass an outcome, and the pass goes on. wrong is the promise broken by this.
func (c *Checker) reply(s *State, i int, o outcome) (wrong string) {
	w := &s.workers[i]
	n := c.nodes.at(w.pass)
	a := answer{tick: s.tick}
	if o != done && o != interrupted {
		s.left[scenario.Faults]--
	}
	switch n.call.kind {
	case callTwilio:
		wrong = c.replyTwilio(s, n, o, &a)
	case callPatch, callStatus, callRelease:
		wrong = c.replyWrite(s, i, n, o, &a)
	case callReread:
		if at := &s.objects[i%objects]; at.there {
			a.ref, w.read = at.now, 0
		} else {
			a.problem = kubeGone
		}
	case callRival:
		if at := &s.objects[1-i%objects]; at.there {
			a.ref = at.now
		}
	case callClaim:
		if c.memory(&s.workers[i^1]).claim != n.call.sid {
			a.ref = 1
		}
	}
	if o == interrupted {
		c.kill(s, i/objects)
		return wrong
	}
	return c.goOn(s, i, c.next(w.pass, a), wrong)
}

// goOn puts a worker's pass where it has come to.
func (c *Checker) goOn(s *State, i int, pass uint32, wrong string) string {
	w := &s.workers[i]
	n := c.nodes.at(pass)
	w.pass = pass
	if n.call.kind == callEnd {
		w.pass, w.mem = 0, c.memories.add(n.mem, n.mem)
		if n.fate != stays {
			s.fates[c.digest(n.root.version).uid] = n.fate
		}
	}
	if wrong == "" {
		wrong = n.wrong
	}
	return wrong
}

// memory is what a worker remembers now.
func (c *Checker) memory(w *worker) memory {
	if w.pass != 0 {
		return c.nodes.at(w.pass).mem
	}
	return c.memories.at(w.mem)
}

func (c *Checker) replyTwilio(s *State, n *node, o outcome, a *answer) (wrong string) {
	switch o {
	case underway, interrupted:
		a.problem = lost
		r := c.remotes.at(s.twilio).clone()
		r.flight = append(r.flight, flight{n.call.request, s.tick})
		slices.SortFunc(r.flight, func(a, b flight) int { return int(a.request) - int(b.request) })
		s.twilio = c.remotes.add(r.key(), r)
		return ""
	case unheard:
		a.problem = lost
		return ""
	case slowedDown:
		a.problem = throttled
		return ""
	case rejected:
		a.problem = denied
		return ""
	}
	e := c.carryOut(effect{s.twilio, n.call.request, s.tick})
	s.twilio, a.problem, a.ref = e.remote, e.problem, e.seen
	switch o {
	case contradicted:
		a.problem, a.ref = exists, 0
	case refused:
		a.problem, a.ref = invalid, 0
	}
	return e.wrong
}

func (c *Checker) replyWrite(s *State, i int, n *node, o outcome, a *answer) (wrong string) {
	w, at := &s.workers[i], &s.objects[i%objects]
	next := c.digest(n.call.version)
	switch {
	case !at.there || c.digest(at.now).uid != next.uid:
		a.problem = kubeGone
		return ""
	case o == unheard:
		a.problem = kubeLost
		return ""
	case w.read != 0 || o == conflicting:
		a.problem = kubeConflict
		return ""
	}
	if n.call.kind == callStatus {
		wrong = c.untrue(s, at.now, n.call.version)
	}
	s.wrote(i%objects, n.call.version, c.Scenario.Lags)
	w.read, w.written = 0, 0
	if o == unanswered {
		a.problem, w.written = kubeLost, unseen
	}
	if next.deleting && !next.held {
		c.vanish(s, i%objects, n.call.fate)
	}
	return wrong
}

// land lets a request that is on its way take effect.
func (c *Checker) land(s *State, j int) (wrong string) {
	r := c.remotes.at(s.twilio).clone()
	f := r.flight[j]
	r.flight = slices.Delete(r.flight, j, j+1)
	e := c.carryOut(effect{c.remotes.add(r.key(), r), f.request, s.tick})
	s.twilio = e.remote
	return e.wrong
}

// kill ends a process: another process begins, without memory and with a new cache.
func (c *Checker) kill(s *State, manager int) {
	s.left[scenario.Kills]--
	for o := range objects {
		w := &s.workers[manager*objects+o]
		*w = worker{written: unseen, read: unseen, cached: gone}
		if s.objects[o].there {
			w.cached = 0
		}
	}
}

// bySID is the conversation of a sid; nil: there is none, or none any more.
func (r *remote) bySID(sid string) *conv {
	for i := range r.convs {
		if scenario.SIDOf(r.convs[i].sid) == sid && !r.convs[i].leaving {
			return &r.convs[i]
		}
	}
	return nil
}
