// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package prove

import (
	"fmt"
	"slices"
	"strings"

	"github.com/conversations-operator/conversations-operator/internal/plan"
)

const (
	// calmly is the step after which nothing goes wrong any more.
	calmly actionKind = 254 + iota
	// forever: what comes from here on comes again and again.
	forever
)

// passage is a state and the next action.
type passage struct {
	state
	action
}

// passages are the whole way from the first state.
func (x *exploration) passages(last way) []passage {
	var out []passage
	at, a := last.from, last.action
	for calm := last.calm; ; {
		store := &x.reached
		if calm {
			store = &x.calm.reachedStates
		}
		s, from, how := store.at(at)
		if !calm && s == x.begun {
			out = append(out, passage{s, a})
			break
		}
		out = append(out, passage{s, a})
		at, a, calm = from, how, calm && how.kind != calmly
	}
	slices.Reverse(out)
	return out
}

// story tells how a promise is broken.
func (x *exploration) story(last way) *Story {
	out := &Story{Scenario: x.scenario.Name, Broken: x.broken, Theirs: x.scenario.Theirs, Lags: x.scenario.Lags, Rival: x.scenario.Rival}
	out.Spec = x.scenario.Specs[0]
	for _, p := range x.passages(last) {
		out.Steps = append(out.Steps, x.tellStep(&p.state, p.action))
	}
	for i := range x.round[:max(0, len(x.round)-1)] {
		s := &x.round[i]
		x.expandCalm(s, func(next *state, a action, _ label, _ string) {
			if next.tidy(); *next == x.round[i+1] && len(out.Round) == i {
				out.Round = append(out.Round, x.tellStep(s, a))
			}
		})
	}
	return out
}

// tell says an action in words.
func (c *Checker) tell(s *state, a action) string {
	manager := fmt.Sprintf("manager %d", int(a.who)/objects+1)
	name := objectNames[int(a.who)%objects]
	switch a.kind {
	case start, look, listed, undo:
		why := map[actionKind]string{start: "", look: " to look at Twilio", listed: " with what a list shows", undo: ", after it was erased,"}[a.kind]
		w := &s.workers[a.who]
		behind := ""
		if w.cached > 0 && w.cached < unseen {
			behind = fmt.Sprintf(" as it was %d versions before", w.cached)
		}
		return fmt.Sprintf("%s begins a pass over %s%s%s", manager, name, why, behind)
	case reply:
		n := c.nodes.at(s.workers[a.who].pass)
		return fmt.Sprintf("%s, %s: %s%s (%s)", manager, name, c.say(&n.call), outcomeNames[a.arg], n.call.row)
	case catchUp:
		return fmt.Sprintf("the cache of %s shows a later version of %s", manager, name)
	case notice:
		return fmt.Sprintf("%s sees that %s is gone", manager, name)
	case land:
		q := c.requestsOf.at(c.remotes.at(s.twilio).flight[a.arg].request)
		return fmt.Sprintf("the %s that was on its way takes effect", q.verb)
	case tick:
		return "20 seconds pass"
	case kill:
		return fmt.Sprintf("manager %d is killed and starts again", a.who+1)
	case meddle:
		if Meddle(a.arg) == Takes {
			return "somebody creates a conversation with the unique name at Twilio"
		}
		return fmt.Sprintf("somebody %s conversation %d at Twilio", meddleNames[a.arg], c.remotes.at(s.twilio).convs[a.on].sid)
	}
	return c.tellUser(a, name)
}

// tellUser says an action of the user in words.
func (c *Checker) tellUser(a action, name string) string {
	switch a.kind {
	case editSpec:
		return fmt.Sprintf("the user edits %s to spec %d", name, a.arg)
	case editAccount:
		return fmt.Sprintf("the account becomes number %d", a.arg)
	case deleteObject:
		return "the user deletes " + name
	case knock:
		return fmt.Sprintf("the user deletes %s: Kubernetes has seen no finalizer, and is not done", name)
	case eraseObject:
		return fmt.Sprintf("Kubernetes removes %s without looking again", name)
	case stripAll:
		return fmt.Sprintf("the user replaces %s by its manifest", name)
	case stripAnnotations:
		return "somebody takes the annotations off " + name
	case reapply:
		return fmt.Sprintf("the user creates %s again", name)
	case calmly:
		return "nothing goes wrong any more"
	case forever:
		return "and so on, for ever"
	}
	return fmt.Sprint(a)
}

// say names a call.
func (c *Checker) say(n *call) string {
	switch n.kind {
	case callTwilio:
		q := c.requestsOf.at(n.request)
		return fmt.Sprintf("%s %s at Twilio", q.verb, shortName(q.target))
	case callPatch:
		return "write the metadata"
	case callStatus:
		d := c.digest(n.version)
		return fmt.Sprintf("write the status %s %s", d.reason, shortName(d.sid))
	case callRelease:
		return "take the finalizer away"
	case callReread:
		return "read the object again"
	case callRival:
		return "look for another object"
	case callClaim:
		return "claim the conversation"
	}
	return "end"
}

// shortName is a short form of a sid or a name.
func shortName(target string) string {
	switch {
	case strings.HasPrefix(target, "CH0"):
		return "conversation " + strings.TrimLeft(target[2:], "0")
	case strings.HasPrefix(target, plan.GeneratedPrefix):
		return "the generated name"
	}
	return target
}
