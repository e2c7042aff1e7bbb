// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

func TestAnUpdateIsImaginedAsTwilioCarriesItOut(t *testing.T) {
	was := twilio.Conversation{SID: "CH1", FriendlyName: "old", UniqueName: "vip", Attributes: "{}", State: twilio.StateActive}
	email := func(address, name string) *twilio.Bindings {
		return &twilio.Bindings{Email: &twilio.EmailBinding{Address: address, Name: name}}
	}
	with := func(change func(*twilio.Conversation)) twilio.Conversation {
		next := was
		change(&next)
		return next
	}
	for _, c := range []struct {
		name     string
		is, want twilio.Conversation
		send     twilio.Params
	}{
		{"nothing is sent", was, was, twilio.Params{}},
		{"a text is replaced", was, with(func(c *twilio.Conversation) { c.UniqueName = "" }), twilio.Params{UniqueName: new("")}},
		{"Twilio keeps a friendly name that is emptied", was, was, twilio.Params{FriendlyName: new("")}},
		{"a state", was, with(func(c *twilio.Conversation) { c.State = twilio.StateClosed }), twilio.Params{State: new(twilio.StateClosed)}},
		{"the first binding", was, with(func(c *twilio.Conversation) { c.Bindings = email("a@example.com", "") }),
			twilio.Params{BindingsEmailAddress: new("a@example.com")}},
		{"half of a binding keeps the other half", with(func(c *twilio.Conversation) { c.Bindings = email("a@example.com", "A") }),
			with(func(c *twilio.Conversation) { c.Bindings = email("a@example.com", "B") }), twilio.Params{BindingsEmailName: new("B")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := c.is
			if diff := cmp.Diff(&c.want, Imagine(&c.is, c.send)); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(before, c.is); diff != "" {
				t.Errorf("what Twilio has was changed: %s", diff)
			}
		})
	}
}
