// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator_test

import (
	"maps"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twilio/twilio-go/client"

	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

// without is the body of an answer without some keys.
func (a answer) without(keys ...string) map[string]any {
	rest := maps.Clone(a.body)
	for _, key := range keys {
		delete(rest, key)
	}
	return rest
}

func TestUntouchedWebhooksOfAServiceAreNull(t *testing.T) {
	_, a, path := quirky(t, simulator.ServiceQuirks{})
	want := map[string]any{"pre_webhook_url": nil, "post_webhook_url": nil, "filters": nil, "method": nil}
	for range 2 {
		got := a.get(path+"/Configuration/Webhooks").want(t, http.StatusOK, 0)
		if diff := cmp.Diff(want, got.without("account_sid", "chat_service_sid", "url")); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		a.post(path+"/Configuration/Webhooks", "Target", "flex").want(t, http.StatusOK, 0)
	}
}

func TestWebhooksOfAServiceMerge(t *testing.T) {
	const base = "https://localhost/"
	set := []string{"PreWebhookUrl", base + "pre", "PostWebhookUrl", base, "Filters", "onMessageAdded", "Filters", "onConversationAdd", "Method", "post"}
	all := map[string]any{
		"pre_webhook_url": base + "pre", "post_webhook_url": base, "filters": []any{"onMessageAdded", "onConversationAdd"}, "method": "post",
	}
	for _, tt := range []struct {
		name   string
		quirks simulator.ServiceQuirks
		form   []string
		status int
		code   int
		field  string
		want   any
	}{
		{"an empty form", simulator.ServiceQuirks{}, nil, 200, 0, "method", "post"},
		{"a shorter list", simulator.ServiceQuirks{}, []string{"Filters", "onMessageAdd"}, 200, 0, "filters", []any{"onMessageAdd"}},
		{"an empty URL", simulator.ServiceQuirks{}, []string{"PreWebhookUrl", ""}, 200, 0, "pre_webhook_url", nil},
		{"an empty URL is kept", simulator.ServiceQuirks{KeepEmptyURLs: true}, []string{"PreWebhookUrl", ""}, 200, 0, "pre_webhook_url", base + "pre"},
		{"an empty URL before is refused", simulator.ServiceQuirks{RefuseEmptyURLs: true}, []string{"PreWebhookUrl", ""}, 400, 50077, "", nil},
		{"an empty URL after is refused", simulator.ServiceQuirks{RefuseEmptyURLs: true}, []string{"PostWebhookUrl", ""}, 400, 50078, "", nil},
		{"an empty list", simulator.ServiceQuirks{}, []string{"Filters", ""}, 200, 0, "filters", []any{}},
		{"an empty list is kept", simulator.ServiceQuirks{KeepEmptyFilters: true}, []string{"Filters", ""}, 200, 0, "filters", all["filters"]},
		{"an empty list is refused", simulator.ServiceQuirks{RefuseEmptyFilters: true}, []string{"Filters", ""}, 400, 50365, "", nil},
		{"a method in upper case", simulator.ServiceQuirks{UpperCaseMethod: true}, []string{"Method", "get"}, 200, 0, "method", "GET"},
		{"an event of users", simulator.ServiceQuirks{}, []string{"Filters", "onUserAdded"}, 400, 50365, "", nil},
		{"an unknown method", simulator.ServiceQuirks{}, []string{"Method", "PUT"}, 400, 50055, "", nil},
		{"a URL that is none", simulator.ServiceQuirks{}, []string{"PostWebhookUrl", "localhost"}, 400, 50078, "", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, a, path := quirky(t, simulator.ServiceQuirks{})
			path += "/Configuration/Webhooks"
			a.post(path, set...).want(t, http.StatusOK, 0)
			s.SetQuirks(simulator.Quirks{Services: tt.quirks})
			got := a.post(path, tt.form...).want(t, tt.status, tt.code)
			want := maps.Clone(all)
			if tt.field != "" {
				want[tt.field] = tt.want
			} else {
				got = a.get(path)
			}
			if diff := cmp.Diff(want, got.without("account_sid", "chat_service_sid", "url")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// created creates a conversation with webhooks enabled, and tells which of two receivers heard of it first.
func created(a api, path string, own, account chan hook) string {
	a.t.Helper()
	a.write(http.MethodPost, path+"/Conversations", "true").want(a.t, http.StatusCreated, 0)
	select {
	case <-own:
		return "own"
	case <-account:
		return "account"
	case <-time.After(patience):
		return "nobody"
	}
}

func TestWebhooksOfAServiceReplaceTheAccounts(t *testing.T) {
	ownURL, own := receive(t)
	accountURL, account := receive(t)
	s := start(t, func(o *simulator.Options) { o.WebhookURL = accountURL })
	a := connect(t, s)
	path := services + "/" + service2
	if who := created(a, path, own, account); who != "account" {
		t.Errorf("before, %s was told", who)
	}
	a.post(path+"/Configuration/Webhooks", "PostWebhookUrl", ownURL, "Filters", "onConversationAdded").want(t, http.StatusOK, 0)
	if who := created(a, path, own, account); who != "own" {
		t.Errorf("then, %s was told", who)
	}
	if who := created(a, services+"/"+service, own, account); who != "account" {
		t.Errorf("of another service, %s was told", who)
	}
	a.post(path+"/Configuration/Webhooks", "PostWebhookUrl", "").want(t, http.StatusOK, 0)
	if who := created(a, path, own, account); who != "account" {
		t.Errorf("once the URL is blank, %s was told", who)
	}
	want := simulator.WebhookCounts{Delivered: 4}
	eventually(t, "four webhooks", func() bool { return s.Webhooks() == want })
}

func TestWebhooksThatAServiceDoesNotSend(t *testing.T) {
	for name, tt := range map[string]struct {
		quirks  simulator.ServiceQuirks
		form    []string
		account int
		own     int
	}{
		"an event that is not in its list":  {simulator.ServiceQuirks{}, []string{"Filters", "onMessageAdded"}, 0, 0},
		"one that is":                       {simulator.ServiceQuirks{}, []string{"Filters", "onConversationAdded"}, 0, 1},
		"one that is, and the account's":    {simulator.ServiceQuirks{AddToAccountHooks: true}, []string{"Filters", "onConversationAdded"}, 1, 1},
		"the account's, once it was blank":  {simulator.ServiceQuirks{}, []string{"PostWebhookUrl", ""}, 1, 0},
		"none, once it was blank, silently": {simulator.ServiceQuirks{BlankHooksSilence: true}, []string{"PostWebhookUrl", ""}, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			ownURL, own := receive(t)
			accountURL, account := receive(t)
			s := start(t, func(o *simulator.Options) { o.WebhookURL, o.Quirks.Services = accountURL, tt.quirks })
			a := connect(t, s)
			path := services + "/" + service2
			a.post(path+"/Configuration/Webhooks", "PostWebhookUrl", ownURL, "Method", "POST").want(t, http.StatusOK, 0)
			a.post(path+"/Configuration/Webhooks", tt.form...).want(t, http.StatusOK, 0)
			a.write(http.MethodPost, path+"/Conversations", "true").want(t, http.StatusCreated, 0)
			// Webhooks are sent one after another: this one, of the account, is the last.
			a.write(http.MethodPost, conversations, "true").want(t, http.StatusCreated, 0)
			for range tt.account + 1 {
				next(t, account)
			}
			if len(own) != tt.own || len(account) != 0 {
				t.Errorf("%d of its own and %d more of the account's", len(own), len(account))
			}
		})
	}
}

func TestAServiceIsAskedBefore(t *testing.T) {
	address, hooks := receive(t)
	_, a, path := quirky(t, simulator.ServiceQuirks{})
	a.post(path+"/Configuration/Webhooks", "PreWebhookUrl", address, "Filters", "onConversationAdd").want(t, http.StatusOK, 0)
	a.write(http.MethodPost, path+"/Conversations", "true").want(t, http.StatusCreated, 0)
	if got := next(t, hooks)["EventType"]; got != "onConversationAdd" {
		t.Errorf("asked about %s", got)
	}
}

func TestAWebhookOfMethodGETHasItsParametersInTheURL(t *testing.T) {
	address, hooks := receive(t)
	_, a, path := quirky(t, simulator.ServiceQuirks{})
	a.post(path+"/Configuration/Webhooks", "PostWebhookUrl", address, "Filters", "onConversationAdded", "Method", "get").want(t, http.StatusOK, 0)
	a.write(http.MethodPost, path+"/Conversations", "true").want(t, http.StatusCreated, 0)
	h := <-hooks
	u, err := url.Parse(h.url)
	must(t, err)
	signed := client.NewRequestValidator(token)
	if u.Query().Get("EventType") != "onConversationAdded" || !signed.Validate(h.url, nil, h.header.Get("X-Twilio-Signature")) {
		t.Errorf("got %s", h.url)
	}
}

func TestNotificationsOfAService(t *testing.T) {
	_, a, path := quirky(t, simulator.ServiceQuirks{})
	path += "/Configuration/Notifications"
	off := map[string]any{"enabled": false}
	want := map[string]any{"log_enabled": false, "new_message": off, "added_to_conversation": off, "removed_from_conversation": off}
	step := func(what string, form ...string) {
		t.Helper()
		got := a.post(path, form...).want(t, http.StatusOK, 0)
		if diff := cmp.Diff(want, got.without("account_sid", "chat_service_sid", "url")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	if diff := cmp.Diff(want, a.get(path).without("account_sid", "chat_service_sid", "url")); diff != "" {
		t.Errorf("untouched (-want +got):\n%s", diff)
	}
	step("an empty form")
	want["log_enabled"] = true
	want["new_message"] = map[string]any{
		"enabled": true, "template": "${MESSAGE}", "sound": "bell", "badge_count_enabled": false,
		"with_media": map[string]any{"enabled": true, "template": "${MEDIA}"},
	}
	step("all of a group", "LogEnabled", "true", "NewMessage.Enabled", "true", "NewMessage.Template", "${MESSAGE}", "NewMessage.Sound", "bell",
		"NewMessage.BadgeCountEnabled", "false", "NewMessage.WithMedia.Enabled", "true", "NewMessage.WithMedia.Template", "${MEDIA}")
	want["added_to_conversation"] = map[string]any{"enabled": true, "template": ""}
	step("an empty template", "AddedToConversation.Enabled", "true", "AddedToConversation.Template", "")
	want["added_to_conversation"] = map[string]any{"enabled": false, "template": ""}
	step("off again", "AddedToConversation.Enabled", "false")
	for _, key := range []string{"LogEnabled", "NewMessage.Enabled", "NewMessage.BadgeCountEnabled", "NewMessage.WithMedia.Enabled"} {
		a.post(path, key, "yes").want(t, http.StatusBadRequest, 20001)
	}
}
