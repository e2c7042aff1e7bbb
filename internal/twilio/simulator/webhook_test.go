// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twilio/twilio-go/client"

	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

// hook is a received webhook.
type hook struct {
	url    string
	form   url.Values
	header http.Header
}

// receive serves a receiver of webhooks.
func receive(t *testing.T) (string, chan hook) {
	hooks := make(chan hook, 16)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			t.Errorf("reading a webhook: %v", err)
		}
		hooks <- hook{url: "http://" + r.Host + r.URL.String(), form: r.PostForm, header: r.Header}
	}))
	t.Cleanup(server.Close)
	return server.URL + "/hook?a=b", hooks
}

// next returns the next webhook. The official SDK checks its signature.
func next(t *testing.T, hooks chan hook) map[string]string {
	t.Helper()
	select {
	case h := <-hooks:
		params := map[string]string{}
		for key := range h.form {
			params[key] = h.form.Get(key)
		}
		validator := client.NewRequestValidator(token)
		if !validator.Validate(h.url, params, h.header.Get("X-Twilio-Signature")) {
			t.Errorf("the signature of %s is wrong", params["EventType"])
		}
		if h.header.Get("I-Twilio-Idempotency-Token") == "" {
			t.Error("the idempotency token is missing")
		}
		return params
	case <-time.After(patience):
		t.Fatal("no webhook arrived")
		return nil
	}
}

func TestWebhooks(t *testing.T) {
	target, hooks := receive(t)
	s := start(t, func(o *simulator.Options) { o.WebhookURL = target })
	a := connect(t, s)
	enabled := []string{"X-Twilio-Webhook-Enabled", "true"}

	sid := a.do(http.MethodPost, conversations, formOf("UniqueName", "vip", "Timers.Inactive", "PT1M"), enabled...).field("sid")
	base := func(event, state string, more ...string) map[string]string {
		want := map[string]string{
			"EventType": event, "AccountSid": account, "ChatServiceSid": service, "ConversationSid": sid, "RetryCount": "0",
			"MessagingServiceSid": simulator.DefaultMessagingServiceSID, "Source": "API", "State": state, "Attributes": "{}",
			"UniqueName": "vip", "DateCreated": "2026-03-01T12:00:00.000Z", "DateUpdated": "2026-03-01T12:00:00.000Z",
		}
		for i := 0; i < len(more); i += 2 {
			want[more[i]] = more[i+1]
		}
		return want
	}
	stateUpdated := func(from, to, reason, at string) map[string]string {
		return map[string]string{
			"EventType": "onConversationStateUpdated", "AccountSid": account, "ChatServiceSid": service, "ConversationSid": sid,
			"RetryCount": "0", "MessagingServiceSid": simulator.DefaultMessagingServiceSID,
			"StateFrom": from, "StateTo": to, "Reason": reason, "StateUpdated": at,
		}
	}
	expect := func(want map[string]string) {
		t.Helper()
		if diff := cmp.Diff(want, next(t, hooks)); diff != "" {
			t.Errorf("webhook (-want +got):\n%s", diff)
		}
	}
	expect(base("onConversationAdded", "active"))

	s.Advance(time.Minute)
	expect(stateUpdated("active", "inactive", "TIMER", "2026-03-01T12:01:00.000Z"))
	must(t, s.Message(sid))
	expect(stateUpdated("inactive", "active", "EVENT", "2026-03-01T12:01:00.000Z"))

	// A request without the header sends no webhook, so the next webhook belongs to the request after it.
	a.post(conversations+"/"+sid, "State", "inactive").want(t, http.StatusOK, 0)
	a.do(http.MethodPost, conversations+"/"+sid, formOf("State", "closed", "FriendlyName", "VIP"), enabled...).
		want(t, http.StatusOK, 0)
	expect(base("onConversationUpdated", "closed", "FriendlyName", "VIP", "DateUpdated", "2026-03-01T12:01:00.000Z"))
	expect(stateUpdated("inactive", "closed", "API", "2026-03-01T12:01:00.000Z"))

	a.do(http.MethodDelete, conversations+"/vip", nil, enabled...).want(t, http.StatusNoContent, 0)
	expect(base("onConversationRemoved", "closed", "FriendlyName", "VIP", "DateUpdated", "2026-03-01T12:01:00.000Z",
		"DateRemoved", "2026-03-01T12:01:00.000Z"))

	eventually(t, "the counts", func() bool { return s.Webhooks() == simulator.WebhookCounts{Delivered: 6} })
	a.create(conversations)
	if len(hooks) != 0 {
		t.Errorf("%d webhooks were sent without being asked for", len(hooks))
	}
}

func TestWebhooksNeverBlockRequests(t *testing.T) {
	gate := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-gate:
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(server.Close)
	defer close(gate)
	s := start(t, func(o *simulator.Options) { o.WebhookURL = server.URL })
	_, err := s.Seed("", 3000, func(_ int, c *simulator.Conversation) { c.Timers.Inactive.Duration = "PT1M" })
	must(t, err)
	s.Advance(time.Minute)
	if got := s.Webhooks(); got.Dropped < 3000-1024-1 || got.Dropped > 3000-1024 {
		t.Errorf("webhooks: %+v", got)
	}
}
