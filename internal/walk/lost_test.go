// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package walk_test

import (
	"cmp"
	"testing"
	"time"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
)

// applies draws a spec with what an update that nobody answered may leave wrong without a trace.
func (d dice) applies(policy v1alpha1.ManagementPolicy) *v1alpha1.ConversationSpec {
	return &v1alpha1.ConversationSpec{
		ManagementPolicy: policy, FriendlyName: one(d, "VIP", "Other"), Attributes: jsonOf(d.value(`{"a":1}`, `{"a":2}`)),
		State: one[v1alpha1.ConversationState](d, "", "active", "inactive"), DateCreated: one(d, "2020-01-01T00:00:00Z", "2021-01-01T00:00:00Z"),
		Timers: &v1alpha1.TimersSpec{Inactive: d.value("PT1H", "PT2H"), Closed: d.value("P1D", "P2D")},
	}
}

// differs names what Twilio has otherwise than the spec says.
func (w *world) differs() (paths []string) {
	conv, spec := w.find(w.object.Status.SID), &w.object.Spec
	is := func(path string, same bool) {
		if !same {
			paths = append(paths, path)
		}
	}
	is(plan.FieldFriendlyName, conv.FriendlyName == spec.FriendlyName)
	is(plan.FieldAttributes, plan.SameAttributes(cmp.Or(attributes(spec), "{}"), conv.Attributes))
	is(plan.FieldState, spec.State == "" || string(conv.State) == string(spec.State))
	is(plan.FieldDateCreated, spec.DateCreated == conv.DateCreated.Format(time.RFC3339))
	is(plan.FieldTimersInactive, conv.inactive == length(spec.Timers.Inactive))
	is(plan.FieldTimersClosed, conv.closed == length(spec.Timers.Closed))
	return paths
}

func TestEditsAreAppliedWhateverBecomesOfTheAnswers(t *testing.T) {
	for seed := range worlds {
		d := newDice(seed)
		policy := one(d, v1alpha1.ManagementPolicyEnforce, v1alpha1.ManagementPolicyReport)
		w := newWorld(*d.applies(policy))
		w.pass(t)
		calm := false
		w.fault = chaos(d, &calm)
		for range 4 {
			before := w.object.Spec.DeepCopy()
			w.edit(d.applies(policy))
			w.pass(t)
			w.advance(one(d, time.Millisecond, time.Second, 6*time.Second, 31*time.Second))
			if d.chance(50) {
				w.edit(before)
				w.pass(t)
				w.advance(one(d, time.Millisecond, time.Second, 6*time.Second))
			}
		}
		calm = true
		for range 8 {
			w.look = true
			w.advance(10 * time.Second)
			w.pass(t)
		}
		if paths := w.differs(); len(paths) > 0 || w.reason() != v1alpha1.ReasonSynced || len(w.object.Status.Drift) > 0 {
			t.Fatalf("seed %d: it rests as %s with %v not as the spec says:\n%s", seed, w.reason(), paths, w.story())
		}
	}
}
