// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

const (
	addresses = "/v1/Configuration/Addresses"
	number    = "+15550100"
	flow      = "FWaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
)

// toWebhook are the parameters of a configuration of the number whose conversations are told to a webhook.
func toWebhook(more ...string) []string {
	return append([]string{
		"Type", "sms", "Address", number, "AutoCreation.Enabled", "true", "AutoCreation.Type", "webhook",
		"AutoCreation.WebhookUrl", "https://localhost/webhook", "AutoCreation.WebhookMethod", "post",
		"AutoCreation.WebhookFilters", "onParticipantAdded", "AutoCreation.WebhookFilters", "onMessageAdded",
		"AutoCreation.ConversationServiceSid", service2,
	}, more...)
}

// auto is auto_creation of an answer, without what is null.
func (a answer) auto() map[string]any {
	set := map[string]any{}
	all, _ := a.body["auto_creation"].(map[string]any)
	for key, v := range all {
		if v != nil {
			set[key] = v
		}
	}
	return set
}

func addressPath(key string) string { return addresses + "/" + url.PathEscape(key) }

func TestAnAddressOfItsTypeAloneIsOff(t *testing.T) {
	a := connect(t, start(t))
	got := a.post(addresses, "Type", "whAtsAPP", "Address", "whatsapp:"+number).want(t, http.StatusCreated, 0)
	want := map[string]any{
		"enabled": false, "type": "default", "binding_name": nil, "conversation_service_sid": nil, "webhook_url": nil,
		"webhook_method": nil, "webhook_filters": nil, "studio_flow_sid": nil, "studio_retry_count": nil,
	}
	if diff := cmp.Diff(any(want), got.body["auto_creation"]); diff != "" {
		t.Errorf("auto_creation (-want +got):\n%s", diff)
	}
	if got.field("type") != "whatsapp" || got.field("address") != "whatsapp:"+number || got.body["friendly_name"] != nil {
		t.Errorf("created %s", got.text)
	}
}

func TestAnAddressIsFoundByItself(t *testing.T) {
	a := connect(t, start(t))
	for _, tt := range [][2]string{
		{"sms", number}, {"whatsapp", "whatsapp:" + number}, {"messenger", "messenger:103"}, {"email", "help@example.com"},
		{"apple", "urn:mbid:103"}, {"rcs", "rcs:sender"}, {"gbm", "an agent"},
	} {
		sid := a.create(addresses, "Type", tt[0], "Address", tt[1])
		got := a.get(addressPath(tt[1])).want(t, http.StatusOK, 0)
		if got.field("sid") != sid || !strings.HasSuffix(got.field("url"), addresses+"/"+sid) {
			t.Errorf("%s is %s", tt[1], got.text)
		}
		if same := a.get(addresses + "/" + sid); same.text != got.text {
			t.Errorf("by its SID it is %s", same.text)
		}
	}
	escaped := addresses + "/" + url.QueryEscape("whatsapp:"+number)
	if got := a.get(escaped).want(t, http.StatusOK, 0).field("type"); got != "whatsapp" {
		t.Errorf("%s is of type %q", escaped, got)
	}
	a.get(addressPath("+15550199")).want(t, http.StatusNotFound, 20404)
	a.get(addresses+"/IG"+strings.Repeat("0", 32)).want(t, http.StatusNotFound, 20404)
}

func TestAnAddressHasOneConfiguration(t *testing.T) {
	s := start(t)
	a := connect(t, s)
	a.create(addresses, toWebhook()...)
	a.post(addresses, toWebhook("FriendlyName", "Second")...).want(t, http.StatusConflict, 20409)
	if all := s.Addresses(""); len(all) != 1 || all[0].FriendlyName != "" {
		t.Errorf("the account has %v", all)
	}
}

func TestAnUpdateOfAnAddressMerges(t *testing.T) {
	s := start(t)
	a := connect(t, s)
	sid := a.create(addresses, toWebhook("FriendlyName", "Helpline", "AddressCountry", "GB")...)
	before := a.get(addresses + "/" + sid)

	for name, form := range map[string][]string{
		"an empty form":                   nil,
		"an unknown parameter":            {"Colour", "red"},
		"the type, the address, the land": {"Type", "email", "Address", "a@example.com", "AddressCountry", "FR"},
	} {
		if got := a.post(addressPath(number), form...).want(t, http.StatusOK, 0); got.text != before.text {
			t.Errorf("%s made it %s", name, got.text)
		}
	}
	off := a.post(addresses+"/"+sid, "AutoCreation.Enabled", "false").want(t, http.StatusOK, 0)
	want := before.auto()
	want["enabled"] = false
	if diff := cmp.Diff(want, off.auto()); diff != "" || off.field("friendly_name") != "Helpline" {
		t.Errorf("switched off (-want +got):\n%s", diff)
	}
	if want["webhook_method"] != "POST" || want["conversation_service_sid"] != service2 {
		t.Errorf("the configuration was %v", want)
	}
}

func TestFiltersOfAnAddressAreReplacedInOrder(t *testing.T) {
	a := connect(t, start(t))
	sid := a.create(addresses, toWebhook()...)
	filters := func() any { return a.get(addresses + "/" + sid).auto()["webhook_filters"] }
	if diff := cmp.Diff(any([]any{"onParticipantAdded", "onMessageAdded"}), filters()); diff != "" {
		t.Errorf("created (-want +got):\n%s", diff)
	}
	a.post(addresses+"/"+sid, "AutoCreation.WebhookFilters", "onDeliveryUpdated").want(t, http.StatusOK, 0)
	if diff := cmp.Diff(any([]any{"onDeliveryUpdated"}), filters()); diff != "" {
		t.Errorf("updated (-want +got):\n%s", diff)
	}
}

func TestAnAddressHasNoEventOfNewConversations(t *testing.T) {
	s := start(t)
	a := connect(t, s)
	got := a.post(addresses, toWebhook("AutoCreation.WebhookFilters", "onConversationAdded")...).want(t, http.StatusBadRequest, 50365)
	if got.field("message") != "Invalid Webhook filter" || len(s.Addresses("")) != 0 {
		t.Errorf("refused with %s", got.text)
	}
}

func TestAnotherTypeDropsTheFieldsOfTheFirst(t *testing.T) {
	a := connect(t, start(t))
	sid := a.create(addresses, toWebhook()...)
	got := a.post(addresses+"/"+sid, "AutoCreation.Enabled", "false", "AutoCreation.Type", "studio",
		"AutoCreation.StudioFlowSid", flow, "AutoCreation.StudioRetryCount", "3").want(t, http.StatusOK, 0)
	want := map[string]any{
		"enabled": false, "type": "studio", "conversation_service_sid": service2, "studio_flow_sid": flow, "studio_retry_count": 3.0,
	}
	if diff := cmp.Diff(want, got.auto()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestADeletedAddressCanBeConfiguredAnew(t *testing.T) {
	a := connect(t, start(t))
	first := a.create(addresses, toWebhook()...)
	if got := a.do(http.MethodDelete, addressPath(number), nil).want(t, http.StatusNoContent, 0); got.text != "" {
		t.Errorf("answered %s", got.text)
	}
	a.do(http.MethodDelete, addresses+"/"+first, nil).want(t, http.StatusNotFound, 20404)
	if second := a.create(addresses, toWebhook()...); second == first {
		t.Errorf("the new configuration has the old SID, %s", second)
	}
}

func TestTwilioRemovesTheConfigurationOfAReleasedNumber(t *testing.T) {
	s := start(t, func(o *simulator.Options) { o.Quirks.Addresses.RefuseReleased = true })
	a := connect(t, s)
	sid := a.create(addresses, toWebhook()...)
	must(t, s.RemoveAddress("", number))
	a.get(addressPath(number)).want(t, http.StatusNotFound, 20404)
	a.get(addresses+"/"+sid).want(t, http.StatusNotFound, 20404)
	a.post(addresses, toWebhook()...).want(t, http.StatusBadRequest, 20001)
	s.SetQuirks(simulator.Quirks{})
	a.create(addresses, toWebhook()...)
	if err := s.RemoveAddress("", sid); err == nil {
		t.Error("it was removed again")
	}
}

func TestAddressesAreListedFiftyAPage(t *testing.T) {
	s := start(t)
	a := connect(t, s)
	var want []string
	for i := range 60 {
		want = append(want, a.create(addresses, "Type", "sms", "Address", fmt.Sprintf("+1555%04d", i)))
	}
	mail := a.create(addresses, "Type", "email", "Address", "help@example.com")
	for query, requests := range map[string]int{"?Type=SMS": 2, "?Type=sms&PageSize=100": 2, "?Type=sms&PageSize=20": 3} {
		var got []string
		n := 0
		for path := addresses + query; path != ""; n++ {
			page := a.get(path).want(t, http.StatusOK, 0)
			got = append(got, addressesOf(page)...)
			path = page.inner("meta", "next_page_url")
		}
		if diff := cmp.Diff(sorted(want), sorted(got)); diff != "" || n != requests {
			t.Errorf("%s took %d requests (-want +got):\n%s", query, n, diff)
		}
	}
	if got := addressesOf(a.get(addresses + "?Type=email")); !slices.Equal(got, []string{mail}) {
		t.Errorf("the e-mail addresses are %v", got)
	}
	s.SetQuirks(simulator.Quirks{RefuseLargePages: true})
	a.get(addresses+"?PageSize=51").want(t, http.StatusBadRequest, 20007)
}

// addressesOf is a page of address configurations by SID.
func addressesOf(page answer) (sids []string) {
	for _, one := range page.body["address_configurations"].([]any) {
		sids = append(sids, one.(map[string]any)["sid"].(string))
	}
	return sids
}

func TestAListOfAddressesMayLag(t *testing.T) {
	s := start(t, func(o *simulator.Options) { o.Listing.Lag = patience })
	a := connect(t, s)
	sid := a.create(addresses, toWebhook()...)
	if got := addressesOf(a.get(addresses)); got != nil {
		t.Errorf("the list is ahead: %v", got)
	}
	s.Advance(patience)
	if got := addressesOf(a.get(addresses)); !slices.Equal(got, []string{sid}) {
		t.Errorf("the list has %v", got)
	}
	must(t, s.RemoveAddress("", number))
	if got := addressesOf(a.get(addresses)); !slices.Equal(got, []string{sid}) {
		t.Errorf("the list is ahead: %v", got)
	}
	s.SetListing(simulator.Listing{})
	if got := addressesOf(a.get(addresses)); got != nil {
		t.Errorf("the list has %v still", got)
	}
}

func TestAddressesAreRefused(t *testing.T) {
	s := start(t, func(o *simulator.Options) { o.Quirks.Addresses.RefuseEmptyTexts = true })
	a := connect(t, s)
	for name, tt := range map[string]struct {
		form []string
		code int
	}{
		"without a type":          {[]string{"Address", number}, 20001},
		"without an address":      {[]string{"Type", "sms"}, 20001},
		"an unknown type":         {[]string{"Type", "fax", "Address", number}, 20001},
		"a type of web chat":      {[]string{"Type", "chat", "Address", "CV" + strings.Repeat("a", 32)}, 20001},
		"another type's format":   {[]string{"Type", "sms", "Address", "whatsapp:" + number}, 20001},
		"an empty address":        {[]string{"Type", "gbm", "Address", ""}, 20001},
		"a long land":             {toWebhook("AddressCountry", "GBR"), 20001},
		"a long name":             {toWebhook("FriendlyName", strings.Repeat("x", 257)), 50003},
		"neither on nor off":      {[]string{"Type", "sms", "Address", number, "AutoCreation.Enabled", "yes"}, 20001},
		"an unknown creation":     {[]string{"Type", "sms", "Address", number, "AutoCreation.Type", "trigger"}, 20001},
		"a service that is none":  {[]string{"Type", "sms", "Address", number, "AutoCreation.ConversationServiceSid", "IS1"}, 20001},
		"an unknown method":       {[]string{"Type", "sms", "Address", number, "AutoCreation.WebhookMethod", "PUT"}, 20001},
		"a flow that is none":     {[]string{"Type", "sms", "Address", number, "AutoCreation.StudioFlowSid", "FW1"}, 20001},
		"too many tries":          {[]string{"Type", "sms", "Address", number, "AutoCreation.StudioRetryCount", "4"}, 20001},
		"an empty list of events": {[]string{"Type", "sms", "Address", number, "AutoCreation.WebhookFilters", ""}, 20001},
	} {
		t.Run(name, func(t *testing.T) { a.post(addresses, tt.form...).want(t, http.StatusBadRequest, tt.code) })
	}
	if all := s.Addresses(""); len(all) != 0 {
		t.Errorf("the account has %v", all)
	}
	a.do(http.MethodDelete, addresses, nil).want(t, http.StatusMethodNotAllowed, 20004)
}
