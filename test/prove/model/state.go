// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package model

import "github.com/conversations-operator/conversations-operator/test/prove/scenario"

// fate of an object.
type fate uint8

const (
	// stays: the object exists, or never did.
	stays fate = iota
	// released: the operator let the object go without a conversation; retained: with its conversation.
	released
	retained
	// erased: Kubernetes removed the object, and did not ask the operator.
	erased
)

const (
	objects  = 2
	managers = 2
	// unseen is how far behind a version is that is not kept any more.
	unseen = 3
	// gone marks a cache without the object.
	gone = 4
	// uids is more than there are objects in a story: the first, its rival, and the first created again.
	uids = 4
)

// object is one at the API server: its last versions.
type object struct {
	now, last, before uint32
	there             bool
	// erasing: Kubernetes has looked for finalizers, found none, and is about to delete the object.
	erasing bool
}

// version returns the version of the object that lies so many versions back; 0: the newest.
func (o *object) version(behind int8) uint32 { return [...]uint32{o.now, o.last, o.before}[behind] }

// worker is the pass of one process over one object, and the process' memory of the object.
type worker struct {
	pass, mem uint32
	// cached is how far behind the cache is, written how far the last own write, read what the pass began with.
	cached, written, read int8
}

// State of the model. All parts are numbers: two states are the same if their numbers are equal.
type State struct {
	objects [objects]object
	workers [managers * objects]worker
	twilio  uint32
	account uint8
	tick    int8
	left    scenario.Bounds
	fates   [uids]fate
}

// Rest is the part of a state that decides whether the state is as the specs say once all rests: states of equal rest are as good.
type Rest struct {
	objects [objects]object
	twilio  uint32
	account uint8
	fates   [uids]fate
}

// Rest is that part of the state.
func (s *State) Rest() Rest { return Rest{s.objects, s.twilio, s.account, s.fates} }

// wrote gives an object its next version. Each reader of the version before is now a version further behind.
func (s *State) wrote(object int, next uint32, lags bool) {
	o := &s.objects[object]
	if next == o.now {
		return
	}
	o.now, o.last, o.before = next, o.now, o.last
	for m := range managers {
		w := &s.workers[m*objects+object]
		for _, behind := range []*int8{&w.written, &w.read} {
			*behind = min(*behind+1, unseen)
		}
		switch {
		case w.cached == gone:
		case lags:
			w.cached = min(w.cached+1, unseen-1)
		default:
			w.cached = 0
		}
	}
}

// tidy drops the parts of a state without effect, so that fewer states differ.
func (s *State) tidy() {
	for i := range s.workers {
		w := &s.workers[i]
		if w.pass == 0 {
			w.read = unseen
		}
		if w.cached <= w.written {
			w.written = unseen
		}
		if i >= objects && s.left[scenario.Overlaps] == 0 && w.pass == 0 {
			*w = worker{cached: gone, written: unseen, read: unseen}
		}
	}
	for i := range s.objects {
		o := &s.objects[i]
		keep := int8(0)
		for m := range managers {
			if w := &s.workers[m*objects+i]; w.cached < unseen {
				keep = max(keep, w.cached)
			}
		}
		if keep < 2 {
			o.before = 0
		}
		if keep < 1 {
			o.last = 0
		}
	}
}
