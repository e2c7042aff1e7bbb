// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator

import "time"

// shelf is what the lists of one kind of resource show. Changes come to it in order, each with the lag of lists.
type shelf[T any] struct {
	shown   map[string]*T
	pending []shelved[T]
}

// shelved is the version that lists show from due on. v is nil for what was deleted.
type shelved[T any] struct {
	due time.Time
	sid string
	v   *T
}

func (f *shelf[T]) put(sid string, v *T, due time.Time) {
	f.pending = append(f.pending, shelved[T]{due: due, sid: sid, v: v})
}

// at returns what lists show at a time, by SID.
func (f *shelf[T]) at(now time.Time) map[string]*T {
	for len(f.pending) > 0 && !f.pending[0].due.After(now) {
		f.shift()
	}
	return f.shown
}

// flush shows all pending changes at once.
func (f *shelf[T]) flush() {
	for len(f.pending) > 0 {
		f.shift()
	}
}

func (f *shelf[T]) shift() {
	change := f.pending[0]
	f.pending = f.pending[1:]
	if f.shown == nil {
		f.shown = map[string]*T{}
	}
	if f.shown[change.sid] = change.v; change.v == nil {
		delete(f.shown, change.sid)
	}
}
