// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package prove

import (
	"errors"
	"fmt"
	"time"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
)

// maxSteps bounds a pass, as in the controller.
const maxSteps = 10

// The errors of a pass.
var (
	errKube      = errors.New("the API server did not answer")
	errConflict  = errors.New("somebody wrote the object")
	errGone      = errors.New("the object is gone")
	errClaimed   = errors.New("another object is taking the conversation")
	errContested = errors.New("another object is adopting the conversation")
	errSlow      = errors.New("the API server is slow")
	errLost      = errors.New("no answer")
	errThrottled = errors.New("429")
	errDenied    = errors.New("401")
	errInvalid   = errors.New("400")
	errMissing   = errors.New("404")
	errTaken     = errors.New("409")
	errEndless   = errors.New("the pass does not come to its end")
)

// walk is one pass of the controller over one object, up to the last answer. Its functions do the same as those of these names
// in internal/controller do.
type walk struct {
	*Checker
	root    root
	answers []answer
	at      int
	now     int8
	mem     memory

	facts plan.Facts
	// conv is the object with its next status; before is the version last read.
	conv, before *v1alpha1.Conversation
	row          string
	changed      bool
	requests     tally
	wrong        string
	again        bool
	fate         fate
}

// run makes the pass up to the last answer, and answers the next call.
func (w *walk) run() (out call) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case suspended:
			out = r.call
		default:
			w.wrong = fmt.Sprintf("it panics: %v", r)
			out = call{kind: callEnd, row: w.row}
		}
	}()
	w.begin()
	if w.mutant("progress") && !w.root.erased {
		setReady(&w.conv.Status.Conditions, w.before.Generation, v1alpha1.ReasonProgressing)
		_ = w.patchStatus()
	}
	w.pass()
	return call{kind: callEnd, row: w.row}
}

// ask answers a call, or ends the run.
func (w *walk) ask(c call) answer {
	c.row = w.row
	if w.at == len(w.answers) {
		panic(suspended{c})
	}
	a := w.answers[w.at]
	w.at++
	w.now = a.tick
	return a
}

func (w *walk) begin() {
	w.before = w.versions.at(w.root.version)
	w.conv = w.before.DeepCopy()
	w.mem = w.memories.at(w.root.mem)
	w.now = w.root.tick
	plan.Own(w.conv)
	w.restore()
	now := instant(w.now)
	w.facts = plan.Facts{
		Object: w.conv, Generated: w.generated(), Now: now, TwilioNow: now, Account: w.account().Account,
		Intent:       plan.ParseIntent(w.conv.Annotations[v1alpha1.CreateIntentAnnotation]),
		UpdateIntent: plan.ParseUpdateIntent(w.conv.Annotations[v1alpha1.UpdateIntentAnnotation]),
		Look:         w.root.look,
	}
	w.facts.Account.KeepsMarks = w.facts.Account.KeepsMarks || w.mem.marks
	if w.mem.contradicted == w.root.account+1 {
		w.facts.Account.Reason = v1alpha1.ReasonAccountNotReady
	}
	if w.root.listed != 0 {
		w.facts.Observed, w.facts.Listed = w.seen(w.root.listed), true
	}
	if w.mem.removed != "" && w.mem.removed == w.conv.Status.SID {
		w.facts.Listed = false
		w.facts.Deleted()
	}
	if d := w.facts.UpdateIntent; d != nil {
		w.facts.OwnUpdateIntent, w.facts.UpdateUnsent = w.mem.own == numberOf(d.Time), w.mem.undone == numberOf(d.Time)
	}
	if i := w.facts.Intent; i != nil {
		w.facts.Unsent = w.mem.unsent == numberOf(i.Time)
		if w.mem.refused == numberOf(i.Time) {
			w.facts.Refused()
		}
	}
}

// restore gives the object its announcements back.
func (w *walk) restore() {
	if !w.mutant("journal") {
		w.conv.Annotations = w.versions.at(w.restored(w.root.version, &w.mem)).DeepCopy().Annotations
	}
}

// numberOf tells announcements of an object apart.
func numberOf(t time.Time) int16 { return int16(t.Sub(noon) % tickLength / time.Millisecond) }

func (w *walk) account() *Account { return &w.scenario.Accounts[w.root.account] }

func (w *walk) generated() string { return w.names[w.root.object] }

// pass carries out the steps of the plan until a step ends the pass.
func (w *walk) pass() {
	for range maxSteps {
		step := plan.For(&w.facts)
		w.reached(step.Row)
		if w.facts.Listed && step.Verb != plan.Keep && step.Verb != plan.Protect {
			w.facts.Observed, w.facts.Look, w.facts.Listed = nil, true, false
			continue
		}
		w.row = step.Row
		if step.Verb.Ends() {
			w.end(step)
			return
		}
		if err := w.carryOut(step); err != nil {
			w.fail(step, err)
			return
		}
	}
	w.wrong = errEndless.Error()
	w.fail(plan.Step{}, errEndless)
}

func (w *walk) carryOut(step plan.Step) error {
	switch step.Verb {
	case plan.Protect:
		return w.protect()
	case plan.Fetch, plan.Lookup:
		return w.fetch(step)
	case plan.Adopt:
		return w.adopt()
	case plan.Create:
		return w.create(step)
	case plan.Update:
		return w.update(step)
	}
	return w.delete(step)
}

// end records the outcome of the pass.
func (w *walk) end(step plan.Step) {
	switch step.Verb {
	case plan.Rest:
		w.mem.claim = ""
		return
	case plan.Release:
		w.release()
		return
	case plan.Hold:
		w.setSuspended()
		w.conv.Status.ObservedGeneration = w.before.Generation
		w.finish("")
		return
	}
	w.again = step.After > 0
	w.facts.Record(step)
	if step.Reason == v1alpha1.ReasonUniqueNameTaken {
		w.takeBack()
	}
	w.finish(step.Reason)
}

// fail records the reason of an error, and the pass' work before the error.
func (w *walk) fail(step plan.Step, err error) {
	w.again = true
	reason := judge(err)
	if reason == "" && !w.changed {
		return
	}
	if reason == "" {
		reason = v1alpha1.ReasonProgressing
	}
	w.facts.Record(plan.Step{Drift: step.Drift})
	w.finish(reason)
}

// judge is the reason of Ready that follows from an error; empty: nothing is written.
func judge(err error) string {
	switch {
	case errors.Is(err, errContested), errors.Is(err, errTaken):
		return v1alpha1.ReasonProgressing
	case errors.Is(err, errLost):
		return v1alpha1.ReasonTwilioUnavailable
	case errors.Is(err, errDenied):
		return v1alpha1.ReasonCredentialsRejected
	case errors.Is(err, errInvalid), errors.Is(err, errMissing):
		return v1alpha1.ReasonRejected
	}
	return ""
}
