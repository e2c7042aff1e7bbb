// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

func TestWhatAddressesMayDoOtherwise(t *testing.T) {
	type quirks = simulator.AddressQuirks
	sms := []string{"Type", "sms", "Address", number}
	chat := "CV" + strings.Repeat("a", 32)
	for _, tt := range []struct {
		name         string
		quirks       quirks
		prepare      []string
		path         string
		form         []string
		status, code int
		field, want  string
	}{
		{"a second one is 409 with a code", quirks{}, sms, addresses, sms, 409, 20409, "", ""},
		{"a second one is 400", quirks{DuplicateStatus: 400}, sms, addresses, sms, 400, 20409, "", ""},
		{"a second one has another code", quirks{DuplicateCode: 50436}, sms, addresses, sms, 409, 50436, "", ""},
		{"a second one has no code", quirks{DuplicateCode: -1}, sms, addresses, sms, 409, 0, "", ""},
		{"a second one of another type is a second", quirks{AcceptAnyFormat: true}, sms, addresses,
			[]string{"Type", "rcs", "Address", number}, 409, 20409, "", ""},
		{"one of each type", quirks{AcceptAnyFormat: true, UniquePerType: true}, sms, addresses,
			[]string{"Type", "rcs", "Address", number}, 201, 0, "type", "rcs"},

		{"an empty name is kept", quirks{}, toWebhook("FriendlyName", "A"), addressPath(number), []string{"FriendlyName", ""}, 200, 0, "friendly_name", "A"},
		{"an empty name is cleared", quirks{ClearEmptyTexts: true}, toWebhook("FriendlyName", "A"), addressPath(number),
			[]string{"FriendlyName", ""}, 200, 0, "friendly_name", ""},
		{"an empty name is refused", quirks{RefuseEmptyTexts: true}, sms, addressPath(number), []string{"FriendlyName", ""}, 400, 20001, "", ""},
		{"an empty service is kept", quirks{}, toWebhook(), addressPath(number), []string{"AutoCreation.ConversationServiceSid", ""},
			200, 0, "auto_creation.conversation_service_sid", service2},
		{"an empty service is cleared", quirks{ClearEmptyTexts: true}, toWebhook(), addressPath(number),
			[]string{"AutoCreation.ConversationServiceSid", ""}, 200, 0, "auto_creation.conversation_service_sid", ""},
		{"an empty URL is kept", quirks{}, toWebhook(), addressPath(number), []string{"AutoCreation.WebhookUrl", ""},
			200, 0, "auto_creation.webhook_url", "https://localhost/webhook"},
		{"an empty URL is cleared", quirks{ClearEmptyTexts: true}, toWebhook(), addressPath(number),
			[]string{"AutoCreation.WebhookUrl", ""}, 200, 0, "auto_creation.webhook_url", ""},

		{"the other type's fields are dropped", quirks{}, toWebhook(), addressPath(number), []string{"AutoCreation.Type", "default"},
			200, 0, "auto_creation.webhook_url", ""},
		{"the other type's fields are kept", quirks{KeepFieldsOfOtherType: true}, toWebhook(), addressPath(number),
			[]string{"AutoCreation.Type", "default"}, 200, 0, "auto_creation.webhook_url", "https://localhost/webhook"},
		{"no flow is needed", quirks{}, sms, addressPath(number), []string{"AutoCreation.Type", "studio"}, 200, 0, "auto_creation.type", "studio"},
		{"a flow is needed", quirks{RefuseIncomplete: true}, sms, addressPath(number), []string{"AutoCreation.Type", "studio"}, 400, 20001, "", ""},
		{"no URL is needed", quirks{}, sms, addressPath(number), []string{"AutoCreation.Type", "webhook"}, 200, 0, "auto_creation.type", "webhook"},
		{"a URL is needed", quirks{RefuseIncomplete: true}, sms, addressPath(number), []string{"AutoCreation.Type", "webhook"}, 400, 20001, "", ""},

		{"the type is in lower case", quirks{}, nil, addresses, []string{"Type", "SMS", "Address", number}, 201, 0, "type", "sms"},
		{"the type is as sent", quirks{KeepCaseOfType: true}, nil, addresses, []string{"Type", "SMS", "Address", number}, 201, 0, "type", "SMS"},
		{"the address is as sent", quirks{}, nil, addresses, []string{"Type", "email", "Address", "A@Example.com"}, 201, 0, "address", "A@Example.com"},
		{"the address is canonical", quirks{CanonicalAddresses: true}, nil, addresses,
			[]string{"Type", "email", "Address", "A@Example.com"}, 201, 0, "address", "a@example.com"},
		{"the number is canonical", quirks{CanonicalAddresses: true}, nil, addresses,
			[]string{"Type", "sms", "Address", "+1 (555) 01-00"}, 201, 0, "address", number},
		{"any format will do", quirks{AcceptAnyFormat: true}, nil, addresses,
			[]string{"Type", "sms", "Address", "whatsapp:" + number}, 201, 0, "address", "whatsapp:" + number},

		{"a filter has another code", quirks{FilterCode: 20001}, sms, addressPath(number),
			[]string{"AutoCreation.WebhookFilters", "onConversationAdded"}, 400, 20001, "", ""},
		{"an update by address is taken", quirks{}, sms, addressPath(number), []string{"FriendlyName", "A"}, 200, 0, "friendly_name", "A"},
		{"an update by address finds nothing", quirks{WriteBySIDOnly: true}, sms, addressPath(number), []string{"FriendlyName", "A"}, 404, 20404, "", ""},
		{"web chat is taken", quirks{AcceptChat: true}, nil, addresses, []string{"Type", "chat", "Address", chat}, 201, 0, "address", chat},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := connect(t, start(t, func(o *simulator.Options) { o.Quirks.Addresses = tt.quirks }))
			if tt.prepare != nil {
				a.create(addresses, tt.prepare...)
			}
			got := a.post(tt.path, tt.form...).want(t, tt.status, tt.code)
			have := got.field(tt.field)
			if object, field, inside := strings.Cut(tt.field, "."); inside {
				have = got.inner(object, field)
			}
			if have != tt.want {
				t.Errorf("%s is %q, want %q", tt.field, have, tt.want)
			}
		})
	}
}

func TestADeleteByAddressMayFindNothing(t *testing.T) {
	a := connect(t, start(t, func(o *simulator.Options) { o.Quirks.Addresses.WriteBySIDOnly = true }))
	sid := a.create(addresses, toWebhook()...)
	a.do(http.MethodDelete, addressPath(number), nil).want(t, http.StatusNotFound, 20404)
	a.get(addressPath(number)).want(t, http.StatusOK, 0)
	a.do(http.MethodDelete, addresses+"/"+sid, nil).want(t, http.StatusNoContent, 0)
}

func TestAnAddressOfSomebodyElse(t *testing.T) {
	for name, tt := range map[string]struct {
		quirks       simulator.AddressQuirks
		address      string
		status, code int
	}{
		"one's own is taken":           {simulator.AddressQuirks{}, number, 201, 0},
		"another is refused":           {simulator.AddressQuirks{}, "+15550199", 400, 20001},
		"another is refused as denied": {simulator.AddressQuirks{ForeignStatus: 403}, "+15550199", 403, 20001},
		"another is taken":             {simulator.AddressQuirks{AcceptForeign: true}, "+15550199", 201, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, func(o *simulator.Options) { o.Quirks.Addresses = tt.quirks })
			c, err := s.Configuration("")
			must(t, err)
			c.Addresses = []string{number}
			must(t, s.SetConfiguration("", c))
			connect(t, s).post(addresses, "Type", "sms", "Address", tt.address).want(t, tt.status, tt.code)
		})
	}
}

func TestTheShapesOfAutoCreation(t *testing.T) {
	const id = "conversation_service_sid"
	for name, tt := range map[string]struct {
		quirks simulator.AddressQuirks
		form   []string
		want   map[string]any
	}{
		"all fields but the undocumented one": {simulator.AddressQuirks{OmitBindingName: true}, []string{"Type", "sms", "Address", number},
			map[string]any{"enabled": false, "type": "default", id: nil, "webhook_url": nil, "webhook_method": nil,
				"webhook_filters": nil, "studio_flow_sid": nil, "studio_retry_count": nil}},
		"only those of type default": {simulator.AddressQuirks{OnlyFieldsOfType: true}, []string{"Type", "sms", "Address", number},
			map[string]any{"enabled": false, "type": "default"}},
		"only those of type webhook": {simulator.AddressQuirks{OnlyFieldsOfType: true}, toWebhook(), map[string]any{
			"enabled": true, "type": "webhook", id: service2, "webhook_url": "https://localhost/webhook", "webhook_method": "POST",
			"webhook_filters": []any{"onParticipantAdded", "onMessageAdded"}}},
		"only those of type studio": {simulator.AddressQuirks{OnlyFieldsOfType: true}, []string{"Type", "sms", "Address", number,
			"AutoCreation.Type", "studio", "AutoCreation.StudioFlowSid", flow, "AutoCreation.StudioRetryCount", "0"},
			map[string]any{"enabled": false, "type": "studio", "studio_flow_sid": flow, "studio_retry_count": 0.0}},
	} {
		t.Run(name, func(t *testing.T) {
			a := connect(t, start(t, func(o *simulator.Options) { o.Quirks.Addresses = tt.quirks }))
			got := a.post(addresses, tt.form...).want(t, http.StatusCreated, 0)
			if diff := cmp.Diff(any(tt.want), got.body["auto_creation"]); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestTheDateOfANewAddressMayBeMissing(t *testing.T) {
	for sparse, want := range map[bool]any{false: "2026-03-01T12:00:00Z", true: nil} {
		a := connect(t, start(t, func(o *simulator.Options) { o.Quirks.SparseAnswers = sparse }))
		if got := a.post(addresses, toWebhook()...).want(t, http.StatusCreated, 0).body["date_updated"]; got != want {
			t.Errorf("date_updated is %v, want %v", got, want)
		}
	}
}

func TestFaultsKnowAddresses(t *testing.T) {
	s := start(t)
	a := connect(t, s)
	sid := a.create(addresses, toWebhook()...)
	rule(t, s, simulator.Match{Operation: simulator.OperationFetchAddress, SID: sid}, simulator.Effect{Status: 503})
	a.get(addressPath(number)).want(t, http.StatusServiceUnavailable, 0)
	a.post(addressPath(number), "FriendlyName", "A").want(t, http.StatusOK, 0)
	log := s.Requests()
	if last := log[len(log)-1]; last.Operation != simulator.OperationUpdateAddress || last.SID != sid {
		t.Errorf("the log has %+v", last)
	}
}
