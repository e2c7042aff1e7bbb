// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

// asked serves a receiver of pre-event webhooks with a fixed answer, and sets its URL in the simulator.
func asked(t *testing.T, s *simulator.Server, status int, body string) chan hook {
	t.Helper()
	hooks := make(chan hook, 16)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			t.Errorf("reading a webhook: %v", err)
		}
		hooks <- hook{url: "http://" + r.Host + r.URL.String(), form: r.PostForm, header: r.Header}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	askAt(t, s, server.URL+"/pre")
	return hooks
}

func askAt(t *testing.T, s *simulator.Server, target string) {
	t.Helper()
	cfg, err := s.Configuration("")
	must(t, err)
	cfg.PreWebhookURL = target
	must(t, s.SetConfiguration("", cfg))
}

// write sends a request with the header X-Twilio-Webhook-Enabled.
func (a api) write(method, path, enabled string, pairs ...string) answer {
	a.t.Helper()
	return a.do(method, path, formOf(pairs...), "X-Twilio-Webhook-Enabled", enabled)
}

func TestPreEventWebhooksTellWhatIsToBe(t *testing.T) {
	s := start(t)
	a := connect(t, s)
	hooks := asked(t, s, http.StatusOK, "{}")
	base := func(event string, more ...string) map[string]string {
		want := map[string]string{
			"EventType": event, "AccountSid": account, "ChatServiceSid": service, "RetryCount": "0", "Source": "API",
			"MessagingServiceSid": simulator.DefaultMessagingServiceSID, "State": "active", "Attributes": "{}", "UniqueName": "vip",
		}
		for i := 0; i < len(more); i += 2 {
			want[more[i]] = more[i+1]
		}
		return want
	}
	expect := func(want map[string]string) {
		t.Helper()
		if diff := cmp.Diff(want, next(t, hooks)); diff != "" {
			t.Errorf("webhook (-want +got):\n%s", diff)
		}
	}
	sid := a.write(http.MethodPost, conversations, "true", "UniqueName", "vip").want(t, http.StatusCreated, 0).field("sid")
	expect(base("onConversationAdd"))
	known := []string{
		"ConversationSid", sid, "DateCreated", "2026-03-01T12:00:00.000Z", "DateUpdated", "2026-03-01T12:00:00.000Z",
	}
	// The simulator calls no webhook for a request without an effect or without the header.
	a.write(http.MethodPost, conversations, "true", "UniqueName", "vip").want(t, http.StatusConflict, 50353)
	a.write(http.MethodPost, conversations, "false").want(t, http.StatusCreated, 0)
	a.post(conversations).want(t, http.StatusCreated, 0)
	a.get(conversations+"/vip").want(t, http.StatusOK, 0)
	a.write(http.MethodPost, conversations+"/vip", "true", "State", "inactive").want(t, http.StatusOK, 0)
	expect(base("onConversationUpdate", append(known, "State", "inactive")...))
	a.write(http.MethodDelete, conversations+"/vip", "true").want(t, http.StatusNoContent, 0)
	expect(base("onConversationRemove", append(known, "State", "inactive")...))
	if len(hooks) != 0 {
		t.Errorf("%d webhooks more were sent", len(hooks))
	}
}

func TestAPreEventWebhookMayChangeTheFriendlyName(t *testing.T) {
	s := start(t)
	a := connect(t, s)
	asked(t, s, http.StatusOK, `{"friendly_name":"Theirs","unique_name":"theirs"}`)
	made := a.write(http.MethodPost, conversations, "true").want(t, http.StatusCreated, 0)
	if made.field("friendly_name") != "Theirs" || made.field("unique_name") != "" {
		t.Errorf("created %s", made.text)
	}
	path := conversations + "/" + made.field("sid")
	if got := a.write(http.MethodPost, path, "false", "FriendlyName", "Ours").field("friendly_name"); got != "Ours" {
		t.Errorf("the friendly name is %q", got)
	}
	if got := a.write(http.MethodPost, path, "true", "FriendlyName", "Ours").field("friendly_name"); got != "Theirs" {
		t.Errorf("the friendly name is %q", got)
	}
	if log := s.Requests(); log[len(log)-1].Form.Get("FriendlyName") != "Ours" {
		t.Error("the log does not tell what was sent")
	}
}

func TestAPreEventWebhookMayRefuse(t *testing.T) {
	for _, status := range []int{http.StatusForbidden, http.StatusInternalServerError} {
		s := start(t)
		a := connect(t, s)
		sid := a.create(conversations, "UniqueName", "vip")
		asked(t, s, status, "")
		a.write(http.MethodPost, conversations, "true").want(t, http.StatusBadRequest, 50056)
		a.write(http.MethodPost, conversations+"/vip", "true", "FriendlyName", "x").want(t, http.StatusBadRequest, 50056)
		a.write(http.MethodDelete, conversations+"/vip", "true").want(t, http.StatusBadRequest, 50056)
		if all := s.Conversations(""); len(all) != 1 || all[0].SID != sid || all[0].FriendlyName != "" {
			t.Errorf("after %d there are %+v", status, all)
		}
	}
}

func TestAWriteGoesOnWithoutThePreEventWebhook(t *testing.T) {
	s := start(t)
	a := connect(t, s)
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	t.Cleanup(server.Close)
	askAt(t, s, server.URL)
	a.write(http.MethodPost, conversations, "true").want(t, http.StatusCreated, 0)
	if got := s.Webhooks(); got.Failed != 1 {
		t.Errorf("webhooks: %+v", got)
	}
}
