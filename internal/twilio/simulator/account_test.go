// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

func TestCreatesAndDeletesArePacedByService(t *testing.T) {
	s := start(t, func(o *simulator.Options) { o.Limits.CreateDelete = 3 })
	a := connect(t, s)
	a.create(conversations)
	a.create(conversations)
	sid := a.create(conversations)
	got := a.post(conversations).want(t, http.StatusTooManyRequests, 50074)
	if _, ok := got.header["Retry-After"]; ok {
		t.Error("Retry-After was sent, which classic Conversations does not document")
	}
	a.do(http.MethodDelete, conversations+"/"+sid, nil).want(t, http.StatusTooManyRequests, 50074)
	a.create(conversations2)
	a.get(conversations+"/"+sid).want(t, http.StatusOK, 0)
	if n := len(s.Conversations("")); n != 4 {
		t.Errorf("%d conversations are there, want the 4 that were accepted", n)
	}
	s.Advance(time.Second / 3)
	s.Advance(time.Millisecond)
	a.do(http.MethodDelete, conversations+"/"+sid, nil).want(t, http.StatusNoContent, 0)
	a.post(conversations).want(t, http.StatusTooManyRequests, 50074)
}

func TestUpdatesArePacedByConversation(t *testing.T) {
	s := start(t, func(o *simulator.Options) {
		o.Limits = simulator.Limits{Update: 2, RetryAfter: 1500 * time.Millisecond}
	})
	a := connect(t, s)
	one, other := conversations+"/"+a.create(conversations), conversations+"/"+a.create(conversations)
	for range 2 {
		a.post(one, "FriendlyName", "x").want(t, http.StatusOK, 0)
	}
	got := a.post(one, "FriendlyName", "y").want(t, http.StatusTooManyRequests, 50063)
	if after := got.header.Get("Retry-After"); after != "2" {
		t.Errorf("Retry-After is %q", after)
	}
	a.post(other, "FriendlyName", "x").want(t, http.StatusOK, 0)
	s.Advance(time.Second)
	a.post(one, "FriendlyName", "y").want(t, http.StatusOK, 0)
}

func TestConcurrencyIsCappedByAccount(t *testing.T) {
	other := "AC" + strings.Repeat("2", 32)
	s := start(t, func(o *simulator.Options) { o.Limits.Concurrent = 2 })
	must(t, s.AddAccount(other, "token2"))
	a := connect(t, s)
	id := rule(t, s, simulator.Match{Count: 2}, simulator.Effect{Hold: true})
	var wg sync.WaitGroup
	headers := make(chan string, 2)
	for range 2 {
		wg.Go(func() { headers <- a.get(conversations).header.Get("Twilio-Concurrent-Requests") })
	}
	eventually(t, "two requests in flight", func() bool { return s.Held() == 2 })
	got := a.post(conversations).want(t, http.StatusTooManyRequests, 20429)
	if n := got.header.Get("Twilio-Concurrent-Requests"); n != "3" {
		t.Errorf("Twilio-Concurrent-Requests is %s", n)
	}
	b := a
	b.user, b.password = other, "token2"
	b.create(conversations)
	must(t, s.ReleaseRule(id))
	wg.Wait()
	if got := sorted([]string{<-headers, <-headers}); !cmp.Equal(got, []string{"1", "2"}) {
		t.Errorf("Twilio-Concurrent-Requests were %q", got)
	}
	if got := a.create(conversations); got == "" || len(s.Conversations("")) != 1 {
		t.Error("a refused create took effect")
	}
}

func TestCredentialsAreRotated(t *testing.T) {
	s := start(t, func(*simulator.Options) {})
	old, next := connect(t, s), connect(t, s)
	next.password = "second"
	next.get(conversations).want(t, http.StatusUnauthorized, 20003)
	must(t, s.SetSecondaryAuthToken("", "second"))
	for _, a := range []api{old, next} {
		a.get(conversations).want(t, http.StatusOK, 0)
	}
	must(t, s.SetAuthToken("", "second"))
	must(t, s.SetSecondaryAuthToken("", ""))
	old.get(conversations).want(t, http.StatusUnauthorized, 20003)
	next.get(conversations).want(t, http.StatusOK, 0)

	next.user, next.password = "SK"+strings.Repeat("3", 32), "key"
	must(t, s.AddAPIKey("", simulator.APIKey{SID: next.user, Secret: "key"}))
	if s.AddAPIKey("", simulator.APIKey{SID: next.user, Secret: "other"}) == nil {
		t.Error("a key was replaced")
	}
	next.get(conversations).want(t, http.StatusOK, 0)
	must(t, s.RevokeAPIKey("", next.user))
	next.get(conversations).want(t, http.StatusUnauthorized, 20003)
	if s.RevokeAPIKey("", next.user) == nil {
		t.Error("a missing key was revoked")
	}
}

func TestCredentials(t *testing.T) {
	key := "SK" + strings.Repeat("1", 32)
	s := start(t, func(o *simulator.Options) { o.APIKeys = map[string]string{key: "secret"} })
	for _, c := range []struct {
		name, user, password string
		status, code         int
		message              string
	}{
		{"the auth token opens the account", account, token, 200, 0, ""},
		{"an API key opens the account", key, "secret", 200, 0, ""},
		{"a wrong token is refused", account, "wrong", 401, 20003, "Authenticate"},
		{"a wrong secret is refused", key, token, 401, 20003, "Authenticate"},
		{"an unknown user is refused", "AC1", token, 401, 20003, "Authentication Error - invalid username"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := connect(t, s)
			a.user, a.password = c.user, c.password
			got := a.get("/v1/Configuration").want(t, c.status, c.code)
			if got.field("message") != c.message || (c.status == 200 && got.field("account_sid") != account) {
				t.Errorf("answered %s", got.text)
			}
		})
	}
	a := connect(t, s)
	must(t, s.SetAuthToken("", "rotated"))
	a.get(conversations).want(t, http.StatusUnauthorized, 20003)
	a.password = "rotated"
	a.get(conversations).want(t, http.StatusOK, 0)
	must(t, s.SetSuspended("", true))
	a.get(conversations).want(t, http.StatusForbidden, 20403)
	must(t, s.SetSuspended("", false))
	a.get(conversations).want(t, http.StatusOK, 0)
	if text := fmt.Sprintf("%+v", s.Requests()); strings.Contains(text, "rotated") || strings.Contains(text, "secret") {
		t.Error("the log holds credentials")
	}
}

func TestAccountsAreSeparate(t *testing.T) {
	other := "AC" + strings.Repeat("2", 32)
	s := start(t)
	must(t, s.AddAccount(other, "token2", simulator.APIKey{SID: "SK2", Secret: "secret2"}))
	a := connect(t, s)
	sid := a.create(conversations, "UniqueName", "vip")
	b := connect(t, s)
	b.user, b.password = "SK2", "secret2"
	theirs := b.create(conversations, "UniqueName", "vip")
	b.get(conversations+"/"+sid).want(t, http.StatusNotFound, 20404)
	b.get("/v1/Services/"+service+"/Conversations").want(t, http.StatusNotFound, 20404)
	if got := b.get(conversations).sids(); !cmp.Equal(got, []string{theirs}) {
		t.Errorf("the other account lists %q", got)
	}
	if got := s.Conversations(other); len(got) != 1 || got[0].AccountSID != other {
		t.Errorf("the other account has %+v", got)
	}
	for name, err := range map[string]error{
		"an account twice":    s.AddAccount(other, ""),
		"a malformed account": s.AddAccount("AC1", ""),
		"a service twice":     s.AddService(other, service),
		"a malformed service": s.AddService("", "IS1"),
		"an unknown account":  s.SetAuthToken("AC1", ""),
	} {
		if err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

func TestDefaultServiceCanChange(t *testing.T) {
	s := start(t)
	a := connect(t, s)
	sid := a.create(conversations, "UniqueName", "vip")
	cfg, err := s.Configuration("")
	must(t, err)
	cfg.DefaultServiceSID, cfg.DefaultInactiveTimer = service2, "PT1M"
	must(t, s.SetConfiguration("", cfg))
	a.get(conversations+"/"+sid).want(t, http.StatusNotFound, 20404)
	a.get("/v1/Services/"+service+"/Conversations/vip").want(t, http.StatusOK, 0)
	if got := a.get("/v1/Configuration"); got.field("default_chat_service_sid") != service2 ||
		got.field("default_inactive_timer") != "PT1M" || got.body["default_closed_timer"] != nil {
		t.Errorf("the configuration is %s", got.text)
	}
	if got := a.post(conversations); got.field("chat_service_sid") != service2 ||
		got.inner("timers", "date_inactive") == "" {
		t.Errorf("created %s", got.text)
	}
	if err := s.SetConfiguration("", simulator.Configuration{}); err == nil {
		t.Error("an empty configuration was accepted")
	}
}

func TestRequestLogIsBoundedAndCountsAreExact(t *testing.T) {
	s := start(t, func(o *simulator.Options) { o.RequestLog = 3 })
	a := connect(t, s)
	sid := a.do(http.MethodPost, conversations, formOf("UniqueName", "x"), "X-Twilio-Webhook-Enabled", "true").field("sid")
	for range 4 {
		a.get(conversations + "/x?a=b")
	}
	a.get(conversations + "/y")
	log := s.Requests()
	if len(log) != 3 || log[0].N != 4 || log[2].N != 6 {
		t.Errorf("the log holds %+v", log)
	}
	want := simulator.Request{
		N: 5, Time: epoch, Account: account, Method: "GET", Path: conversations + "/x", Query: formOf("a", "b"),
		Operation: "fetch", Status: 200, SID: sid,
	}
	if diff := cmp.Diff(want, log[1]); diff != "" {
		t.Errorf("an entry (-want +got):\n%s", diff)
	}
	counts := s.Counts()
	got := []int{counts.Total(), counts.Method("GET"), counts.Operation("create"), counts.Status(404), counts.Class(2)}
	if diff := cmp.Diff([]int{6, 5, 1, 1, 5}, got); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	s.ResetRequests()
	a.get(conversations)
	if log := s.Requests(); len(log) != 1 || log[0].N != 7 || s.Counts().Total() != 1 {
		t.Errorf("after a reset the log holds %+v", log)
	}
}

func TestAnswersHaveTwiliosHeaders(t *testing.T) {
	s := start(t)
	rule(t, s, simulator.Match{Skip: 1}, simulator.Effect{Status: 503, HTML: true})
	for range 2 {
		got := connect(t, s).get(conversations)
		for name, want := range map[string]string{
			"Twilio-Concurrent-Requests": "1", "X-Home-Region": "us1", "X-Api-Domain": "conversations.twilio.com",
			"Date": "Sun, 01 Mar 2026 12:00:00 GMT",
		} {
			if got.header.Get(name) != want {
				t.Errorf("%s is %q, want %q", name, got.header.Get(name), want)
			}
		}
		if id := got.header.Get("Twilio-Request-Id"); len(id) != 34 || !strings.HasPrefix(id, "RQ") {
			t.Errorf("Twilio-Request-Id is %q", id)
		}
	}
}
