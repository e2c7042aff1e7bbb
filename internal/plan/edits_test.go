// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

// said is what a spec says of a field; empty: nothing.
func said(s *v1alpha1.ConversationSpec, path string) string {
	switch path {
	case FieldFriendlyName:
		return s.FriendlyName
	case FieldUniqueName:
		return s.UniqueName
	case FieldAttributes:
		return attributes(s)
	case FieldMessaging:
		return s.MessagingServiceSID
	case FieldEmailAddress, FieldEmailName:
		if s.Bindings == nil {
			return ""
		}
		if path == FieldEmailName {
			return s.Bindings.Email.Name
		}
		return s.Bindings.Email.Address
	case FieldTimersInactive, FieldTimersClosed:
		if s.Timers == nil {
			return ""
		}
		if path == FieldTimersClosed {
			return s.Timers.Closed
		}
		return s.Timers.Inactive
	case FieldDateCreated:
		return s.DateCreated
	case FieldDateUpdated:
		return s.DateUpdated
	}
	return string(s.State)
}

// sent is what an edit from one spec to another must send, and nothing else.
func sent(from, to *v1alpha1.ConversationSpec) url.Values {
	form := url.Values{}
	for _, c := range fieldCases {
		was, is := said(from, c.path), said(to, c.path)
		switch {
		case was == is,
			c.path == FieldAttributes && (SameAttributes(was, is) || is == "" && SameAttributes(was, noAttributes)),
			c.reset() == noTimer && sameTimer(was, is):
		case is != "":
			form.Set(c.form, is)
		case c.handed != nil && (c.reset() == "" || !sameTimer(was, noTimer)):
			form.Set(c.form, *c.handed)
		}
	}
	return form
}

// reset is what a timer is handed back as; empty for other fields.
func (c *fieldCase) reset() string {
	if c.path == FieldTimersInactive || c.path == FieldTimersClosed {
		return noTimer
	}
	return ""
}

// redraws edits the object to another spec that sends what it says, at once.
func (w *world) redraws(d dice) {
	s := d.spec()
	s.ManagementPolicy, s.Suspend, s.ClosedPolicy = one(d, v1alpha1.ManagementPolicyEnforce, v1alpha1.ManagementPolicyReport), false, ""
	s.DateCreated, s.DateUpdated = d.value("2020-01-01T00:00:00Z", "2021-01-01T00:00:00Z"), d.value("2020-01-01T00:00:00Z")
	if s.State == v1alpha1.StateClosed {
		s.State = ""
	}
	w.object.Spec = s
	w.object.Generation++
	w.log("spec %+v attributes %v timers %v", s, s.Attributes, s.Timers)
}

func TestAnEditSendsExactlyWhatItChanged(t *testing.T) {
	for seed := range worlds {
		d := newDice(seed)
		w := newWorld()
		w.redraws(d)
		w.pass(t)
		for range 8 {
			before := w.object.Spec.DeepCopy()
			w.redraws(d)
			steps := w.pass(t)
			got := url.Values{}
			if steps[0].Verb == Update {
				got = steps[0].Params.Form()
				steps = steps[1:]
			}
			if len(steps) != 1 || steps[0].Verb != Keep && steps[0].Verb != Rest || len(steps[0].Drift) > 0 {
				t.Fatalf("seed %d: an edit takes more than one update:\n%s", seed, w.story())
			}
			if diff := cmp.Diff(sent(before, &w.object.Spec), got); diff != "" {
				t.Fatalf("seed %d: sent (-want +got):\n%s\n%s", seed, diff, w.story())
			}
		}
	}
}
