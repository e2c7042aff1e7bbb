// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// full is the example of Twilio's OpenAPI document, with an e-mail binding.
const full = `{"sid":"CHaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","account_sid":"ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
"chat_service_sid":"ISaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","messaging_service_sid":"MGaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
"friendly_name":"friendly_name","unique_name":"unique_name","attributes":"{ \"topic\": \"feedback\" }",
"date_created":"2015-12-16T22:18:37Z","date_updated":"2015-12-16T22:18:38Z","state":"inactive",
"timers":{"date_inactive":"2015-12-16T22:19:38Z","date_closed":"2015-12-16T22:28:38Z"},
"bindings":{"email":{"projected_address":"a@example.com","name":"A"}},
"url":"https://conversations.twilio.com/v1/Conversations/CHaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
"links":{"participants":"https://p","messages":"https://m","webhooks":"https://w","export":"https://e"}}`

// timeless leaves out when an answer came.
var timeless = cmpopts.IgnoreFields(twilio.Conversation{}, "AnsweredAt")

func at(s string) *time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return &t
}

func TestAConversationIsReadWhole(t *testing.T) {
	host := newHost(t, answering(http.StatusOK, full,
		"Date: Wed, 16 Dec 2015 22:18:39 GMT", "Twilio-Request-Id: RQaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"))
	got, err := newClient(t, host.URL).Conversations("").Fetch(t.Context(), convSID)
	if err != nil {
		t.Fatal(err)
	}
	want := &twilio.Conversation{
		SID: convSID, AccountSID: accountSID, ChatServiceSID: serviceSID, MessagingServiceSID: "MGaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		FriendlyName: "friendly_name", UniqueName: "unique_name", Attributes: `{ "topic": "feedback" }`,
		State: twilio.StateInactive, DateCreated: at("2015-12-16T22:18:37Z"), DateUpdated: at("2015-12-16T22:18:38Z"),
		Timers:     twilio.Timers{DateInactive: at("2015-12-16T22:19:38Z"), DateClosed: at("2015-12-16T22:28:38Z")},
		Bindings:   &twilio.Bindings{Email: &twilio.EmailBinding{Address: "a@example.com", Name: "A"}},
		URL:        "https://conversations.twilio.com/v1/Conversations/" + convSID,
		Links:      map[string]string{"participants": "https://p", "messages": "https://m", "webhooks": "https://w", "export": "https://e"},
		ServerTime: *at("2015-12-16T22:18:39Z"), RequestID: "RQaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	}
	if diff := cmp.Diff(want, got, timeless); diff != "" {
		t.Error(diff)
	}
}

func TestWhatTwilioLeavesOutIsEmpty(t *testing.T) {
	tests := []struct {
		name, body string
		want       twilio.Conversation
	}{
		{"almost nothing", `{"sid":"` + convSID + `"}`, twilio.Conversation{}},
		{"nulls", `{"sid":"` + convSID + `","account_sid":null,"chat_service_sid":null,"messaging_service_sid":null,"friendly_name":null,
			"unique_name":null,"attributes":null,"date_created":null,"date_updated":null,"state":null,"timers":null,"bindings":null,
			"url":null,"links":null}`, twilio.Conversation{}},
		{"nulls inside", `{"sid":"` + convSID + `","timers":{"date_closed":null},"bindings":{"email":null}}`,
			twilio.Conversation{Bindings: &twilio.Bindings{}}},
		{"empty objects", `{"sid":"` + convSID + `","timers":{},"bindings":{}}`, twilio.Conversation{Bindings: &twilio.Bindings{}}},
		{"a state nobody knows", `{"sid":"` + convSID + `","state":"dreaming","more":[1]}`, twilio.Conversation{State: "dreaming"}},
		{"one timer", `{"sid":"` + convSID + `","timers":{"date_closed":"2015-12-16T22:28:38Z"}}`,
			twilio.Conversation{Timers: twilio.Timers{DateClosed: at("2015-12-16T22:28:38Z")}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			host := newHost(t, answering(http.StatusCreated, tt.body, "Date: yesterday"))
			got, err := newClient(t, host.URL).Conversations("").Create(t.Context(), twilio.Params{})
			if err != nil {
				t.Fatal(err)
			}
			tt.want.SID = convSID
			if diff := cmp.Diff(&tt.want, got, timeless); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestNonsenseIsNotBelieved(t *testing.T) {
	tests := []struct{ name, body string }{
		{"a SID that is too short", `{"sid":"CH12"}`},
		{"a SID of another kind", `{"sid":"` + serviceSID + `"}`},
		{"a SID with more behind it", `{"sid":"` + convSID + `/../x"}`},
		{"a SID that is a number", `{"sid":1}`},
		{"an account that is none", `{"sid":"` + convSID + `","account_sid":"` + serviceSID + `"}`},
		{"a service that is none", `{"sid":"` + convSID + `","chat_service_sid":"x"}`},
		{"a messaging service that is none", `{"sid":"` + convSID + `","messaging_service_sid":"x"}`},
		{"attributes that are no text", `{"sid":"` + convSID + `","attributes":{"a":1}}`},
		{"a date that is none", `{"sid":"` + convSID + `","date_created":"yesterday"}`},
		{"timers that are a list", `{"sid":"` + convSID + `","timers":[1]}`},
		{"two answers in one", minimal + minimal},
		{"half an answer", full[:len(full)/2]},
		{"a list", "[" + minimal + "]"},
		{"text in quotes", `"` + convSID + `"`},
		{"very deep nesting", strings.Repeat(`{"bindings":`, 50_000)},
		{"bytes", "\xff\xfe\x00"},
		{"another conversation", strings.ReplaceAll(full, convSID, otherSID)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newClient(t, newHost(t, answering(http.StatusOK, tt.body)).URL).Conversations("")
			_, fetchErr := s.Fetch(t.Context(), convSID)
			_, updateErr := s.Update(t.Context(), convSID, twilio.Params{})
			for _, err := range []error{fetchErr, updateErr} {
				if classesOf(err) != "unavailable" || !twilio.Ambiguous(err) {
					t.Errorf("got %v", err)
				}
			}
		})
	}
}

func TestAConversationOfAnotherNameIsNotBelieved(t *testing.T) {
	s := newClient(t, newHost(t, answering(http.StatusOK, minimal)).URL).Conversations("")
	if _, err := s.Fetch(t.Context(), "another"); classesOf(err) != "unavailable" {
		t.Errorf("got %v", err)
	}
	if _, err := s.Fetch(t.Context(), "vip"); err != nil {
		t.Error(err)
	}
	if _, err := s.Update(t.Context(), "another", twilio.Params{UniqueName: new("vip")}); err != nil {
		t.Errorf("an update that renames: %v", err)
	}
}

func TestConfigurationIsRead(t *testing.T) {
	host := newHost(t, answering(http.StatusOK, `{"account_sid":"`+accountSID+`","default_chat_service_sid":"`+serviceSID+`",
		"default_messaging_service_sid":"MGaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","default_inactive_timer":"PT1M",
		"default_closed_timer":null,"url":"x"}`))
	got, err := newClient(t, host.URL).FetchConfiguration(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := &twilio.Configuration{
		AccountSID: accountSID, DefaultChatServiceSID: serviceSID,
		DefaultMessagingServiceSID: "MGaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", DefaultInactiveTimer: "PT1M",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if seen := host.seen(); seen[0].Method+" "+seen[0].URI != "GET /v1/Configuration" {
		t.Errorf("sent %v", seen)
	}
	for _, body := range []string{"{}", "null", "<html>", `{"account_sid":"` + accountSID + `","default_chat_service_sid":"x"}`} {
		host := newHost(t, answering(http.StatusOK, body))
		if _, err := newClient(t, host.URL).FetchConfiguration(t.Context()); classesOf(err) != "unavailable" {
			t.Errorf("%s: %v", body, err)
		}
	}
}
