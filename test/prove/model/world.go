// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package model

import (
	"context"
	"fmt"
	"time"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/walk"
	"github.com/conversations-operator/conversations-operator/test/prove/scenario"
)

// world is the world of one pass, up to the last answer. How the pass goes is written in package walk, for the manager too.
type world struct {
	*Checker
	root    root
	answers []answer
	at      int
	now     int8
	mem     memory
	// pass is the pass in this world, before the version of the object that the process has last read or written.
	pass     *walk.Pass
	before   *v1alpha1.Conversation
	row      string
	requests tally
	wrong    string
	again    bool
	fate     fate
}

// run makes the pass up to the last answer, and answers the next call.
func (w *world) run() (out call) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case suspended:
			out = r.call
		default:
			w.wrong = fmt.Sprintf("it panics: %v", r)
			out = call{kind: callEnd, row: w.row}
		}
		w.mem.marks = w.mem.marks || w.pass != nil && w.pass.Marked
	}()
	ctx := context.Background()
	w.begin()
	if w.mutant("progress") && !w.root.erased {
		w.progress(ctx)
	}
	w.conclude(w.pass.Run(ctx))
	return call{kind: callEnd, row: w.row}
}

// ask answers a call, or ends the run.
func (w *world) ask(c call) answer {
	c.row = w.row
	if w.at == len(w.answers) {
		panic(suspended{c})
	}
	a := w.answers[w.at]
	w.at++
	w.now = a.tick
	return a
}

func (w *world) begin() {
	w.before = w.versions.at(w.root.version)
	w.mem = w.memories.at(w.root.mem)
	w.now = w.root.tick
	start := walk.Start{Object: w.before, Generated: w.generated(), Look: w.root.look, Erased: w.root.erased, Shared: w.root.shared}
	if w.root.listed != 0 {
		start.Listed = w.seen(w.root.listed)
	}
	w.pass = walk.New(w, start)
	account := w.account().Account
	account.KeepsMarks = account.KeepsMarks || w.mem.marks
	if w.mem.contradicted == w.root.account+1 {
		account.Reason = v1alpha1.ReasonAccountNotReady
	}
	w.pass.Facts.Account = account
}

// conclude draws the conclusions of the process from the end of the pass.
func (w *world) conclude(out walk.Outcome) {
	if out.Released {
		w.release()
		return
	}
	if out.Err != nil && out.Step.Verb == "" {
		w.wrong = out.Err.Error()
	}
	next := out.Next()
	w.again = next.After > 0 || next.Retry != nil || w.root.erased
}

// release forgets an object whose finalizer was taken away.
func (w *world) release() {
	if w.root.erased {
		w.mem.erased, w.fate = 0, w.ending()
	} else {
		w.mem.released = uidOf(w.before)
	}
	w.mem.forget()
}

// ending is the end of an object without its finalizer.
func (w *world) ending() fate {
	if plan.DeletionPolicy(w.pass.Object) == v1alpha1.DeletionPolicyRetain {
		return retained
	}
	return released
}

func (w *world) account() *scenario.Account { return &w.Scenario.Accounts[w.root.account] }

func (w *world) generated() string { return w.names[w.root.object] }

// Clock implements [walk.World]: no two announcements of an object are of the same moment.
func (w *world) Clock() (here, there time.Time) {
	here = instant(w.now).Add(time.Duration(w.number()) * time.Millisecond)
	return here, here
}

// Decided implements [walk.World].
func (w *world) Decided(_ context.Context, step plan.Step) {
	w.reached(step.Row)
	w.row = step.Row
}

// Recall implements [walk.World].
func (w *world) Recall() walk.Memory {
	if w.mutant("journal") {
		return walk.Memory{}
	}
	return w.recall(&w.mem)
}

// Remember implements [walk.World].
func (w *world) Remember(change func(*walk.Memory)) {
	m := w.recall(&w.mem)
	change(&m)
	w.remember(&w.mem, &m)
}

// Claim implements [walk.World].
func (w *world) Claim(sid string) bool {
	if w.Scenario.Rival != nil && w.ask(call{kind: callClaim, sid: sid}).ref == 0 {
		return false
	}
	w.mem.claim = sid
	return true
}

// GiveUp implements [walk.World].
func (w *world) GiveUp(sid string) {
	if sid == "" || sid == w.mem.claim {
		w.mem.claim = ""
	}
}
