// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package address_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/conversations-operator/conversations-operator/internal/twilio"
	"github.com/conversations-operator/conversations-operator/internal/twilio/address"
	"github.com/conversations-operator/conversations-operator/internal/twilio/form"
	"github.com/conversations-operator/conversations-operator/internal/twilio/published"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

const (
	number  = "+15550100"
	sid     = "IGaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	service = simulator.DefaultServiceSID
	flow    = "FWaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
)

func at(t *testing.T, baseURL string) address.Collection {
	t.Helper()
	client, err := twilio.NewClient(twilio.Config{
		AccountSID: simulator.DefaultAccountSID, Username: simulator.DefaultAccountSID, Password: simulator.DefaultAuthToken, BaseURL: baseURL,
	})
	if err != nil {
		t.Fatal(err)
	}
	return address.Of(client)
}

func simulated(t *testing.T) (*simulator.Server, address.Collection) {
	t.Helper()
	sim, err := simulator.Start(simulator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sim.Close)
	return sim, at(t, sim.URL)
}

// answering serves one answer to every request.
func answering(t *testing.T, status int, body string) address.Collection {
	t.Helper()
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(h.Close)
	return at(t, h.URL)
}

func everything() address.Params {
	return address.Params{
		Type: new("whatsapp"), Address: new("whatsapp:" + number), AddressCountry: new("GB"), FriendlyName: new("Helpline"),
		AutoCreationEnabled: new(true), AutoCreationType: new("webhook"), AutoCreationConversationServiceSID: new(service),
		AutoCreationWebhookURL: new("https://localhost/hook"), AutoCreationWebhookMethod: new("post"),
		AutoCreationWebhookFilters: new([]string{"onParticipantAdded", "onMessageAdded"}),
		AutoCreationStudioFlowSID:  new(flow), AutoCreationStudioRetryCount: new(1),
	}
}

func is(t *testing.T, what string, err, class error) {
	t.Helper()
	if !errors.Is(err, class) {
		t.Fatalf("%s: %v, not %v", what, err, class)
	}
}

func TestTheLifeOfAnAddress(t *testing.T) {
	sim, all := simulated(t)
	ctx := t.Context()
	made, err := all.Create(ctx, everything())
	is(t, "created", err, nil)
	want := address.AutoCreation{
		Enabled: true, Type: "webhook", ConversationServiceSID: service, WebhookURL: "https://localhost/hook", WebhookMethod: "POST",
		WebhookFilters: []string{"onParticipantAdded", "onMessageAdded"},
	}
	if diff := cmp.Diff(want, made.AutoCreation); diff != "" {
		t.Errorf("created (-want +got):\n%s", diff)
	}
	for _, key := range []string{made.SID, strings.ToUpper(made.SID[:2]) + made.SID[2:], "whatsapp:" + number} {
		fetched, err := all.Fetch(ctx, key)
		is(t, "fetched", err, nil)
		if diff := cmp.Diff(made, fetched, cmpopts.IgnoreTypes(twilio.Meta{})); diff != "" || fetched.RequestID == "" {
			t.Errorf("by %s (-want +got):\n%s", key, diff)
		}
	}
	_, err = all.Create(ctx, everything())
	is(t, "created again", err, twilio.ErrConflict)

	moved, err := all.Update(ctx, "whatsapp:"+number, address.Params{
		AutoCreationType: new("studio"), AutoCreationStudioFlowSID: new(flow), AutoCreationStudioRetryCount: new(0),
	})
	is(t, "updated", err, nil)
	want = address.AutoCreation{Enabled: true, Type: "studio", ConversationServiceSID: service, StudioFlowSID: flow, StudioRetryCount: new(0)}
	if diff := cmp.Diff(want, moved.AutoCreation); diff != "" || moved.FriendlyName != "Helpline" {
		t.Errorf("updated (-want +got):\n%s", diff)
	}

	requestID, err := all.Delete(ctx, made.SID)
	is(t, "deleted", err, nil)
	if !strings.HasPrefix(requestID, "RQ") || len(sim.Addresses("")) != 0 {
		t.Errorf("request %q left %v", requestID, sim.Addresses(""))
	}
	_, err = all.Delete(ctx, "whatsapp:"+number)
	is(t, "deleted again", err, twilio.ErrNotFound)
	_, err = all.Fetch(ctx, made.SID)
	is(t, "fetched again", err, twilio.ErrNotFound)
}

// The bodies are shaped as Twilio has been seen to answer, with values made up.
func TestBothShapesOfAutoCreationAreRead(t *testing.T) {
	body := func(auto string) string {
		return `{"sid":"` + sid + `","account_sid":"` + simulator.DefaultAccountSID + `","type":"SMS","address":"` + number +
			`","friendly_name":null,"address_country":null,"date_created":"2022-12-01T10:00:00Z","date_updated":null,"news":1,` +
			`"auto_creation":` + auto + `}`
	}
	for name, tt := range map[string]struct {
		auto string
		want address.AutoCreation
	}{
		"all fields, with nulls": {`{"conversation_service_sid":null,"studio_flow_sid":null,"binding_name":null,"enabled":false,` +
			`"webhook_method":null,"webhook_filters":null,"webhook_url":null,"studio_retry_count":null,"type":"default"}`,
			address.AutoCreation{Type: "default"}},
		"only those of type default": {`{"enabled":true,"type":"default"}`, address.AutoCreation{Enabled: true, Type: "default"}},
		"only those of type webhook": {`{"enabled":true,"type":"Webhook","webhook_url":"https://x.example",` +
			`"webhook_method":"get","webhook_filters":["onMessageAdded"]}`,
			address.AutoCreation{Enabled: true, Type: "webhook", WebhookURL: "https://x.example", WebhookMethod: "GET", WebhookFilters: []string{"onMessageAdded"}}},
		"only those of type studio": {`{"enabled":false,"type":"studio","studio_flow_sid":"` + flow + `","studio_retry_count":3}`,
			address.AutoCreation{Type: "studio", StudioFlowSID: flow, StudioRetryCount: new(3)}},
		"none": {`null`, address.AutoCreation{}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := answering(t, http.StatusOK, body(tt.auto)).Fetch(t.Context(), number)
			is(t, "fetched", err, nil)
			want := &address.Address{
				SID: sid, AccountSID: simulator.DefaultAccountSID, Type: "sms", Address: number,
				DateCreated: new(time.Date(2022, 12, 1, 10, 0, 0, 0, time.UTC)), AutoCreation: tt.want,
			}
			if diff := cmp.Diff(want, got, cmpopts.IgnoreTypes(twilio.Meta{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestOnlyTheAddressThatWasAskedForIsBelieved(t *testing.T) {
	other := `{"sid":"` + sid + `","address":"+15550199"}`
	for name, tt := range map[string]struct {
		status int
		body   string
		do     func(context.Context, address.Collection) error
	}{
		"another one": {200, other, fetch(number)},
		"another sid": {200, other, fetch("IGbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb")},
		"nothing":     {200, `null`, fetch(number)},
		"no address":  {200, `{"sid":"` + sid + `"}`, fetch(sid)},
		"a page":      {200, `<html>`, fetch(number)},
		"another one after an update": {200, other, func(ctx context.Context, all address.Collection) error {
			_, err := all.Update(ctx, number, address.Params{})
			return err
		}},
		"a delete that answers": {200, other, func(ctx context.Context, all address.Collection) error {
			_, err := all.Delete(ctx, number)
			return err
		}},
		"a list of something else": {200, `{"conversations":[],"meta":{}}`, list(twilio.PageOptions{})},
		"a list with a stranger":   {200, `{"address_configurations":[` + other + `,{}],"meta":{}}`, list(twilio.PageOptions{})},
	} {
		t.Run(name, func(t *testing.T) {
			is(t, name, tt.do(t.Context(), answering(t, tt.status, tt.body)), twilio.ErrUnavailable)
		})
	}
	var found []string
	skip := answering(t, http.StatusOK, `{"address_configurations":[null,`+other+`,{},{"sid":1}],"meta":{"next_page_url":null}}`)
	for one, err := range skip.List(t.Context(), twilio.PageOptions{SkipUnreadable: true}) {
		is(t, "listed", err, nil)
		found = append(found, one.Address)
	}
	if !slices.Equal(found, []string{"+15550199"}) {
		t.Errorf("what can be read is %v", found)
	}
}

func fetch(key string) func(context.Context, address.Collection) error {
	return func(ctx context.Context, all address.Collection) error {
		_, err := all.Fetch(ctx, key)
		return err
	}
}

func list(o twilio.PageOptions) func(context.Context, address.Collection) error {
	return func(ctx context.Context, all address.Collection) error {
		for _, err := range all.List(ctx, o) {
			if err != nil {
				return err
			}
		}
		return nil
	}
}

func TestAnAddressIsNamed(t *testing.T) {
	sim, all := simulated(t)
	is(t, "fetched", fetch("")(t.Context(), all), twilio.ErrInvalid)
	_, err := all.Update(t.Context(), "", everything())
	is(t, "updated", err, twilio.ErrInvalid)
	if n := sim.Counts().Total(); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

func TestEveryParameterIsKnownByTwiliosName(t *testing.T) {
	read := published.Operations(t)
	const path, one = "/v1/Configuration/Addresses", "/v1/Configuration/Addresses/{Sid}"
	if diff := cmp.Diff(read(path, "post").Form(), form.Fields(everything())); diff != "" {
		t.Errorf("create (-want +got):\n%s", diff)
	}
	update := everything()
	update.Type, update.Address, update.AddressCountry = nil, nil, nil
	if diff := cmp.Diff(read(one, "post").Form(), form.Fields(update)); diff != "" {
		t.Errorf("update (-want +got):\n%s", diff)
	}
	for id, o := range map[string]published.Operation{
		"CreateConfigurationAddress": read(path, "post"), "ListConfigurationAddress": read(path, "get"), "FetchConfigurationAddress": read(one, "get"),
		"UpdateConfigurationAddress": read(one, "post"), "DeleteConfigurationAddress": read(one, "delete"),
	} {
		if o.OperationID != id {
			t.Errorf("%s is called %s", id, o.OperationID)
		}
	}
	if diff := cmp.Diff([]string{"Page", "PageSize", "PageToken", "Type"}, read(path, "get").In("query")); diff != "" {
		t.Errorf("list (-want +got):\n%s", diff)
	}
}
