// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package chatservice_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/conversations-operator/conversations-operator/internal/twilio"
	"github.com/conversations-operator/conversations-operator/internal/twilio/chatservice"
	"github.com/conversations-operator/conversations-operator/internal/twilio/form"
	"github.com/conversations-operator/conversations-operator/internal/twilio/published"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

const sid = simulator.DefaultServiceSID

func at(t *testing.T, baseURL string) *twilio.Client {
	t.Helper()
	client, err := twilio.NewClient(twilio.Config{
		AccountSID: simulator.DefaultAccountSID, Username: simulator.DefaultAccountSID, Password: simulator.DefaultAuthToken, BaseURL: baseURL,
	})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func simulated(t *testing.T, o simulator.Options) (*simulator.Server, *twilio.Client) {
	t.Helper()
	sim, err := simulator.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sim.Close)
	return sim, at(t, sim.URL)
}

// answering is a client to which every request is answered alike.
func answering(t *testing.T, body string) *twilio.Client {
	t.Helper()
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }))
	t.Cleanup(h.Close)
	return at(t, h.URL)
}

func is(t *testing.T, what string, err, class error) {
	t.Helper()
	if !errors.Is(err, class) {
		t.Fatalf("%s: %v, not %v", what, err, class)
	}
}

// same compares two answers but for what is of the answers alone.
func same[T any](t *testing.T, want, got T) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(chatservice.Configuration{}, chatservice.Webhooks{}, chatservice.Notifications{}),
		cmpopts.IgnoreTypes(twilio.Meta{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTheLifeOfAService(t *testing.T) {
	sim, client := simulated(t, simulator.Options{})
	all, ctx := chatservice.Of(client), t.Context()
	made, err := all.Create(ctx, chatservice.Params{FriendlyName: new("Helpline")})
	is(t, "created", err, nil)
	if made.FriendlyName != "Helpline" || made.AccountSID != simulator.DefaultAccountSID || made.RequestID == "" {
		t.Errorf("created %+v", made)
	}
	fetched, err := all.Fetch(ctx, made.SID)
	is(t, "fetched", err, nil)
	same(t, made, fetched)
	_, err = all.Create(ctx, chatservice.Params{})
	is(t, "created without a name", err, twilio.ErrInvalid)
	_, err = all.Fetch(ctx, "")
	is(t, "fetched without a SID", err, twilio.ErrInvalid)

	_, err = client.Conversations(made.SID).Create(ctx, twilio.Params{})
	is(t, "conversation", err, nil)
	_, err = all.Delete(ctx, made.SID)
	is(t, "deleted", err, nil)
	if left := sim.Conversations(""); len(left) != 0 {
		t.Errorf("%v is left", left)
	}
	_, err = all.Delete(ctx, made.SID)
	is(t, "deleted again", err, twilio.ErrNotFound)
	_, err = chatservice.ConfigurationOf(client, made.SID).Fetch(ctx)
	is(t, "configuration of what is gone", err, twilio.ErrNotFound)
}

func TestADeletionUnderWayIsAConflict(t *testing.T) {
	_, client := simulated(t, simulator.Options{Quirks: simulator.Quirks{Services: simulator.ServiceQuirks{DeletionTakes: 1 << 40}}})
	_, err := chatservice.Of(client).Delete(t.Context(), sid)
	is(t, "deleted", err, nil)
	_, err = chatservice.Of(client).Delete(t.Context(), sid)
	is(t, "deleted again", err, twilio.ErrConflict)
}

func TestEveryServiceOfTheAccountIsListed(t *testing.T) {
	var want []string
	for i := range 120 {
		want = append(want, fmt.Sprintf("IS%032x", i))
	}
	sim, client := simulated(t, simulator.Options{DefaultServiceSID: want[0], Services: want[1:]})
	var got []string
	for one, err := range chatservice.Of(client).List(t.Context(), twilio.PageOptions{}) {
		is(t, "listed", err, nil)
		got = append(got, one.SID)
	}
	if diff := cmp.Diff(want, slices.Sorted(slices.Values(got))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if n := sim.Counts().Total(); n != 2 {
		t.Errorf("%d requests for 120 services", n)
	}
}

func TestAListOfServicesEndsWithItsFirstError(t *testing.T) {
	for name, tt := range map[string]struct{ body, says string }{
		"a page on another host":   {`{"services":[],"meta":{"next_page_url":"https://evil.example/v1/Services"}}`, "another host"},
		"a list of something else": {`{"conversations":[],"meta":{}}`, "not a list of services"},
		"a service that is none":   {`{"services":[{"sid":"CH1"}],"meta":{}}`, "not a list of services"},
		"the page of a proxy":      {`<html>`, "not a list of services"},
	} {
		t.Run(name, func(t *testing.T) {
			var last error
			for _, err := range chatservice.Of(answering(t, tt.body)).List(t.Context(), twilio.PageOptions{}) {
				last = err
			}
			if !errors.Is(last, twilio.ErrUnavailable) || !strings.Contains(last.Error(), tt.says) {
				t.Errorf("it ends with %v", last)
			}
		})
	}
}

func TestTheConfigurationOfAService(t *testing.T) {
	_, client := simulated(t, simulator.Options{})
	configuration, ctx := chatservice.ConfigurationOf(client, sid), t.Context()
	first, err := configuration.Fetch(ctx)
	is(t, "fetched", err, nil)
	want := *first
	want.ReachabilityEnabled, want.DefaultConversationRoleSID = true, first.DefaultConversationCreatorRoleSID
	got, err := configuration.Update(ctx, chatservice.ConfigurationParams{
		ReachabilityEnabled: new(true), DefaultConversationRoleSID: &first.DefaultConversationCreatorRoleSID,
	})
	is(t, "updated", err, nil)
	same(t, &want, got)
	_, err = configuration.Update(ctx, chatservice.ConfigurationParams{DefaultChatServiceRoleSID: &want.DefaultConversationRoleSID})
	is(t, "a role of the wrong type", err, twilio.ErrInvalid)
	_, err = chatservice.ConfigurationOf(client, "").Fetch(ctx)
	is(t, "fetched of no service", err, twilio.ErrInvalid)
}

func TestTheWebhooksOfAService(t *testing.T) {
	_, client := simulated(t, simulator.Options{})
	webhooks, ctx := chatservice.WebhooksOf(client, sid), t.Context()
	got, err := webhooks.Fetch(ctx)
	is(t, "fetched", err, nil)
	same(t, &chatservice.Webhooks{}, got)
	got, err = webhooks.Update(ctx, everyWebhook())
	is(t, "updated", err, nil)
	want := &chatservice.Webhooks{
		PreWebhookURL: "https://localhost/pre", PostWebhookURL: "https://localhost/", Filters: []string{"onMessageAdded", "onConversationAdd"}, Method: "POST",
	}
	same(t, want, got)
	got, err = webhooks.Update(ctx, chatservice.WebhooksParams{PreWebhookURL: new(""), Filters: new([]string{})})
	is(t, "cleared", err, nil)
	want.PreWebhookURL, want.Filters = "", []string{}
	same(t, want, got)
}

func everyWebhook() chatservice.WebhooksParams {
	return chatservice.WebhooksParams{
		PreWebhookURL: new("https://localhost/pre"), PostWebhookURL: new("https://localhost/"),
		Filters: new([]string{"onMessageAdded", "onConversationAdd"}), Method: new("post"),
	}
}

func TestTheNotificationsOfAService(t *testing.T) {
	_, client := simulated(t, simulator.Options{})
	notifications, ctx := chatservice.NotificationsOf(client, sid), t.Context()
	got, err := notifications.Fetch(ctx)
	is(t, "fetched", err, nil)
	same(t, &chatservice.Notifications{}, got)
	got, err = notifications.Update(ctx, everyNotification())
	is(t, "updated", err, nil)
	one := chatservice.Notification{Enabled: true, Template: "a", Sound: "b"}
	want := &chatservice.Notifications{LogEnabled: true, NewMessage: one, AddedToConversation: one, RemovedFromConversation: one}
	want.NewMessage.BadgeCountEnabled, want.NewMessage.WithMedia = true, chatservice.MediaNotification{Enabled: true, Template: "c"}
	same(t, want, got)
	got, err = notifications.Update(ctx, chatservice.NotificationsParams{AddedToConversationTemplate: new(""), NewMessageEnabled: new(false)})
	is(t, "cleared", err, nil)
	want.AddedToConversation.Template, want.NewMessage.Enabled = "", false
	same(t, want, got)
}

func everyNotification() chatservice.NotificationsParams {
	return chatservice.NotificationsParams{
		LogEnabled: new(true), NewMessageEnabled: new(true), NewMessageTemplate: new("a"), NewMessageSound: new("b"),
		NewMessageBadgeCountEnabled: new(true), NewMessageWithMediaEnabled: new(true), NewMessageWithMediaTemplate: new("c"),
		AddedToConversationEnabled: new(true), AddedToConversationTemplate: new("a"), AddedToConversationSound: new("b"),
		RemovedFromConversationEnabled: new(true), RemovedFromConversationTemplate: new("a"), RemovedFromConversationSound: new("b"),
	}
}

func TestOnlyTheServiceThatWasAskedForIsBelieved(t *testing.T) {
	other := `{"sid":"IS` + strings.Repeat("b", 32) + `","chat_service_sid":"IS` + strings.Repeat("b", 32) + `"}`
	for _, body := range []string{other, `null`, `{}`, `<html>`} {
		client, ctx := answering(t, body), t.Context()
		_, err := chatservice.Of(client).Fetch(ctx, sid)
		is(t, "service", err, twilio.ErrUnavailable)
		_, err = chatservice.ConfigurationOf(client, sid).Fetch(ctx)
		is(t, "configuration", err, twilio.ErrUnavailable)
		_, err = chatservice.WebhooksOf(client, sid).Update(ctx, everyWebhook())
		is(t, "webhooks", err, twilio.ErrUnavailable)
		_, err = chatservice.NotificationsOf(client, sid).Fetch(ctx)
		is(t, "notifications", err, twilio.ErrUnavailable)
	}
	old, err := chatservice.Of(answering(t, `{"sid":"`+sid+`","account_sid":null,"friendly_name":"Default","news":[]}`)).Fetch(t.Context(), sid)
	is(t, "an old answer", err, nil)
	same(t, &chatservice.Service{SID: sid, FriendlyName: "Default"}, old)
}

func TestEveryParameterIsKnownByTwiliosName(t *testing.T) {
	read := published.Operations(t)
	const one = "/v1/Services/{ChatServiceSid}/Configuration"
	all := chatservice.ConfigurationParams{
		DefaultConversationCreatorRoleSID: new(""), DefaultConversationRoleSID: new(""), DefaultChatServiceRoleSID: new(""), ReachabilityEnabled: new(true),
	}
	for path, tt := range map[string]struct {
		params any
		id     string
	}{
		"/v1/Services":         {chatservice.Params{FriendlyName: new("")}, "CreateService"},
		one:                    {all, "UpdateServiceConfiguration"},
		one + "/Webhooks":      {everyWebhook(), "UpdateServiceWebhookConfiguration"},
		one + "/Notifications": {everyNotification(), "UpdateServiceNotification"},
	} {
		o := read(path, "post")
		if diff := cmp.Diff(o.Form(), form.Fields(tt.params)); diff != "" || o.OperationID != tt.id {
			t.Errorf("%s, %s (-want +got):\n%s", path, o.OperationID, diff)
		}
	}
}

func FuzzAnswer(f *testing.F) {
	for _, body := range []string{
		"", "null", "{}", `{"sid":"` + sid + `","chat_service_sid":"` + sid + `","filters":null,"method":"get","new_message":{"enabled":true}}`,
	} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		client := answering(t, body)
		if got, err := chatservice.Of(client).Fetch(t.Context(), sid); err == nil && !got.Valid() {
			t.Errorf("%+v was believed", got)
		}
		if got, err := chatservice.WebhooksOf(client, sid).Fetch(t.Context()); err == nil && (!got.Valid() || !got.AddressedBy(sid)) {
			t.Errorf("%+v was believed", got)
		}
		if got, err := chatservice.NotificationsOf(client, sid).Fetch(t.Context()); err == nil && (!got.Valid() || !got.AddressedBy(sid)) {
			t.Errorf("%+v was believed", got)
		}
	})
}
