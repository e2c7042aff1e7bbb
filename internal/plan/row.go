// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"cmp"
	"time"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// Paths in spec of the fields that Twilio holds, as status.drift names them.
const (
	FieldFriendlyName   = "friendlyName"
	FieldUniqueName     = "uniqueName"
	FieldAttributes     = "attributes"
	FieldMessaging      = "messagingServiceSid"
	FieldEmailAddress   = "bindings.email.address"
	FieldEmailName      = "bindings.email.name"
	FieldState          = "state"
	FieldTimersInactive = "timers.inactive"
	FieldTimersClosed   = "timers.closed"
	FieldDateCreated    = "dateCreated"
	FieldDateUpdated    = "dateUpdated"
)

// row is the whole knowledge of one field at Twilio. All values are texts; an empty text means: the field is not set.
type row struct {
	path string
	// wanted answers the text for which the spec asks. write is the reverse: write puts Twilio's text into a spec; nil: no
	// spec can say Twilio's text.
	wanted func(*Facts) string
	write  func(*v1alpha1.ConversationSpec, string)
	// recorded is the field's place in the record of the last applied values.
	recorded func(*v1alpha1.AppliedSpec) *string
	// answered is the text in Twilio's answer, and whether the answer has the field at all; nil: Twilio never answers the
	// field.
	answered func(*twilio.Conversation) (string, bool)
	// send puts a text into the form of a request, under the name of the parameter. taken changes the conversation as
	// Twilio would; nil: the change does not show.
	send      func(*twilio.Params, string)
	parameter string
	taken     func(*twilio.Conversation, string)
	// same tells whether two texts mean the same.
	same func(a, b string) bool
	// key turns a wanted text into the recorded text; nil: the text itself is recorded.
	key func(string) string
	// drop decides how to act when the spec no longer has the field; nil: no act. reset is the text to send then.
	drop  func(*Comparison, *Facts, *field)
	reset string
	// clears: dropping the field takes an update.
	clears bool
	// quiet fields are never compared with Twilio's values.
	quiet bool
	// runs tells whether the clock of a timer runs, or ran; nil: the field is no timer.
	runs func(*twilio.Conversation) bool
}

// rows are all fields, in the order in which differences are reported. The state comes last, and has rules of its own
// ([Comparison]).
var rows = []row{
	{
		path: FieldFriendlyName, wanted: fromSpec(func(s *v1alpha1.ConversationSpec) string { return s.FriendlyName }),
		write:    func(s *v1alpha1.ConversationSpec, v string) { s.FriendlyName = v },
		recorded: func(a *v1alpha1.AppliedSpec) *string { return &a.FriendlyName },
		answered: func(c *twilio.Conversation) (string, bool) { return c.FriendlyName, true },
		send:     func(p *twilio.Params, v string) { p.FriendlyName = &v }, parameter: "FriendlyName",
		// Twilio keeps a friendly name which a request empties.
		taken: func(c *twilio.Conversation, v string) { c.FriendlyName = cmp.Or(v, c.FriendlyName) },
		same:  equal, drop: keep,
	},
	{
		path: FieldUniqueName, wanted: (*Facts).uniqueName,
		write:    func(s *v1alpha1.ConversationSpec, v string) { s.UniqueName = v },
		recorded: func(a *v1alpha1.AppliedSpec) *string { return &a.UniqueName },
		answered: func(c *twilio.Conversation) (string, bool) { return c.UniqueName, true },
		send:     func(p *twilio.Params, v string) { p.UniqueName = &v }, parameter: "UniqueName",
		taken: func(c *twilio.Conversation, v string) { c.UniqueName = v },
		same:  equal,
	},
	{
		path: FieldAttributes, wanted: fromSpec(attributes),
		write: func(s *v1alpha1.ConversationSpec, v string) {
			if stored := storedAttributes(v); stored != nil {
				s.Attributes = &apiextensionsv1.JSON{Raw: stored}
			}
		},
		// The record of the attributes is a hash, because the attributes may have 16 KB.
		recorded: func(a *v1alpha1.AppliedSpec) *string { return &a.AttributesHash },
		answered: func(c *twilio.Conversation) (string, bool) { return c.Attributes, true },
		send:     func(p *twilio.Params, v string) { p.Attributes = &v }, parameter: "Attributes",
		taken: func(c *twilio.Conversation, v string) { c.Attributes = v },
		same:  SameAttributes, key: HashAttributes, drop: resetAttributes, reset: noAttributes, clears: true,
	},
	{
		path: FieldMessaging, wanted: fromSpec(func(s *v1alpha1.ConversationSpec) string { return s.MessagingServiceSID }),
		write:    func(s *v1alpha1.ConversationSpec, v string) { s.MessagingServiceSID = v },
		recorded: func(a *v1alpha1.AppliedSpec) *string { return &a.MessagingServiceSID },
		answered: func(c *twilio.Conversation) (string, bool) { return c.MessagingServiceSID, true },
		send:     func(p *twilio.Params, v string) { p.MessagingServiceSID = &v }, parameter: "MessagingServiceSid",
		taken: func(c *twilio.Conversation, v string) { c.MessagingServiceSID = v },
		same:  equal, drop: keep,
	},
	{
		path: FieldEmailAddress, wanted: fromSpec(func(s *v1alpha1.ConversationSpec) string { return emailBinding(s).Address }),
		write:    func(s *v1alpha1.ConversationSpec, v string) { emailSpec(s).Address = v },
		recorded: func(a *v1alpha1.AppliedSpec) *string { return &a.EmailAddress },
		answered: answeredEmail(func(e *twilio.EmailBinding) string { return e.Address }),
		send:     func(p *twilio.Params, v string) { p.BindingsEmailAddress = &v }, parameter: "Bindings.Email.Address",
		taken: func(c *twilio.Conversation, v string) { takenEmail(c).Address = v },
		same:  equal, drop: empty, clears: true,
	},
	{
		path: FieldEmailName, wanted: fromSpec(func(s *v1alpha1.ConversationSpec) string { return emailBinding(s).Name }),
		write:    func(s *v1alpha1.ConversationSpec, v string) { emailSpec(s).Name = v },
		recorded: func(a *v1alpha1.AppliedSpec) *string { return &a.EmailName },
		answered: answeredEmail(func(e *twilio.EmailBinding) string { return e.Name }),
		send:     func(p *twilio.Params, v string) { p.BindingsEmailName = &v }, parameter: "Bindings.Email.Name",
		taken: func(c *twilio.Conversation, v string) { takenEmail(c).Name = v },
		same:  equal, drop: empty, clears: true,
	},
	{
		// Twilio answers the end of a running timer, never the timer's duration, so the row has no answered.
		path: FieldTimersInactive, wanted: fromSpec(func(s *v1alpha1.ConversationSpec) string { return timersIn(s).Inactive }),
		recorded: func(a *v1alpha1.AppliedSpec) *string { return &a.TimersInactive },
		send:     func(p *twilio.Params, v string) { p.TimersInactive = &v }, parameter: "Timers.Inactive",
		same: sameTimer, drop: stopTimer, reset: noTimer, clears: true, quiet: true,
		runs: func(c *twilio.Conversation) bool {
			return c.Timers.DateInactive != nil || c.State == twilio.StateInactive
		},
	},
	{
		path: FieldTimersClosed, wanted: fromSpec(func(s *v1alpha1.ConversationSpec) string { return timersIn(s).Closed }),
		recorded: func(a *v1alpha1.AppliedSpec) *string { return &a.TimersClosed },
		send:     func(p *twilio.Params, v string) { p.TimersClosed = &v }, parameter: "Timers.Closed",
		same: sameTimer, drop: stopTimer, reset: noTimer, clears: true, quiet: true,
		runs: func(c *twilio.Conversation) bool { return c.Timers.DateClosed != nil },
	},
	{
		// Dates are only for recreating a conversation. Twilio changes dateUpdated with every update, so dates are quiet.
		path: FieldDateCreated, wanted: fromSpec(func(s *v1alpha1.ConversationSpec) string { return s.DateCreated }),
		recorded: func(a *v1alpha1.AppliedSpec) *string { return &a.DateCreated },
		send:     func(p *twilio.Params, v string) { p.DateCreated = date(v) }, parameter: "DateCreated",
		same: sameTime, quiet: true,
	},
	{
		path: FieldDateUpdated, wanted: fromSpec(func(s *v1alpha1.ConversationSpec) string { return s.DateUpdated }),
		recorded: func(a *v1alpha1.AppliedSpec) *string { return &a.DateUpdated },
		send:     func(p *twilio.Params, v string) { p.DateUpdated = date(v) }, parameter: "DateUpdated",
		same: sameTime, quiet: true,
	},
	{
		path: FieldState, wanted: fromSpec(func(s *v1alpha1.ConversationSpec) string { return string(s.State) }),
		write:    func(s *v1alpha1.ConversationSpec, v string) { s.State = v1alpha1.ConversationState(v) },
		recorded: func(a *v1alpha1.AppliedSpec) *string { return &a.State },
		answered: func(c *twilio.Conversation) (string, bool) { return string(c.State), true },
		send:     func(p *twilio.Params, v string) { p.State = new(twilio.State(v)) }, parameter: "State",
		taken: func(c *twilio.Conversation, v string) { c.State = twilio.State(v) },
		same:  equal,
	},
}

// stateRow is the row of the state, compared are all other rows.
var compared, stateRow = rows[:len(rows)-1], &rows[len(rows)-1]

func equal(a, b string) bool { return a == b }

// fromSpec makes a row's wanted of a function which needs the spec alone.
func fromSpec(of func(*v1alpha1.ConversationSpec) string) func(*Facts) string {
	return func(f *Facts) string { return of(&f.Object.Spec) }
}

// date reads a date which admission has checked already.
func date(value string) *time.Time {
	t, err := time.Parse(time.RFC3339, value)
	if err != nil {
		return nil
	}
	return &t
}

// timersIn are the timers of a spec; empty timers where the spec has none.
func timersIn(s *v1alpha1.ConversationSpec) v1alpha1.TimersSpec {
	if s.Timers == nil {
		return v1alpha1.TimersSpec{}
	}
	return *s.Timers
}

func emailBinding(s *v1alpha1.ConversationSpec) v1alpha1.EmailBindingSpec {
	if s.Bindings == nil || s.Bindings.Email == nil {
		return v1alpha1.EmailBindingSpec{}
	}
	return *s.Bindings.Email
}

// emailSpec makes room for the e-mail binding in a spec.
func emailSpec(s *v1alpha1.ConversationSpec) *v1alpha1.EmailBindingSpec {
	if s.Bindings == nil {
		s.Bindings = &v1alpha1.BindingsSpec{}
	}
	if s.Bindings.Email == nil {
		s.Bindings.Email = &v1alpha1.EmailBindingSpec{}
	}
	return s.Bindings.Email
}

// answeredEmail answers a part of the e-mail binding. Older answers have no bindings at all, so the field is unknown.
func answeredEmail(part func(*twilio.EmailBinding) string) func(*twilio.Conversation) (string, bool) {
	return func(c *twilio.Conversation) (string, bool) {
		if c.Bindings == nil {
			return "", false
		}
		if c.Bindings.Email == nil {
			return "", true
		}
		return part(c.Bindings.Email), true
	}
}

// takenEmail gives the conversation a copy of its e-mail binding, or an empty binding: Imagine must not change the
// original.
func takenEmail(c *twilio.Conversation) *twilio.EmailBinding {
	email := twilio.EmailBinding{}
	if c.Bindings != nil && c.Bindings.Email != nil {
		email = *c.Bindings.Email
	}
	c.Bindings = &twilio.Bindings{Email: &email}
	return &email
}
