// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package model

import (
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
	"github.com/conversations-operator/conversations-operator/test/prove/scenario"
)

// edit makes the next version of an object.
type edit struct {
	version uint32
	kind    actionKind
	arg     uint8
}

// edited is the version after an edit; the same version after an edit without effect.
func (c *Checker) edited(e edit) uint32 {
	if id := c.edits.find(e); id != 0 {
		return c.edits.at(id)
	}
	conv := c.versions.at(e.version).DeepCopy()
	switch e.kind {
	case editSpec:
		conv.Spec = *c.Scenario.Specs[e.arg].DeepCopy()
		conv.Generation++
	case deleteObject:
		conv.DeletionTimestamp = new(metav1.NewTime(noon))
		conv.Generation++
	case stripAll:
		conv.Finalizers, conv.Annotations = nil, nil
	case stripAnnotations:
		conv.Annotations = nil
	}
	return c.edits.at(c.edits.add(e, c.keep(conv)))
}

// vanish removes an object from the API server.
func (c *Checker) vanish(s *State, i int, f fate) {
	at := &s.objects[i]
	at.there, at.erasing = false, false
	if d := c.digest(at.now); f == erased && !d.needs {
		f = released
	}
	s.fates[c.digest(at.now).uid] = f
	for m := range managers {
		s.workers[m*objects+i].read = unseen
	}
}

// notice tells a process of the end of an object.
func (c *Checker) notice(s *State, i int) {
	w, at := &s.workers[i], &s.objects[i%objects]
	mem := c.memories.at(w.mem)
	w.cached = gone
	mem.released = 0
	version := c.restored(at.now, &mem)
	d := c.digest(version)
	switch {
	case d.deleting || d.suspended || !d.needs || c.mutant("erased"):
		mem.forget()
	default:
		mem.erased = c.erasedVersion(version)
	}
	w.mem = c.memories.add(mem, mem)
}

// restored is the object with its announcements in its annotations, as far as the process remembers them.
func (c *Checker) restored(version uint32, mem *memory) uint32 {
	conv, known := c.versions.at(version).DeepCopy(), c.recall(mem)
	known.Restore(conv)
	return c.keep(conv)
}

// erasedVersion is the object under deletion.
func (c *Checker) erasedVersion(version uint32) uint32 {
	conv := c.versions.at(version).DeepCopy()
	conv.DeletionTimestamp = new(metav1.NewTime(noon))
	conv.Finalizers = []string{v1alpha1.Finalizer}
	return c.keep(conv)
}

// start begins a pass; false: no version to begin with.
func (c *Checker) start(s *State, i int, kind actionKind) (wrong string, ok bool) {
	w, at := &s.workers[i], &s.objects[i%objects]
	mem := c.memories.at(w.mem)
	r := root{mem: w.mem, tick: s.tick, account: s.account, object: uint8(i % objects)}
	switch {
	case kind == undo:
		if mem.erased == 0 {
			return "", false
		}
		r.version, r.erased = mem.erased, true
		w.read = unseen
		return c.goOn(s, i, c.begin(r), ""), true
	case w.cached >= unseen || w.cached > w.written:
		return "", false
	}
	r.version = at.version(w.cached)
	d := c.digest(r.version)
	if mem.released == d.uid && d.held {
		return "", false
	}
	switch kind {
	case look:
		if d.sid == "" {
			return "", false
		}
		r.look, r.shared = true, c.doubled(s)
	case listed:
		found := c.remotes.at(s.twilio).bySID(d.sid)
		if found == nil {
			return "", false
		}
		r.listed = c.seenConvs.add(sight{*found, s.tick}, found.answer(s.tick))
	}
	w.read = w.cached
	return c.goOn(s, i, c.begin(r), ""), true
}

// meddle changes a conversation as other people do; false: no change.
func (c *Checker) meddle(s *State, kind scenario.Meddle, j int) bool {
	r := c.remotes.at(s.twilio).clone()
	if kind == scenario.Takes {
		return c.takes(s, r)
	}
	found := &r.convs[j]
	if found.leaving {
		return false
	}
	if found.owner != 0 && !c.recorded(s, found) {
		return false
	}
	was := *found
	switch kind {
	case scenario.Removes:
		r.convs = slices.Delete(r.convs, j, j+1)
		s.twilio = c.remotes.add(r.key(), r)
		return true
	case scenario.Closes:
		found.state = twilio.StateClosed
	case scenario.Renames:
		found.friendly = "Meddled"
	case scenario.Unnames:
		found.name = ""
	case scenario.Idles:
		if found.state == twilio.StateActive {
			found.state = twilio.StateInactive
		}
	case scenario.Messages:
		if found.state == twilio.StateInactive {
			found.state = twilio.StateActive
		}
	case scenario.Initializes:
		found.state = twilio.StateInitializing
	}
	found.settle()
	if *found == was {
		return false
	}
	found.updated = s.tick
	s.twilio = c.remotes.add(r.key(), r)
	return true
}

// recorded tells whether an object's record has the conversation. No object can know of a change before its record.
func (c *Checker) recorded(s *State, found *conv) bool {
	for i := range s.objects {
		if at := &s.objects[i]; at.there && c.digest(at.now).manages(found) {
			return true
		}
	}
	return false
}

// takes creates a conversation of other people under the object's name.
func (c *Checker) takes(s *State, r *remote) bool {
	a := c.Scenario.Accounts[s.account]
	for k := range c.Scenario.Specs {
		name := c.Scenario.Specs[k].UniqueName
		if name == "" || r.find(&request{account: a}, name) >= 0 {
			continue
		}
		r.made++
		r.convs = append(r.convs, conv{
			sid: r.made, account: a.Actual, service: a.DefaultService, name: name, friendly: "Theirs", attributes: "{}",
			state: twilio.StateActive, created: s.tick, updated: s.tick, idles: never, closes: never,
		})
		s.twilio = c.remotes.add(r.key(), r)
		return true
	}
	return false
}
