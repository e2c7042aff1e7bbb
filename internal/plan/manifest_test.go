// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

func TestManifest(t *testing.T) {
	plain := v1alpha1.ConversationSpec{
		Adoption: &v1alpha1.AdoptionSpec{SID: ourSID}, ChatServiceSID: serviceSID, DeletionPolicy: v1alpha1.DeletionPolicyRetain,
	}
	with := func(change func(*v1alpha1.ConversationSpec)) v1alpha1.ConversationSpec {
		s := *plain.DeepCopy()
		change(&s)
		return s
	}
	bare := func(change func(*twilio.Conversation)) *twilio.Conversation {
		c := &twilio.Conversation{SID: ourSID, AccountSID: accountSID, ChatServiceSID: serviceSID, Attributes: "{}", Bindings: &twilio.Bindings{}}
		change(c)
		return c
	}
	attributes := func(text string) func(*twilio.Conversation) {
		return func(c *twilio.Conversation) { c.Attributes = text }
	}
	cases := []struct {
		name string
		conv *twilio.Conversation
		want v1alpha1.ConversationSpec
	}{
		{"What was never set is left out", bare(func(*twilio.Conversation) {}), plain},
		{"Everything that can be read is kept", bare(func(c *twilio.Conversation) {
			c.FriendlyName, c.UniqueName, c.State, c.MessagingServiceSID = "VIP", "vip", twilio.StateInactive, messagingSID
			c.Attributes = ` {"b": [1.50], "a": "<ü>"} `
			c.Bindings.Email = &twilio.EmailBinding{Address: "a@example.com", Name: "Anna"}
			c.Timers.DateClosed = &future
		}), with(func(s *v1alpha1.ConversationSpec) {
			s.FriendlyName, s.UniqueName, s.State, s.MessagingServiceSID = "VIP", "vip", v1alpha1.StateInactive, messagingSID
			s.Attributes = jsonOf(`{"a":"\u003cü\u003e","b":[1.5]}`)
			s.Bindings = &v1alpha1.BindingsSpec{Email: &v1alpha1.EmailBindingSpec{Address: "a@example.com", Name: "Anna"}}
		})},
		{"A generated name is left to whoever generates it", bare(func(c *twilio.Conversation) { c.UniqueName = given().Generated }), plain},
		{"A slash in the name is fine for adoption", bare(func(c *twilio.Conversation) { c.UniqueName = "a/b" }),
			with(func(s *v1alpha1.ConversationSpec) { s.UniqueName = "a/b" })},
		{"A name that the CRD refuses is left out", bare(func(c *twilio.Conversation) { c.UniqueName = ".." }), plain},
		{"A friendly name that the CRD refuses is left out", bare(func(c *twilio.Conversation) { c.FriendlyName = long(257) }), plain},
		{"A conversation that is being set up has no state to keep", bare(func(c *twilio.Conversation) { c.State = twilio.StateInitializing }), plain},
		{"A closed conversation stays closed", bare(func(c *twilio.Conversation) { c.State = twilio.StateClosed }),
			with(func(s *v1alpha1.ConversationSpec) { s.State = v1alpha1.StateClosed })},
		{"A binding without an address is kept", bare(func(c *twilio.Conversation) { c.Bindings.Email = &twilio.EmailBinding{Name: "Anna"} }),
			with(func(s *v1alpha1.ConversationSpec) { emailSpec(s).Name = "Anna" })},
		{"A binding without anything is none", bare(func(c *twilio.Conversation) { c.Bindings.Email = &twilio.EmailBinding{} }), plain},
		{"An answer without bindings has none", bare(func(c *twilio.Conversation) { c.Bindings = nil }), plain},
		{"A scalar is kept", bare(attributes(`"text"`)), with(func(s *v1alpha1.ConversationSpec) { s.Attributes = jsonOf(`"text"`) })},
		{"An integer of 64 bits is kept", bare(attributes(`9223372036854775807`)),
			with(func(s *v1alpha1.ConversationSpec) { s.Attributes = jsonOf(`9223372036854775807`) })},
		{"An integer that the API server would round is left out", bare(attributes(`{"n":9223372036854775808123}`)), plain},
		{"A fraction that the API server would round is left out", bare(attributes(`0.12345678901234567890123`)), plain},
		{"A number that the API server would refuse is left out", bare(attributes(`1e400`)), plain},
		{"A null that kubectl apply would drop is left out", bare(attributes(`{"a":[{"b":null}]}`)), plain},
		{"A null in a list is kept", bare(attributes(`[null]`)), with(func(s *v1alpha1.ConversationSpec) { s.Attributes = jsonOf(`[null]`) })},
		{"null counts as nothing", bare(attributes(`null`)), plain},
		{"What is not JSON is left out", bare(attributes(`yes`)), plain},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, Manifest(c.conv)); diff != "" {
				t.Errorf("spec (-want +got):\n%s", diff)
			}
		})
	}
}
