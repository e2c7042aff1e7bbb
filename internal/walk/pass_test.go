// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package walk

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

const (
	generated = "k8s.test.default-vip.x"
	sid       = "CH00000000000000000000000000000001"
	ac        = "AC00000000000000000000000000000001"
)

// still is a world in which nothing goes wrong: Kubernetes takes every write, and Twilio has the conversations by their keys.
type still struct {
	found  map[string]*twilio.Conversation
	memory Memory
	sent   []plan.Verb
	// stopsAt is the verb at which the world ends the pass, as when the account is not connected any more.
	stopsAt plan.Verb
	// rival wants the same unique name, in another place than this object or not.
	rival     *v1alpha1.Conversation
	elsewhere bool
}

func (w *still) Clock() (here, there time.Time) { return time.Now(), time.Time{} }
func (w *still) Admit(_ context.Context, step plan.Step) (Verdict, Admission, error) {
	if step.Verb == w.stopsAt {
		return Verdict{After: time.Second}, Stop, nil
	}
	return Verdict{}, Go, nil
}

func (w *still) Send(_ context.Context, step plan.Step) (*twilio.Conversation, error) {
	w.sent = append(w.sent, step.Verb)
	found := w.found[step.Target]
	if step.Verb == plan.Create {
		found = plan.Imagine(&twilio.Conversation{SID: sid, AccountSID: ac, Attributes: "{}", State: twilio.StateActive}, step.Params)
	}
	if found == nil {
		return nil, &twilio.Error{Status: 404, Code: 50350}
	}
	if step.Verb == plan.Update {
		return plan.Imagine(found, step.Params), nil
	}
	return found, nil
}

func (w *still) Did(context.Context, plan.Step, string) {}
func (w *still) Leave(context.Context, error)           {}
func (w *still) Decided(context.Context, plan.Step)     {}
func (w *still) Recall() Memory                         { return w.memory }
func (w *still) Remember(change func(*Memory))          { change(&w.memory) }
func (w *still) GiveUp(string)                          {}
func (w *still) Setback() bool                          { return true }
func (w *still) Claim(string) bool                      { return true }
func (w *still) PatchMetadata(context.Context, *v1alpha1.Conversation, *v1alpha1.Conversation) error {
	return nil
}
func (w *still) PatchStatus(context.Context, *v1alpha1.Conversation, *v1alpha1.Conversation) error {
	return nil
}
func (w *still) Reread(context.Context) (*v1alpha1.Conversation, error)           { return nil, nil }
func (w *still) Sharers(context.Context, string) ([]v1alpha1.Conversation, error) { return nil, nil }
func (w *still) Namesakes(context.Context, string) ([]v1alpha1.Conversation, error) {
	if w.rival == nil {
		return nil, nil
	}
	return []v1alpha1.Conversation{*w.rival}, nil
}

func (w *still) SamePlace(context.Context, *v1alpha1.Conversation) (bool, error) {
	return !w.elsewhere, nil
}

// object is a Conversation, after these changes.
func object(changes ...func(*v1alpha1.Conversation)) *v1alpha1.Conversation {
	o := &v1alpha1.Conversation{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "vip", UID: "1", Generation: 1}}
	o.Spec.FriendlyName = "VIP"
	o.Status.ObservedGeneration = -1
	for _, change := range changes {
		change(o)
	}
	return o
}

func held(o *v1alpha1.Conversation) {
	o.Finalizers = []string{v1alpha1.Finalizer}
	o.Status = v1alpha1.ConversationStatus{
		ObjectUID: o.UID, SID: sid, AccountSID: ac, Origin: v1alpha1.OriginCreated, ObservedGeneration: 1, State: v1alpha1.StateActive,
		LastApplied: &v1alpha1.AppliedSpec{},
	}
}

func copied(o *v1alpha1.Conversation) { o.Status.ObjectUID = "2" }

func adopting(o *v1alpha1.Conversation) {
	o.Spec.UniqueName = "vip"
	o.Spec.Adoption = &v1alpha1.AdoptionSpec{Policy: v1alpha1.AdoptionPolicyIfExists}
	o.Annotations = map[string]string{v1alpha1.CreateIntentAnnotation: "nonsense"}
}

func asking(o *v1alpha1.Conversation) {
	o.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ConditionUnmanaged, Status: metav1.ConditionTrue, Reason: v1alpha1.ReasonNotSelected}}
}

// stories are passes of each kind, with the requests that each sends.
var stories = map[string]struct {
	object *v1alpha1.Conversation
	memory Memory
	sends  []plan.Verb
}{
	"a new object":                       {object: object(), sends: []plan.Verb{plan.Create}},
	"an edit":                            {object: object(held), sends: []plan.Verb{plan.Update}},
	"a deletion":                         {object: object(held, deleted), sends: []plan.Verb{plan.Delete}},
	"a status of another object":         {object: object(held, copied), sends: []plan.Verb{plan.Create}},
	"an object that asks who keeps it":   {object: object(held, asking, deleted), sends: []plan.Verb{plan.Delete}},
	"a name that may be adopted":         {object: object(adopting), sends: []plan.Verb{plan.Create}},
	"a finalizer that was taken":         {object: object(held, func(o *v1alpha1.Conversation) { o.Finalizers = nil }), sends: []plan.Verb{plan.Update}},
	"announcements that a user replaced": {object: object(), memory: Memory{Create: "nonsense", Update: "nonsense"}, sends: []plan.Verb{plan.Create}},
}

// TestAPassChangesNothingThatItWasGiven: the object may be the informer's copy, which others read at the same time.
func TestAPassChangesNothingThatItWasGiven(t *testing.T) {
	for name, s := range stories {
		t.Run(name, func(t *testing.T) {
			w := &still{memory: s.memory, found: map[string]*twilio.Conversation{sid: {SID: sid, AccountSID: ac, Attributes: "{}", State: twilio.StateActive}}}
			given := s.object.DeepCopy()
			p := New(w, Start{Object: given, Generated: generated})
			p.Facts.Account = plan.Account{SID: ac}
			out := p.Run(t.Context())
			if out.Err != nil || out.RecordErr != nil {
				t.Fatal(out.Err, out.RecordErr)
			}
			if diff := cmp.Diff(s.object, given); diff != "" {
				t.Errorf("the object was changed:\n%s", diff)
			}
			if !slices.Equal(w.sent, s.sends) {
				t.Errorf("it sent %v, want %v", w.sent, s.sends)
			}
			if equal := cmp.Equal(p.Object, given); equal {
				t.Error("the pass has no outcome")
			}
		})
	}
}

// TestWhatIsForetoldIsTheFirstStep: a drift check and a preview ask without a world, about the informer's copy too.
func TestWhatIsForetoldIsTheFirstStep(t *testing.T) {
	for name, s := range stories {
		t.Run(name, func(t *testing.T) {
			given, account := s.object.DeepCopy(), plan.Account{SID: ac}
			p := New(&still{}, Start{Object: given, Generated: generated})
			p.Facts.Account = account
			step, _ := Foretell(Start{Object: given, Generated: generated}, account, p.Facts.Now)
			if want := plan.For(&p.Facts); step.Row != want.Row || step.Target != want.Target {
				t.Errorf("%q is foretold, and %q is the first step", step.Row, want.Row)
			}
			if diff := cmp.Diff(s.object, given); diff != "" {
				t.Errorf("the object was changed:\n%s", diff)
			}
		})
	}
}

// TestWhatTwilioStillFindsIsDeletedOnce is of a Twilio that is slow to delete, while one of two creates may still be on its way:
// what the pass deleted is found again under its name, and a pass that deletes it again never ends.
func TestWhatTwilioStillFindsIsDeletedOnce(t *testing.T) {
	now := time.Now()
	create := func(age time.Duration, earlier *plan.Intent) *plan.Intent {
		return &plan.Intent{UID: "1", Name: "mine", Time: now.Add(-age), Place: &plan.Place{AccountSID: ac}, Marked: true, Earlier: earlier}
	}
	first := create(10*time.Second, nil)
	o := object(deleted, func(o *v1alpha1.Conversation) {
		o.Finalizers = []string{v1alpha1.Finalizer}
		o.Spec.UniqueName = "mine"
		o.Annotations = map[string]string{v1alpha1.CreateIntentAnnotation: create(2*time.Second, first).String()}
	})
	found := now.Add(-time.Second).UTC()
	w := &still{found: map[string]*twilio.Conversation{
		"mine": {SID: sid, AccountSID: ac, UniqueName: "mine", Attributes: "{}" + first.Mark(), State: twilio.StateActive, DateCreated: &found},
		sid:    {SID: sid, AccountSID: ac, UniqueName: "mine"},
	}}
	p := New(w, Start{Object: o, Generated: generated})
	p.Facts.Account = plan.Account{SID: ac}
	out := p.Run(t.Context())
	if out.Err != nil || out.Step.Verb != plan.Wait {
		t.Errorf("the pass ends with %s, %v", out.Step.Row, out.Err)
	}
	if want := []plan.Verb{plan.Lookup, plan.Delete, plan.Lookup}; !slices.Equal(w.sent, want) {
		t.Errorf("it sent %v, want %v", w.sent, want)
	}
}

// TestAWorldThatStopsLosesNothing: what Twilio changed before is recorded, and without a change nothing is written.
func TestAWorldThatStopsLosesNothing(t *testing.T) {
	closed := func(o *v1alpha1.Conversation) { o.Spec.State = v1alpha1.StateClosed }
	for name, c := range map[string]struct {
		stopsAt  plan.Verb
		recorded string
	}{
		"before the create":                          {plan.Create, ""},
		"between the create and the update after it": {plan.Update, sid},
	} {
		t.Run(name, func(t *testing.T) {
			w := &still{stopsAt: c.stopsAt}
			p := New(w, Start{Object: object(closed), Generated: generated})
			p.Facts.Account = plan.Account{SID: ac}
			out := p.Run(t.Context())
			if out.Recorded != (c.recorded != "") || p.Before.Status.SID != c.recorded {
				t.Errorf("recorded: %t, with the sid %q", out.Recorded, p.Before.Status.SID)
			}
			if next := out.Next(); next.After != time.Second {
				t.Errorf("it is looked at again after %s", next.After)
			}
		})
	}
}
