// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package prove

import (
	"fmt"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

const (
	// calmRounds bounds how long it may take to come to rest, quietRounds how long nothing may change before that is rest.
	calmRounds, quietRounds = 40, 4
	// maxCalls bounds a pass in which nothing goes wrong.
	maxCalls = 40
)

// rests follows, from a state on, what happens if nothing goes wrong any more: it must end with what the spec says, and stay
// so. Requests on their way arrive at once, and, in another run, at the last moment.
func (c *Checker) rests(s *state, told *[]string) (end *state, wrong string) {
	for _, late := range []bool{false, true} {
		calm := *s
		if wrong := c.calm(&calm, late, told); wrong != "" {
			return &calm, wrong
		}
		if len(c.remotes.at(s.twilio).flight) == 0 {
			break
		}
	}
	return nil, ""
}

func (c *Checker) calm(s *state, late bool, told *[]string) string {
	s.left = Bounds{}
	quiet := 0
	for range calmRounds {
		before := *s
		if wrong := c.round(s, late, told); wrong != "" {
			return wrong
		}
		s.tidy()
		if before == *s {
			quiet++
			if quiet == quietRounds {
				return c.restsWell(s)
			}
		} else {
			quiet = 0
		}
		if wrong := c.pause(s, told); wrong != "" {
			return wrong
		}
	}
	return "it does not come to rest"
}

// round lets the caches see all, and each worker make a pass, and one that looks.
func (c *Checker) round(s *state, late bool, told *[]string) string {
	for i := range s.objects {
		if s.objects[i].there && s.objects[i].erasing {
			c.vanish(s, i, erased)
		}
	}
	for i := objects; i < len(s.workers); i++ {
		s.workers[i] = worker{cached: gone, written: unseen, read: unseen}
	}
	if !late {
		if wrong := c.landAll(s, told); wrong != "" {
			return wrong
		}
	}
	for i := range objects {
		if wrong := c.finish(s, i, told); wrong != "" {
			return wrong
		}
		if wrong := c.passes(s, i, told); wrong != "" {
			return wrong
		}
	}
	return ""
}

// passes lets a worker make each kind of pass, to its end.
func (c *Checker) passes(s *state, i int, told *[]string) string {
	for _, kind := range []actionKind{undo, start, look} {
		c.sees(s, i)
		before := *s
		wrong, ok := c.start(s, i, kind)
		if ok {
			c.note(told, &before, action{kind: kind, who: uint8(i)})
		}
		if wrong == "" && ok {
			wrong = c.finish(s, i, told)
		}
		if wrong != "" {
			return wrong
		}
	}
	return ""
}

// sees lets a worker's cache show what is.
func (c *Checker) sees(s *state, i int) {
	switch w, at := &s.workers[i], &s.objects[i]; {
	case w.cached == gone:
	case at.there:
		w.cached = 0
	default:
		c.notice(s, i)
	}
}

// finish answers the calls of a pass until it is over.
func (c *Checker) finish(s *state, i int, told *[]string) string {
	for range maxCalls {
		if s.workers[i].pass == 0 {
			return c.broken(s)
		}
		c.note(told, s, action{kind: reply, who: uint8(i)})
		if wrong := c.reply(s, i, done); wrong != "" {
			return wrong
		}
	}
	return "a pass does not end"
}

// note adds what is about to happen to what is told, if somebody wants to know.
func (c *Checker) note(told *[]string, s *state, a action) {
	if told != nil {
		*told = append(*told, c.tell(s, a))
	}
}

func (c *Checker) landAll(s *state, told *[]string) string {
	for len(c.remotes.at(s.twilio).flight) > 0 {
		c.note(told, s, action{kind: land})
		if wrong := c.land(s, 0); wrong != "" {
			return wrong
		}
	}
	return ""
}

// pause lets time pass. A request that would be too old then arrives before.
func (c *Checker) pause(s *state, told *[]string) string {
	for {
		r := c.remotes.at(s.twilio)
		j := -1
		for k, f := range r.flight {
			if s.tick+1-f.born >= settles {
				j = k
			}
		}
		if j < 0 {
			break
		}
		c.note(told, s, action{kind: land, arg: uint8(j)})
		if wrong := c.land(s, j); wrong != "" {
			return wrong
		}
	}
	c.note(told, s, action{kind: tick})
	c.tick(s)
	return c.broken(s)
}

// restsWell holds a state in which nothing changes any more against what the spec says.
func (c *Checker) restsWell(s *state) string {
	r := c.remotes.at(s.twilio)
	for i := range r.convs {
		owner := r.convs[i].owner
		if owner != 0 && s.fates[owner] == released && !c.recorded(s, &r.convs[i]) {
			return fmt.Sprintf("conversation %d is left behind", r.convs[i].sid)
		}
	}
	for i := range s.objects {
		if s.objects[i].there {
			if wrong := c.isAsItSays(s, i); wrong != "" {
				return wrong
			}
		}
	}
	return ""
}

// waitsForSomebody are the reasons with which an object may rest although Twilio is not as its spec says.
var waitsForSomebody = map[string]bool{
	v1alpha1.ReasonUniqueNameTaken: true, v1alpha1.ReasonAlreadyManaged: true, v1alpha1.ReasonConversationClosed: true,
	v1alpha1.ReasonConversationMissing: true, v1alpha1.ReasonAccountMismatch: true,
}

func (c *Checker) isAsItSays(s *state, i int) string {
	conv := c.versions.at(s.objects[i].now)
	d, account := c.digest(s.objects[i].now), &c.scenario.Accounts[s.account]
	found := c.remotes.at(s.twilio).bySID(d.sid)
	switch {
	case account.Claimed != "" && d.reason == v1alpha1.ReasonAccountNotReady:
		// Twilio named another account than the Secret does.
		return ""
	case d.reason == v1alpha1.ReasonRejected && len(conv.Spec.Validate()) > 0:
		return ""
	case d.reason == v1alpha1.ReasonUniqueNameTaken && d.sid == "" && conv.Spec.Adoption != nil:
		return conv.Name + " does not adopt what it may"
	case d.suspended, waitsForSomebody[d.reason], account.Reason != "" && (d.reason == account.Reason || d.deleting):
		return ""
	case d.deleting:
		return fmt.Sprintf("%s is not let go: %s", conv.Name, d.reason)
	case !d.held && d.sid != "":
		return conv.Name + " has no finalizer"
	case conv.Status.ObservedGeneration != conv.Generation:
		return conv.Name + " rests, and its spec was not looked at"
	case account.Halted || r(found) == string(twilio.StateInitializing):
		return ""
	case d.reason != v1alpha1.ReasonSynced && d.reason != v1alpha1.ReasonClosed:
		return fmt.Sprintf("%s rests as %q", conv.Name, d.reason)
	case found == nil:
		return fmt.Sprintf("%s is %s, and has no conversation", conv.Name, d.reason)
	case conv.Spec.ManagementPolicy != "" || found.state == twilio.StateClosed:
		return ""
	}
	f := plan.Facts{Object: conv.DeepCopy(), Generated: c.names[i], Observed: found.answer(s.tick)}
	if diff := plan.Compare(&f); len(diff.Edits) > 0 || len(diff.Drifts) > 0 {
		return fmt.Sprintf("%s is %s, and %v is not as it says", conv.Name, d.reason, plan.Fields(append(diff.Edits, diff.Drifts...)))
	}
	return ""
}

func r(found *conv) string {
	if found == nil {
		return ""
	}
	return string(found.state)
}
