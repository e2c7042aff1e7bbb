// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package walk_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
	"github.com/conversations-operator/conversations-operator/internal/walk"
)

var (
	accountSID   = sid("AC", 'a')
	serviceSID   = sid("IS", 'a')
	messagingSID = sid("MG", 'a')
	generated    = plan.GeneratedName("test", "support", "vip")

	// noon is when every story begins, by every clock.
	noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
)

// world is one object at the API server, the model of Twilio, and the process in which the walk goes.
type world struct {
	*model
	*process
	*trace
	// object is the newest version at the API server. gone: the API server removed the object.
	object *v1alpha1.Conversation
	gone   bool
	// memory is what the process knows until it dies.
	memory walk.Memory
	// marks: the process has seen that Twilio keeps marks.
	marks bool
	look  bool
	// account is the one that Twilio named for the credentials.
	account string
	// fault tells what happens to the next step that writes, next what happens to the step under way.
	fault func() fault
	next  fault
	// walk is the last pass, steps what it decided, compared what it compared for the last of them.
	walk     *walk.Pass
	steps    []plan.Step
	compared plan.Comparison
	// rival is another object, which interrupts a pass of this object whenever meanwhile says so; nil: there is none.
	rival     *world
	meanwhile func() bool
	// during runs the rival's pass in the middle of a pass of this object; nil: no pass is under way.
	during func()
}

// process is what the objects of one process share.
type process struct{ claims map[string]types.UID }

// trace is the story of a world, for whom has to find out what went wrong.
type trace struct{ lines []string }

func (s *trace) story() string { return strings.Join(s.lines, "\n") }

// newWorld begins with a new object.
func newWorld(spec v1alpha1.ConversationSpec) *world {
	return &world{
		model: &model{now: noon}, process: &process{claims: map[string]types.UID{}}, trace: &trace{}, account: accountSID,
		fault: func() fault { return noFault }, meanwhile: func() bool { return false },
		object: &v1alpha1.Conversation{
			ObjectMeta: metav1.ObjectMeta{Namespace: "support", Name: "vip", UID: "uid-vip", Generation: 1, ResourceVersion: "1"},
			Spec:       spec, Status: v1alpha1.ConversationStatus{ObservedGeneration: -1},
		},
	}
}

func (w *world) log(format string, args ...any) {
	w.lines = append(w.lines, w.object.Name+": "+fmt.Sprintf(format, args...))
}

// edit changes the spec, as a user does.
func (w *world) edit(spec *v1alpha1.ConversationSpec) {
	next := w.object.DeepCopy()
	next.Spec = *spec.DeepCopy()
	next.Generation++
	w.put(next)
	w.log("spec %+v attributes %v timers %v", *spec, spec.Attributes, spec.Timers)
}

// begin begins a pass.
func (w *world) begin() *walk.Pass {
	name := plan.GeneratedName("test", w.object.Namespace, w.object.Name)
	p := walk.New(w, walk.Start{Object: w.object, Generated: name, Look: w.look})
	p.Facts.Account = plan.Account{SID: w.account, Key: "TwilioAccount support/default", KeepsMarks: w.marks}
	return p
}

// pass makes a pass, and answers its steps.
func (w *world) pass(t *testing.T) []plan.Step {
	t.Helper()
	w.steps, w.walk = nil, w.begin()
	out, died := w.run(t)
	if died {
		w.log("  the process dies")
		w.memory, w.marks = walk.Memory{}, false
		clear(w.claims)
		return w.steps
	}
	if out.RecordErr != nil || out.Err != nil && out.Step.Verb == "" {
		t.Fatalf("the pass ends with %v, %v:\n%s", out.Err, out.RecordErr, w.story())
	}
	if out.Err != nil {
		w.log("  %v", out.Err)
	}
	w.marks = w.marks || w.walk.Marked
	if out.Recorded && w.walk.Answered {
		w.look = false
	}
	return w.steps
}

// run runs the pass until it ends or the process dies.
func (w *world) run(t *testing.T) (out walk.Outcome, died bool) {
	w.during = func() { w.rival.pass(t) }
	defer func() {
		w.during = nil
		switch r := recover().(type) {
		case nil:
		case death:
			died = true
		default:
			t.Fatalf("the pass panics: %v\nspec %+v\nstatus %+v\n%s", r, w.object.Spec, w.object.Status, w.story())
		}
	}()
	return w.walk.Run(t.Context()), false
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

// Clock implements [walk.World].
func (w *world) Clock() (here, there time.Time) { return w.now, w.now }

// Admit implements [walk.World].
func (w *world) Admit(_ context.Context, step plan.Step) (walk.Verdict, walk.Admission, error) {
	w.next = noFault
	if step.Verb == plan.Create || step.Verb == plan.Update || step.Verb == plan.Delete {
		w.next = w.fault()
	}
	if w.next == crashEarly {
		panic(death{})
	}
	return walk.Verdict{}, walk.Go, nil
}

// Send implements [walk.World].
func (w *world) Send(_ context.Context, step plan.Step) (conv *twilio.Conversation, err error) {
	w.interrupt()
	defer w.interrupt()
	err = w.request(w.next, func() (err error) {
		switch step.Verb {
		case plan.Create:
			conv, err = w.create(step.Params)
		case plan.Update:
			conv, err = w.update(step.Target, step.Params)
		case plan.Delete:
			err = w.delete(step.Target)
		default:
			conv, err = w.fetch(step.Target)
		}
		return err
	})
	if err != nil {
		w.log("  %v", err)
		return nil, err
	}
	return conv, nil
}

// Did implements [walk.World].
func (w *world) Did(context.Context, plan.Step, string) {}

// Leave implements [walk.World].
func (w *world) Leave(context.Context, error) {}

// Recall implements [walk.World].
func (w *world) Recall() walk.Memory { return w.memory }

// Remember implements [walk.World].
func (w *world) Remember(change func(*walk.Memory)) { change(&w.memory) }

// Decided implements [walk.World].
func (w *world) Decided(_ context.Context, step plan.Step) {
	w.steps = append(w.steps, step)
	w.compared = plan.Compare(&w.walk.Facts)
	w.log("%s: %s %s %v %s", step.Row, step.Verb, step.Target, step.Params.Form(), step.Reason)
}
