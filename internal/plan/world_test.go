// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// fault is what happens to a request that writes.
type fault int

const (
	noFault fault = iota
	// throttled: 429, it was not processed.
	throttled
	// lostBefore and lostAfter: no answer, without and with effect.
	lostBefore
	lostAfter
	// lostLate: no answer, and the effect comes later.
	lostLate
	// crashBefore and crashAfter: the process dies around the request, so nothing is recorded.
	crashBefore
	crashAfter
	// crashEarly: the process dies before it records what it is about to create.
	crashEarly
	faults
)

var (
	errThrottled = errors.New("429")
	errLost      = errors.New("no answer")
	errCrash     = errors.New("crash")
)

// world is one object, the model of Twilio, and a caller that carries out what is decided, as the controller does.
type world struct {
	*model
	object       *v1alpha1.Conversation
	intent       string
	updateIntent string
	// keptIntent and keptUpdateIntent are what the process remembers of them, and puts back.
	keptIntent, keptUpdateIntent string
	unsent                       bool
	undone                       bool
	look                         bool
	// refused: the process remembers that what the intent announces was refused.
	refused bool
	// wrote: the process wrote the update intent itself.
	wrote bool
	gone  bool
	// fault tells what happens to the next request that writes.
	fault func() fault
	trace []string
}

// newWorld begins with a new object.
func newWorld(setups ...setup) *world {
	return &world{
		model: &model{now: noon}, object: given(setups...).Object, fault: func() fault { return noFault },
	}
}

func (w *world) log(format string, args ...any) {
	w.trace = append(w.trace, fmt.Sprintf(format, args...))
}

func (w *world) story() string { return strings.Join(w.trace, "\n") }

// facts is what a pass begins with.
func (w *world) facts() *Facts {
	f := &Facts{
		Object: w.object.DeepCopy(), Generated: GeneratedName("test", "support", "vip"), Now: w.now, TwilioNow: w.now,
		Account: Account{SID: accountSID}, Intent: ParseIntent(w.intent), UpdateIntent: ParseUpdateIntent(w.updateIntent),
		Unsent: w.unsent, UpdateUnsent: w.undone, OwnUpdateIntent: w.wrote, Look: w.look,
	}
	Own(f.Object)
	if w.refused {
		f.Refused()
	}
	return f
}

// pass decides and acts until a step ends it, and answers its steps.
func (w *world) pass(t *testing.T) []Step {
	t.Helper()
	w.restores()
	f := w.facts()
	var steps []Step
	for range 10 {
		step := mustNotPanic(t, f)
		steps = append(steps, step)
		w.log("%s: %s %s %v %s", step.Row, step.Verb, step.Target, step.Params.Form(), step.Reason)
		if step.Verb.Ends() {
			w.end(f, step)
			return steps
		}
		if err := w.act(f, step); err != nil {
			w.log("  %v", err)
			w.fail(f, step, err)
			return steps
		}
	}
	t.Fatalf("the pass did not end:\n%s", w.story())
	return nil
}

// restores puts back what somebody took away from the object's annotations, as far as the process remembers it.
func (w *world) restores() {
	if w.intent == "" {
		w.intent = w.keptIntent
	}
	if w.updateIntent == "" {
		w.updateIntent = w.keptUpdateIntent
	}
	w.keptIntent, w.keptUpdateIntent = w.intent, w.updateIntent
}

// restarts forgets what only the process knew.
func (w *world) restarts() {
	w.unsent, w.undone, w.refused, w.wrote = false, false, false, false
	w.keptIntent, w.keptUpdateIntent = "", ""
}

// replaced is what a manifest that is put in the object's place leaves: neither finalizer nor annotations.
func (w *world) replaced() {
	w.object.Finalizers, w.intent, w.updateIntent = nil, "", ""
}

func (w *world) act(f *Facts, step Step) error {
	switch step.Verb {
	case Fetch, Lookup:
		conv, err := w.fetch(step.Target)
		if err != nil {
			f.NotFound(step)
		} else {
			f.Found(step, conv)
		}
		return nil
	case Protect:
		w.object.Finalizers = []string{v1alpha1.Finalizer}
		f.Object.Finalizers = []string{v1alpha1.Finalizer}
		return nil
	case Adopt:
		f.Adopted()
		return nil
	case Create:
		return w.tryCreate(f, step)
	case Update:
		return w.tryUpdate(f, step)
	}
	err := w.request(w.fault(), func() error { return w.delete(step.Target) })
	switch {
	case errors.Is(err, errNotFound):
		f.NotFound(step)
		return nil
	case err == nil:
		f.Deleted()
	}
	return err
}

func (w *world) tryCreate(f *Facts, step Step) error {
	kind := w.fault()
	if kind == crashEarly {
		return errCrash
	}
	if !f.Fresh() {
		w.intent, w.unsent = NewIntent(f).String(), false
		w.keptIntent = w.intent
		f.Intent, f.Unsent = ParseIntent(w.intent), false
	}
	var conv *twilio.Conversation
	w.unsent, w.refused = false, false
	params := f.Intent.Signed(step.Params)
	err := w.request(kind, func() (err error) {
		conv, err = w.create(params)
		return err
	})
	switch {
	case err == nil:
		f.Created(conv)
	case errors.Is(err, errExists):
		w.refused = true
		f.Exists(step)
		return nil
	case errors.Is(err, errThrottled):
		w.unsent = true
	case errors.Is(err, errInvalid):
		w.refused = true
		f.Refused()
	}
	return err
}

func (w *world) tryUpdate(f *Facts, step Step) error {
	kind := w.fault()
	if kind == crashEarly {
		return errCrash
	}
	unknown := f.UpdateUnknown()
	if w.object.Status.LastApplied != nil {
		if d := NewUpdateIntent(f, step.Differences); d != nil {
			if !f.CoversUpdate(d) {
				w.updateIntent = d.String()
				w.keptUpdateIntent = w.updateIntent
				f.UpdateIntent = ParseUpdateIntent(w.updateIntent)
				f.OwnUpdateIntent, w.wrote = true, true
			}
			w.undone, f.UpdateUnsent = false, false
		}
	}
	var conv *twilio.Conversation
	err := w.request(kind, func() (err error) {
		conv, err = w.update(step.Target, step.Params)
		return err
	})
	if err != nil && !unknown && !errors.Is(err, errLost) && !errors.Is(err, errCrash) {
		f.NotUpdated()
		w.undone = true
	}
	switch {
	case err == nil:
		f.Updated(step, conv)
	case errors.Is(err, errNotFound):
		f.NotFound(step)
		return nil
	case errors.Is(err, errExists):
		f.Exists(step)
		return nil
	case errors.Is(err, errClosed):
		f.Closed()
		return nil
	}
	return err
}

// request sends what writes, unless something happens to it.
func (w *world) request(kind fault, send func() error) error {
	switch kind {
	case throttled:
		return errThrottled
	case lostBefore:
		return errLost
	case lostAfter:
		_ = send()
		return errLost
	case lostLate:
		w.late = append(w.late, lateRequest{w.now.Add(20 * time.Second), func() { w.log("  late effect: %v", send()) }})
		w.now = w.now.Add(10 * time.Second)
		return errLost
	case crashBefore, crashEarly:
		return errCrash
	case crashAfter:
		_ = send()
		return errCrash
	}
	return send()
}

func (w *world) end(f *Facts, step Step) {
	switch step.Verb {
	case Rest:
		return
	case Hold:
		meta.SetStatusCondition(&f.Object.Status.Conditions, metav1.Condition{
			Type: v1alpha1.ConditionSuspended, Status: metav1.ConditionTrue, Reason: v1alpha1.ReasonSuspended,
		})
		f.Object.Status.ObservedGeneration = f.Object.Generation
		w.object.Status = *f.Object.Status.DeepCopy()
		return
	case Release:
		w.gone = true
		return
	}
	f.Record(step)
	w.ready(f, step.Reason)
	if f.Observed != nil || f.Gone {
		w.look = false
	}
}

func (w *world) fail(f *Facts, step Step, err error) {
	switch {
	case errors.Is(err, errCrash):
		w.restarts()
	case errors.Is(err, errThrottled):
		if f.Object.Status.SID != w.object.Status.SID || len(f.Sent) > 0 {
			f.Record(Step{Drift: step.Drift})
			w.ready(f, v1alpha1.ReasonProgressing)
		}
	case errors.Is(err, errLost):
		f.Record(Step{Drift: step.Drift})
		w.ready(f, v1alpha1.ReasonTwilioUnavailable)
	default:
		f.Record(Step{Drift: step.Drift})
		w.ready(f, v1alpha1.ReasonRejected)
	}
}

// ready writes the status with the condition Ready.
func (w *world) ready(f *Facts, reason string) {
	is(reason)(f)
	meta.RemoveStatusCondition(&f.Object.Status.Conditions, v1alpha1.ConditionSuspended)
	w.object.Status = *f.Object.Status.DeepCopy()
}

// reason of the condition Ready.
func (w *world) reason() string {
	if c := meta.FindStatusCondition(w.object.Status.Conditions, v1alpha1.ConditionReady); c != nil {
		return c.Reason
	}
	return ""
}

// mine counts what the operator created and is still there.
func (w *world) mine() int {
	n := 0
	for _, c := range w.convs {
		if c.ours {
			n++
		}
	}
	return n
}

func (w *world) remove() {
	w.object.DeletionTimestamp = new(metav1.NewTime(w.now))
	w.object.Generation++
}
