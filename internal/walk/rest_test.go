// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package walk_test

import (
	"cmp"
	"encoding/json"
	"slices"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
	"github.com/conversations-operator/conversations-operator/internal/walk"
)

// worlds is how many random stories each property is tried on.
const worlds = 600

// settles makes passes until one asks nothing and writes nothing, and fails if that takes long or anything flaps.
func (w *world) settles(t *testing.T) {
	t.Helper()
	for range 6 {
		before, writes, effects := w.object.Status.DeepCopy(), w.writes, w.effects
		steps := w.pass(t)
		if last := steps[len(steps)-1]; last.Verb == plan.Wait {
			w.advance(last.After)
			continue
		}
		if w.effects-effects > 3 {
			t.Fatalf("%d requests of one pass write:\n%s", w.effects-effects, w.story())
		}
		if w.writes == writes && sameStatus(*before, w.object.Status) {
			w.stays(t)
			return
		}
	}
	t.Fatalf("it does not come to rest:\n%s", w.story())
}

// stays asks for one more look, which must change nothing.
func (w *world) stays(t *testing.T) {
	t.Helper()
	before, writes := w.object.Status.DeepCopy(), w.writes
	if w.object.Spec.Suspend {
		return
	}
	w.look = true
	w.pass(t)
	if w.writes != writes {
		t.Fatalf("a second look writes:\n%s", w.story())
	}
	if !sameStatus(*before, w.object.Status) {
		t.Fatalf("a second look changes the status from\n%+v\nto\n%+v\n%s", *before, w.object.Status, w.story())
	}
	w.look = false
	w.compares(t)
}

// compares lists the conversation of an object at rest, as a drift check does, which must find nothing to do.
func (w *world) compares(t *testing.T) {
	t.Helper()
	conv := w.find(w.object.OwnSID())
	if conv == nil || w.reason() != v1alpha1.ReasonSynced && w.reason() != v1alpha1.ReasonClosed {
		return
	}
	start := walk.Start{Object: w.object, Generated: generated, Listed: w.answer(conv)}
	step, status := walk.Foretell(start, plan.Account{SID: accountSID}, w.now)
	if step.Verb != plan.Keep || !sameStatus(*status, w.object.Status) {
		t.Fatalf("a list makes %q of it, and the status\n%+v\nof\n%+v\n%s", step.Row, *status, w.object.Status, w.story())
	}
}

// keepsItsPromises holds a world that came to rest against what the policies say.
func (w *world) keepsItsPromises(t *testing.T) {
	t.Helper()
	s := &w.object.Status
	spec := &w.object.Spec
	if w.mine() > 1 {
		t.Fatalf("%d conversations were created and are there:\n%s", w.mine(), w.story())
	}
	if spec.Suspend {
		return
	}
	conv := w.find(s.SID)
	switch w.reason() {
	case v1alpha1.ReasonSynced, v1alpha1.ReasonClosed:
		if s.SID == "" || conv == nil {
			t.Fatalf("%s without a conversation:\n%s", w.reason(), w.story())
		}
	case v1alpha1.ReasonUniqueNameTaken, v1alpha1.ReasonConversationMissing, v1alpha1.ReasonConversationClosed, v1alpha1.ReasonRejected:
		return
	default:
		t.Fatalf("it rests as %q:\n%s", w.reason(), w.story())
	}
	if w.mine() == 1 && !conv.ours && s.Origin == v1alpha1.OriginCreated && s.UniqueName != generated {
		t.Fatalf("it made one conversation and manages another:\n%s", w.story())
	}
	enforces := spec.ManagementPolicy == "" || spec.ManagementPolicy == v1alpha1.ManagementPolicyEnforce
	if !enforces || conv.State == twilio.StateClosed {
		return
	}
	if paths := w.wrong(conv); len(paths) > 0 {
		t.Fatalf("%s: %v is not as the spec says:\n%s", w.reason(), paths, w.story())
	}
	if spec.State == v1alpha1.StateClosed {
		t.Fatalf("it should be closed and is %s:\n%s", conv.State, w.story())
	}
}

// wrong names the fields that Twilio shows otherwise than the spec says. A Twilio that rewords may answer in other words than
// were sent, which the status then says.
func (w *world) wrong(conv *modelled) (paths []string) {
	for i := range fields {
		f := &fields[i]
		want := f.says(&w.object.Spec)
		if f.path == plan.FieldUniqueName && w.object.Status.Origin == v1alpha1.OriginCreated {
			want = cmp.Or(want, generated)
		}
		if want == "" || f.shows == nil || f.same(want, f.shows(&conv.Conversation)) {
			continue
		}
		if a := w.object.Status.LastApplied; !w.rewords || !slices.Contains(a.Unechoed, f.path) {
			paths = append(paths, f.path)
		}
	}
	return paths
}

// sameStatus leaves out when conditions changed.
func sameStatus(a, b v1alpha1.ConversationStatus) bool {
	text := func(s v1alpha1.ConversationStatus) string {
		s = *s.DeepCopy()
		for i := range s.Conditions {
			s.Conditions[i].LastTransitionTime = metav1.Time{}
		}
		text, _ := json.Marshal(s)
		return string(text)
	}
	return text(a) == text(b)
}

// begins draws an object and what is at Twilio already.
func begins(d dice) *world {
	w := newWorld(v1alpha1.ConversationSpec{})
	w.rewords = d.chance(20)
	for n := range d.IntN(3) {
		if c := d.conversation(n, w.now); w.find(c.UniqueName) == nil {
			w.convs = append(w.convs, c)
		}
	}
	spec := d.spec()
	if len(w.convs) > 0 && d.chance(20) {
		spec.Adoption = &v1alpha1.AdoptionSpec{SID: w.convs[0].SID}
	}
	w.edit(&spec)
	return w
}

// edits draws another spec; adoption.sid cannot be edited.
func (w *world) edits(d dice, policies ...v1alpha1.ManagementPolicy) {
	spec := d.spec()
	if a := w.object.Spec.Adoption; a != nil && a.SID != "" {
		spec.Adoption = a
	}
	if len(policies) > 0 {
		spec.ManagementPolicy = one(d, policies...)
	}
	w.edit(&spec)
}

func TestAnythingComesToRest(t *testing.T) {
	for seed := range worlds {
		d := newDice(seed)
		w := begins(d)
		w.settles(t)
		w.keepsItsPromises(t)
		for range 6 {
			if d.chance(40) {
				w.edits(d)
			} else if c := w.find(w.object.Status.SID); c != nil {
				w.log("meddled: %s", d.meddle(w.model, c))
				w.look = true
				if d.chance(10) {
					_ = w.delete(c.SID)
				}
			}
			w.settles(t)
			w.keepsItsPromises(t)
		}
	}
}

func TestObserveNeverWritesAndReportWritesOnlyEdits(t *testing.T) {
	for seed := range worlds {
		d := newDice(seed)
		w := begins(d)
		w.settles(t)
		spec := w.object.Spec.DeepCopy()
		spec.ManagementPolicy = one(d, v1alpha1.ManagementPolicyObserve, v1alpha1.ManagementPolicyReport)
		w.edit(spec)
		w.settles(t)
		observes := w.object.Spec.ManagementPolicy == v1alpha1.ManagementPolicyObserve
		for range 6 {
			writes := w.writes
			c := w.find(w.object.Status.SID)
			if c != nil {
				w.log("meddled: %s", d.meddle(w.model, c))
			}
			if observes && d.chance(50) {
				w.edits(d, v1alpha1.ManagementPolicyObserve)
			}
			w.look = true
			w.settles(t)
			if w.writes != writes && (observes || w.object.Status.SID != "" && c != nil) {
				t.Fatalf("%s wrote:\n%s", w.object.Spec.ManagementPolicy, w.story())
			}
		}
	}
}
