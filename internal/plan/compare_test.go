// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// fieldCase is what a test needs to know of a field: two values for it, how Twilio shows another, and what an update
// sends.
type fieldCase struct {
	path          string
	form          string
	first, second string
	set           func(*v1alpha1.ConversationSpec, string)
	// answer makes Twilio show a value; nil: it never does.
	answer func(*twilio.Conversation, string)
	// handed is what is sent when the field is dropped; nil: nothing.
	handed *string
	kept   bool
}

var fieldCases = []fieldCase{
	{FieldFriendlyName, "FriendlyName", "one", "two",
		func(s *v1alpha1.ConversationSpec, v string) { s.FriendlyName = v },
		func(c *twilio.Conversation, v string) { c.FriendlyName = v }, nil, true},
	{FieldUniqueName, "UniqueName", "vip-1", "vip-2",
		func(s *v1alpha1.ConversationSpec, v string) { s.UniqueName = v },
		func(c *twilio.Conversation, v string) { c.UniqueName = v }, new(given().Generated), false},
	{FieldAttributes, "Attributes", `{"a":1}`, `{"a":2}`,
		func(s *v1alpha1.ConversationSpec, v string) { s.Attributes = jsonOf(v) },
		func(c *twilio.Conversation, v string) { c.Attributes = v }, new("{}"), false},
	{FieldMessaging, "MessagingServiceSid", sid("MG", '1'), sid("MG", '2'),
		func(s *v1alpha1.ConversationSpec, v string) { s.MessagingServiceSID = v },
		func(c *twilio.Conversation, v string) { c.MessagingServiceSID = v }, nil, true},
	{FieldEmailAddress, "Bindings.Email.Address", "a@example.com", "b@example.com",
		func(s *v1alpha1.ConversationSpec, v string) { emailSpec(s).Address = v },
		func(c *twilio.Conversation, v string) { emailIn(c).Address = v }, new(""), false},
	{FieldEmailName, "Bindings.Email.Name", "Anna", "Berta",
		func(s *v1alpha1.ConversationSpec, v string) { emailSpec(s).Name = v },
		func(c *twilio.Conversation, v string) { emailIn(c).Name = v }, new(""), false},
	{FieldTimersInactive, "Timers.Inactive", "PT1M", "PT2M",
		func(s *v1alpha1.ConversationSpec, v string) { timersOf(s).Inactive = v }, nil, new("PT0S"), false},
	{FieldTimersClosed, "Timers.Closed", "PT10M", "PT20M",
		func(s *v1alpha1.ConversationSpec, v string) { timersOf(s).Closed = v }, nil, new("PT0S"), false},
	{FieldDateCreated, "DateCreated", "2020-01-01T00:00:00Z", "2021-01-01T00:00:00Z",
		func(s *v1alpha1.ConversationSpec, v string) { s.DateCreated = v }, nil, nil, false},
	{FieldDateUpdated, "DateUpdated", "2020-01-01T00:00:00Z", "2021-01-01T00:00:00Z",
		func(s *v1alpha1.ConversationSpec, v string) { s.DateUpdated = v }, nil, nil, false},
	{FieldState, "State", "active", "inactive",
		func(s *v1alpha1.ConversationSpec, v string) { s.State = v1alpha1.ConversationState(v) },
		func(c *twilio.Conversation, v string) { c.State = twilio.State(v) }, nil, false},
}

func (c *fieldCase) says(v string) setup {
	return spec(func(s *v1alpha1.ConversationSpec) { c.set(s, v) })
}

func (c *fieldCase) answers(v string) with {
	return func(conv *twilio.Conversation) { c.answer(conv, v) }
}

// outcome is a comparison without what it would show.
type outcome struct {
	Edits, Drifts string
	Kept          []string
	Form          url.Values
}

func compare(f *Facts) outcome {
	c := Compare(f)
	return outcome{fieldsOf(c.Edits), fieldsOf(c.Drifts), c.Kept, Params(f, append(c.Edits, c.Drifts...)).Form()}
}

func TestCompareEveryField(t *testing.T) {
	type checked struct {
		name  string
		facts *Facts
		want  outcome
	}
	for _, c := range fieldCases {
		nothing := outcome{Form: url.Values{}}
		edited := outcome{Edits: c.path, Form: url.Values{c.form: {c.second}}}
		dropped := nothing
		if c.handed != nil {
			dropped = outcome{Edits: c.path, Form: url.Values{c.form: {*c.handed}}}
		}
		if c.kept {
			dropped.Kept = []string{c.path}
		}
		cases := []checked{
			{"A field that neither side names is nothing", given(created(), sees()), nothing},
			{"A field as it was applied is nothing", given(c.says(c.first), created()), nothing},
			{"A field that is set later is sent", given(created(), edit(c.says(c.second))), edited},
			{"A field that is edited is sent", given(c.says(c.first), created(), edit(c.says(c.second))), edited},
			{"A field that is dropped is handed back", given(c.says(c.first), created(), edit(c.says(""))), dropped},
		}
		if c.path == FieldEmailAddress || c.path == FieldEmailName {
			cases = append(cases, checked{"A binding that Twilio says nothing about is not drift",
				given(c.says(c.first), created(), sees(func(conv *twilio.Conversation) { conv.Bindings = nil })), nothing})
		}
		if c.answer == nil {
			cases = append(cases, checked{"What Twilio never shows does not drift", given(c.says(c.first), created(), sees()), nothing})
		} else {
			drifted := outcome{Drifts: c.path, Form: url.Values{c.form: {c.first}}}
			found := outcome{Edits: c.path, Form: url.Values{c.form: {c.first}}}
			cases = append(cases,
				checked{"A field that is edited to what Twilio shows already is not sent",
					given(c.says(c.first), created(), edit(c.says(c.second)), sees(c.answers(c.second))), nothing},
				checked{"A field that Twilio shows otherwise drifts", given(c.says(c.first), created(), sees(c.answers(c.second))), drifted},
				checked{"A field that the spec does not name never drifts", given(ifExists, adopted, sees(c.answers(c.second))), nothing},
				checked{"A field that Twilio answered in other words is not compared",
					given(c.says(c.first), created(), unechoing(c.path), sees(c.answers(c.second))), nothing},
				checked{"A field that Twilio answered in other words is sent when it is edited",
					given(c.says(c.first), created(), unechoing(c.path), edit(c.says(c.second))), edited},
				checked{"A field that is found otherwise is sent",
					given(ifExists, c.says(c.first), foundUnapplied, sees(c.answers(c.second))), found},
				checked{"A field that is found as it should be is not sent", given(ifExists, c.says(c.first), foundUnapplied, sees()), nothing},
			)
		}
		for _, is := range cases {
			t.Run(c.path+": "+is.name, func(t *testing.T) {
				if diff := cmp.Diff(is.want, compare(is.facts)); diff != "" {
					t.Errorf("comparison (-want +got):\n%s", diff)
				}
			})
		}
	}
}

func unechoing(path string) setup {
	return func(f *Facts) { f.Object.Status.LastApplied.Unechoed = []string{path} }
}

func TestWebhookEnabledIsInEveryWrite(t *testing.T) {
	f := given(spec(func(s *v1alpha1.ConversationSpec) { s.WebhookEnabled = new(true) }))
	if p := mustNotPanic(t, f).Params; p.WebhookEnabled == nil || !*p.WebhookEnabled {
		t.Errorf("create sends %v", p.WebhookEnabled)
	}
	all(created(), edit(friendly("new")))(f)
	if p := mustNotPanic(t, f).Params; p.WebhookEnabled == nil || !*p.WebhookEnabled {
		t.Errorf("update sends %v", p.WebhookEnabled)
	}
	if p := mustNotPanic(t, given()).Params; p.WebhookEnabled != nil {
		t.Error("a header is sent although the spec does not say so")
	}
	for name, own := range map[string]*bool{"the account where the object does not say": nil, "the object before the account": new(true)} {
		f := given(spec(func(s *v1alpha1.ConversationSpec) { s.WebhookEnabled = own }))
		f.Account.WebhookEnabled = new(own == nil)
		if p := mustNotPanic(t, f).Params; p.WebhookEnabled == nil || !*p.WebhookEnabled {
			t.Errorf("%s decides, and a create sends %v", name, p.WebhookEnabled)
		}
	}
}

func TestWhatWasSentAndNotAnsweredIsNotBelieved(t *testing.T) {
	cases := []struct {
		name string
		// was applied, sent is what an edit sent whose answer was lost, now is what the spec says.
		was, sent, now v1alpha1.ConversationSpec
		there          twilio.State
		// resent are the fields that are sent now.
		resent []string
	}{
		{
			name:   "a timer that was taken back is sent as it was",
			was:    v1alpha1.ConversationSpec{Timers: &v1alpha1.TimersSpec{Closed: "P1D"}},
			sent:   v1alpha1.ConversationSpec{Timers: &v1alpha1.TimersSpec{Closed: "P2D"}},
			now:    v1alpha1.ConversationSpec{Timers: &v1alpha1.TimersSpec{Closed: "P1D"}},
			resent: []string{FieldTimersClosed},
		},
		{
			name:   "a timer that was new and dropped again is ended",
			sent:   v1alpha1.ConversationSpec{Timers: &v1alpha1.TimersSpec{Inactive: "P2D"}},
			resent: []string{FieldTimersInactive},
		},
		{
			name:   "attributes that were new and dropped again are emptied",
			sent:   v1alpha1.ConversationSpec{Attributes: &apiextensionsv1.JSON{Raw: []byte(`{"a":1}`)}},
			resent: []string{FieldAttributes},
		},
		{
			name:   "a state that was taken back is sent as it was",
			was:    v1alpha1.ConversationSpec{State: v1alpha1.StateInactive},
			sent:   v1alpha1.ConversationSpec{State: v1alpha1.StateActive},
			now:    v1alpha1.ConversationSpec{State: v1alpha1.StateInactive},
			there:  twilio.StateActive,
			resent: []string{FieldState},
		},
		{
			name:  "a state that is there needs not be sent",
			was:   v1alpha1.ConversationSpec{State: v1alpha1.StateInactive},
			sent:  v1alpha1.ConversationSpec{State: v1alpha1.StateActive},
			now:   v1alpha1.ConversationSpec{State: v1alpha1.StateInactive},
			there: twilio.StateInactive,
		},
		{
			name:   "a date that was taken back is sent as it was",
			was:    v1alpha1.ConversationSpec{DateCreated: "2020-01-01T00:00:00Z"},
			sent:   v1alpha1.ConversationSpec{DateCreated: "2021-01-01T00:00:00Z"},
			now:    v1alpha1.ConversationSpec{DateCreated: "2020-01-01T00:00:00Z"},
			resent: []string{FieldDateCreated},
		},
		{
			name: "a date that was new and dropped again stays",
			sent: v1alpha1.ConversationSpec{DateUpdated: "2021-01-01T00:00:00Z"},
		},
		{
			name: "a name that was taken back is not sent as it was, but seen to drift",
			was:  v1alpha1.ConversationSpec{FriendlyName: "One"},
			sent: v1alpha1.ConversationSpec{FriendlyName: "Two"},
			now:  v1alpha1.ConversationSpec{FriendlyName: "One"},
		},
		{
			name:   "a name that was taken back under Report, where drift is left, is sent as it was",
			was:    v1alpha1.ConversationSpec{ManagementPolicy: v1alpha1.ManagementPolicyReport, FriendlyName: "One"},
			sent:   v1alpha1.ConversationSpec{ManagementPolicy: v1alpha1.ManagementPolicyReport, FriendlyName: "Two"},
			now:    v1alpha1.ConversationSpec{ManagementPolicy: v1alpha1.ManagementPolicyReport, FriendlyName: "One"},
			resent: []string{FieldFriendlyName},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f := given(created(), finds())
			f.Object.Spec = c.was
			if c.was.State != "" {
				f.Observed.State = twilio.State(c.was.State)
			}
			f.Object.Status.LastApplied = Applied(f, nil)
			f.Object.Spec = c.sent
			f.UpdateIntent = NewUpdateIntent(f, Compare(f).Edits)
			f.Object.Spec = c.now
			f.Observed.Attributes, f.Observed.FriendlyName = `{"a":1}`, c.sent.FriendlyName
			if c.there != "" {
				f.Observed.State = c.there
			}
			if diff := cmp.Diff(c.resent, Fields(Compare(f).Edits)); diff != "" {
				t.Errorf("sent again (-want +got):\n%s", diff)
			}
			f.Object.Status.LastApplied = Applied(f, Compare(f).Edits)
			if left := f.openUpdate(); left != nil {
				t.Errorf("%v are still open although they were answered", left.Fields)
			}
		})
	}
}
