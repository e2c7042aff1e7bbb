// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

func TestHandingBack(t *testing.T) {
	cases := []struct {
		name  string
		facts *Facts
		want  outcome
	}{
		{"Attributes that Twilio shows empty already are not reset",
			given(attributesOf(`{"a":1}`), created(), edit(attributesOf("")), sees(func(c *twilio.Conversation) { c.Attributes = " {} " })),
			outcome{Form: url.Values{}}},
		{"A timer that was PT0S is disabled already", given(timers("PT0S", "PT0S"), created(), edit(timers("", ""))), outcome{Form: url.Values{}}},
		{"Attributes that were {} are empty already", given(attributesOf(" {} "), created(), edit(attributesOf(""))), outcome{Form: url.Values{}}},
		{"Attributes that were {} are emptied if they were seen to drift",
			given(reporting, attributesOf("{}"), created(), drifting(v1alpha1.FieldDrift{Field: FieldAttributes, Desired: "{}", Observed: `{"a":1}`}),
				edit(attributesOf(""))),
			outcome{Edits: FieldAttributes, Form: url.Values{"Attributes": {"{}"}}}},
		{"One of two timers can be dropped", given(timers("PT1M", "PT10M"), created(), edit(timers("PT1M", ""))),
			outcome{Edits: FieldTimersClosed, Form: url.Values{"Timers.Closed": {"PT0S"}}}},
		{"An adopted conversation keeps the unique name it has", given(ifExists, named("vip"), adopted, edit(named(""))), outcome{Form: url.Values{}}},
		{"A generated name that somebody took away drifts", given(created(), sees(uniquely(""))),
			outcome{Drifts: FieldUniqueName, Form: url.Values{"UniqueName": {given().Generated}}}},
		{"A binding that Twilio does not show is cleared already",
			given(emailed("a@example.com"), created(), edit(emailed("")), sees(func(c *twilio.Conversation) { c.Bindings.Email = nil })),
			outcome{Form: url.Values{}}},
		{"Attributes that are set to null count as dropped", given(attributesOf(`{"a":1}`), created(), edit(attributesOf("null"))),
			outcome{Edits: FieldAttributes, Form: url.Values{"Attributes": {"{}"}}}},
		{"A state that is dropped is never sent nor compared",
			given(wants(v1alpha1.StateActive), created(), edit(wants("")), sees(inState(twilio.StateInactive))), outcome{Form: url.Values{}}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, compare(c.facts)); diff != "" {
				t.Errorf("comparison (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatIsDroppedIsHandedBackOnce(t *testing.T) {
	for _, c := range fieldCases {
		t.Run(c.path, func(t *testing.T) {
			f := given(c.says(c.first), created(), edit(c.says("")))
			step := mustNotPanic(t, f)
			if c.kept {
				if diff := cmp.Diff([]string{c.path}, step.Kept); diff != "" || step.Verb != Keep {
					t.Errorf("%s keeps (-want +got):\n%s", step.Verb, diff)
				}
			}
			for ; !step.Verb.Ends(); step = mustNotPanic(t, f) {
				f.Updated(step, conversation(f))
			}
			f.Record(step)
			is(v1alpha1.ReasonSynced)(f)
			f.Observed, f.Sent = nil, nil
			if again := mustNotPanic(t, f); again.Verb == Update || len(again.Kept) > 0 {
				t.Errorf("the next pass answers %+v", again)
			}
		})
	}
}
