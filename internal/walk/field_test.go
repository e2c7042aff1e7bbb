// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package walk_test

import (
	"net/url"
	"time"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// field is what the properties need to know of a field of the spec.
type field struct {
	path, form string
	// says is the value in a spec; empty: none.
	says func(*v1alpha1.ConversationSpec) string
	// shows is the value at Twilio; nil: Twilio does not show it.
	shows func(*twilio.Conversation) string
	same  func(a, b string) bool
	// handed is what is sent when the field is dropped; nil: nothing.
	handed *string
}

var fields = []field{
	{plan.FieldFriendlyName, "FriendlyName",
		func(s *v1alpha1.ConversationSpec) string { return s.FriendlyName },
		func(c *twilio.Conversation) string { return c.FriendlyName }, equal, nil},
	{plan.FieldUniqueName, "UniqueName",
		func(s *v1alpha1.ConversationSpec) string { return s.UniqueName },
		func(c *twilio.Conversation) string { return c.UniqueName }, equal, &generated},
	{plan.FieldAttributes, "Attributes", attributes,
		func(c *twilio.Conversation) string { return c.Attributes }, plan.SameAttributes, new("{}")},
	{plan.FieldMessaging, "MessagingServiceSid",
		func(s *v1alpha1.ConversationSpec) string { return s.MessagingServiceSID },
		func(c *twilio.Conversation) string { return c.MessagingServiceSID }, equal, nil},
	{plan.FieldEmailAddress, "Bindings.Email.Address",
		func(s *v1alpha1.ConversationSpec) string { return emailOf(s).Address },
		func(c *twilio.Conversation) string { return emailAt(c).Address }, equal, new("")},
	{plan.FieldEmailName, "Bindings.Email.Name",
		func(s *v1alpha1.ConversationSpec) string { return emailOf(s).Name },
		func(c *twilio.Conversation) string { return emailAt(c).Name }, equal, new("")},
	{plan.FieldTimersInactive, "Timers.Inactive",
		func(s *v1alpha1.ConversationSpec) string { return timersOf(s).Inactive }, nil, sameTimer, new("PT0S")},
	{plan.FieldTimersClosed, "Timers.Closed",
		func(s *v1alpha1.ConversationSpec) string { return timersOf(s).Closed }, nil, sameTimer, new("PT0S")},
	{plan.FieldDateCreated, "DateCreated", func(s *v1alpha1.ConversationSpec) string { return s.DateCreated }, nil, equal, nil},
	{plan.FieldDateUpdated, "DateUpdated", func(s *v1alpha1.ConversationSpec) string { return s.DateUpdated }, nil, equal, nil},
	{plan.FieldState, "State", func(s *v1alpha1.ConversationSpec) string { return string(s.State) }, nil, equal, nil},
}

func equal(a, b string) bool { return a == b }

// attributes is what is sent for the attributes of a spec; empty: nothing.
func attributes(s *v1alpha1.ConversationSpec) string {
	if s.Attributes == nil || string(s.Attributes.Raw) == "null" {
		return ""
	}
	text, _ := plan.EncodeAttributes(s.Attributes.Raw)
	return text
}

func emailOf(s *v1alpha1.ConversationSpec) v1alpha1.EmailBindingSpec {
	if s.Bindings == nil || s.Bindings.Email == nil {
		return v1alpha1.EmailBindingSpec{}
	}
	return *s.Bindings.Email
}

func emailAt(c *twilio.Conversation) twilio.EmailBinding {
	if c.Bindings.Email == nil {
		return twilio.EmailBinding{}
	}
	return *c.Bindings.Email
}

func timersOf(s *v1alpha1.ConversationSpec) v1alpha1.TimersSpec {
	if s.Timers == nil {
		return v1alpha1.TimersSpec{}
	}
	return *s.Timers
}

// length of a timer; zero: there is none.
func length(text string) time.Duration {
	seconds, _ := v1alpha1.TimerSeconds(text)
	return time.Duration(seconds) * time.Second
}

// sameTimer: a timer that is not named is not a timer that is switched off.
func sameTimer(a, b string) bool { return (a == "") == (b == "") && length(a) == length(b) }

// sent is what an edit from one spec to another must send, and nothing else.
func sent(from, to *v1alpha1.ConversationSpec) url.Values {
	form := url.Values{}
	for i := range fields {
		f := &fields[i]
		was, is := f.says(from), f.says(to)
		switch {
		case f.same(was, is):
		case is != "":
			form.Set(f.form, is)
		case f.handed != nil && !f.same(was, *f.handed):
			form.Set(f.form, *f.handed)
		}
	}
	return form
}
