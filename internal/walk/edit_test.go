// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package walk_test

import (
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// redraws edits the object to another spec that sends what it says, at once.
func (w *world) redraws(d dice) {
	s := d.spec()
	s.ManagementPolicy, s.Suspend, s.ClosedPolicy = one(d, v1alpha1.ManagementPolicyEnforce, v1alpha1.ManagementPolicyReport), false, ""
	s.DateCreated, s.DateUpdated = d.value("2020-01-01T00:00:00Z", "2021-01-01T00:00:00Z"), d.value("2020-01-01T00:00:00Z")
	if s.State == v1alpha1.StateClosed {
		s.State = ""
	}
	w.edit(&s)
}

func TestAnEditSendsExactlyWhatItChanged(t *testing.T) {
	for seed := range worlds {
		d := newDice(seed)
		w := newWorld(v1alpha1.ConversationSpec{})
		w.redraws(d)
		w.pass(t)
		for range 8 {
			before := w.object.Spec.DeepCopy()
			w.redraws(d)
			steps := w.pass(t)
			got := url.Values{}
			if steps[0].Verb == plan.Update {
				got = steps[0].Params.Form()
				steps = steps[1:]
			}
			if len(steps) != 1 || steps[0].Verb != plan.Keep && steps[0].Verb != plan.Rest || len(steps[0].Drift) > 0 {
				t.Fatalf("seed %d: an edit takes more than one update:\n%s", seed, w.story())
			}
			if diff := cmp.Diff(sent(before, &w.object.Spec), got); diff != "" {
				t.Fatalf("seed %d: sent (-want +got):\n%s\n%s", seed, diff, w.story())
			}
		}
	}
}

func TestAnEditOfWhatIsClosedCanBeTakenBack(t *testing.T) {
	byTimer := func(w *world) { w.advance(11 * time.Minute) }
	bySomebody := func(w *world) { w.apply(w.convs[0], twilio.Params{State: new(twilio.StateClosed)}) }
	idle := func(s *v1alpha1.ConversationSpec) { s.State = v1alpha1.StateInactive }
	late := func(s *v1alpha1.ConversationSpec) { s.FriendlyName = "Late" }
	for _, c := range []struct {
		name, want string
		closes     func(*world)
		edit       func(*v1alpha1.ConversationSpec)
	}{
		{"the state, after a timer", v1alpha1.ReasonClosed, byTimer, idle},
		{"another field, after a timer", v1alpha1.ReasonClosed, byTimer, late},
		{"the state, after somebody", v1alpha1.ReasonConversationClosed, bySomebody, idle},
		{"another field, after somebody", v1alpha1.ReasonConversationClosed, bySomebody, late},
	} {
		for _, unseen := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, before it was seen: %t", c.name, unseen), func(t *testing.T) {
				was := v1alpha1.ConversationSpec{
					State: v1alpha1.StateActive, Timers: &v1alpha1.TimersSpec{Closed: "PT10M"}, FriendlyName: "VIP",
				}
				is := *was.DeepCopy()
				c.edit(&is)
				w := newWorld(was)
				w.pass(t)
				c.closes(w)
				rests := func(want string) {
					t.Helper()
					w.settles(t)
					if w.reason() != want {
						t.Fatalf("it rests as %s, want %s:\n%s", w.reason(), want, w.story())
					}
				}
				if !unseen {
					w.look = true
					rests(c.want)
				}
				for range 2 {
					w.edit(&is)
					rests(v1alpha1.ReasonConversationClosed)
					w.edit(&was)
					rests(c.want)
				}
			})
		}
	}
}
