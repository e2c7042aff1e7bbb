// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package model

import (
	"fmt"
	"strings"

	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/test/prove/scenario"
)

// meddleNames are what other people do, before the conversation to which they do it.
var meddleNames = []string{"deletes", "closes", "renames", "takes the unique name from", "creates",
	"makes inactive", "writes a message in", "is still setting up"}

// inWords says an action in words.
func (c *Checker) inWords(s *State, a Action) string {
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
		if scenario.Meddle(a.arg) == scenario.Takes {
			return "somebody creates a conversation with the unique name at Twilio"
		}
		return fmt.Sprintf("somebody %s conversation %d at Twilio", meddleNames[a.arg], c.remotes.at(s.twilio).convs[a.on].sid)
	}
	return c.userInWords(a, name)
}

// userInWords says an action of the user in words.
func (c *Checker) userInWords(a Action, name string) string {
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

// Names of the kinds of steps in stories.
var doNames = map[actionKind]string{
	start: "start", look: "look", listed: "listed", undo: "undo", reply: "reply", catchUp: "catchUp", notice: "notice", land: "land",
	tick: "tick", kill: "kill", meddle: "meddle", editSpec: "edit", editAccount: "account", deleteObject: "delete", knock: "knock",
	eraseObject: "erase", stripAll: "replace", stripAnnotations: "stripAnnotations", reapply: "reapply", calmly: "calm", forever: "forever",
}

var outcomeKeys = [...]string{
	done: "", unheard: "unheard", underway: "underway", unanswered: "unanswered", slowedDown: "throttled", rejected: "unauthorized",
	contradicted: "exists", refused: "refused", interrupted: "interrupted", conflicting: "conflict",
}

var callNames = map[callKind]string{
	callPatch: "patch", callStatus: "status", callRelease: "release", callReread: "reread", callRival: "rival", callClaim: "claim",
}

var meddleKeys = [...]string{
	scenario.Removes: "removes", scenario.Closes: "closes", scenario.Renames: "renames", scenario.Unnames: "unnames",
	scenario.Takes: "takes", scenario.Idles: "idles", scenario.Messages: "messages", scenario.Initializes: "initializes",
}

// Tell is an action in a state, as data.
func (c *Checker) Tell(s *State, a Action) scenario.StoryStep {
	out := scenario.StoryStep{Text: c.inWords(s, a), Do: doNames[a.kind], Object: objectNames[int(a.who)%objects]}
	switch a.kind {
	case start, look, listed, undo, catchUp, notice:
		out.Manager = int(a.who)/objects + 1
	case reply:
		out.Manager, out.Outcome = int(a.who)/objects+1, outcomeKeys[a.arg]
		n := c.nodes.at(s.workers[a.who].pass)
		if out.Call = callNames[n.call.kind]; n.call.kind == callTwilio {
			out.Call = string(c.requestsOf.at(n.call.request).verb)
		}
	case kill:
		out.Manager, out.Object = int(a.who)+1, ""
	case editSpec:
		out.Spec = &c.Scenario.Specs[a.arg]
	case meddle:
		out.Object, out.Meddle = "", meddleKeys[a.arg]
		if scenario.Meddle(a.arg) != scenario.Takes {
			out.Conversation = int(c.remotes.at(s.twilio).convs[a.on].sid)
		}
	case land:
		out.Object, out.Request = "", int(a.arg)
	case tick, editAccount, calmly, forever:
		out.Object = ""
	}
	return out
}
