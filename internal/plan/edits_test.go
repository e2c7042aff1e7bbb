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
			c.path == FieldAttributes && SameAttributes(was, is),
			c.reset() == noTimer && sameTimer(was, is):
		case is != "":
			form.Set(c.form, is)
		case c.handed != nil && !(c.reset() == noTimer && sameTimer(was, noTimer)):
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

func TestAnEditSendsExactlyWhatItChanged(t *testing.T) {
	for seed := range worlds {
		d := newDice(seed)
		w := newWorld()
		draw := func() {
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
		draw()
		w.pass(t)
		for range 8 {
			before := w.object.Spec.DeepCopy()
			draw()
			want := sent(before, &w.object.Spec)
			steps := w.pass(t)
			got := url.Values{}
			for _, s := range steps {
				if !s.Verb.Ends() && s.Verb != Update {
					t.Fatalf("seed %d: an edit takes %s:\n%s", seed, s.Verb, w.story())
				}
				if s.Verb == Update {
					got = s.Params.Form()
				}
			}
			if diff := cmp.Diff(want, got); diff != "" || len(steps) > 2 {
				t.Fatalf("seed %d: sent (-want +got):\n%s\n%s", seed, diff, w.story())
			}
			if got := fieldsOf(steps[len(steps)-1].Drift); got != "" {
				t.Fatalf("seed %d: drift %s after an edit:\n%s", seed, got, w.story())
			}
		}
	}
}
