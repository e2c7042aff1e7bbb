// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio_test

import (
	"context"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// everything is every parameter, with characters that a form has to escape.
func everything() twilio.Params {
	return twilio.Params{
		FriendlyName: new("A & B=C+D é"), UniqueName: new("vip"), Attributes: new(`{"a": "1 < 2"}`),
		MessagingServiceSID: new("MGaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), State: new(twilio.StateInactive),
		TimersInactive: new("PT1M"), TimersClosed: new("PT36H"),
		BindingsEmailAddress: new("vip@example.com"), BindingsEmailName: new("VIP"),
		DateCreated:    new(time.Date(2020, 1, 2, 4, 5, 6, 7, time.FixedZone("", 3600))),
		DateUpdated:    new(time.Date(2020, 1, 3, 3, 5, 6, 0, time.UTC)),
		WebhookEnabled: new(true),
	}
}

const everythingEncoded = "Attributes=%7B%22a%22%3A+%221+%3C+2%22%7D&Bindings.Email.Address=vip%40example.com&" +
	"Bindings.Email.Name=VIP&DateCreated=2020-01-02T03%3A05%3A06Z&DateUpdated=2020-01-03T03%3A05%3A06Z&" +
	"FriendlyName=A+%26+B%3DC%2BD+%C3%A9&MessagingServiceSid=MGaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa&State=inactive&" +
	"Timers.Closed=PT36H&Timers.Inactive=PT1M&UniqueName=vip"

func TestWhatGoesOverTheWire(t *testing.T) {
	create := func(p twilio.Params) func(context.Context, twilio.Conversations) {
		return func(ctx context.Context, s twilio.Conversations) { _, _ = s.Create(ctx, p) }
	}
	fetch := func(name string) func(context.Context, twilio.Conversations) {
		return func(ctx context.Context, s twilio.Conversations) { _, _ = s.Fetch(ctx, name) }
	}
	update := func(name string, p twilio.Params) func(context.Context, twilio.Conversations) {
		return func(ctx context.Context, s twilio.Conversations) { _, _ = s.Update(ctx, name, p) }
	}
	remove := func(name string, webhook *bool) func(context.Context, twilio.Conversations) {
		return func(ctx context.Context, s twilio.Conversations) { _, _ = s.Delete(ctx, name, webhook) }
	}
	tests := []struct {
		name    string
		service string
		do      func(context.Context, twilio.Conversations)
		want    string
		body    string
		webhook string
	}{
		{"create with nothing", "", create(twilio.Params{}), "POST /v1/Conversations", "", ""},
		{"create with everything", "", create(everything()), "POST /v1/Conversations", everythingEncoded, "true"},
		{"create in a service", serviceSID, create(everything()),
			"POST /v1/Services/" + serviceSID + "/Conversations", everythingEncoded, "true"},
		{"empty values are sent", "", update(convSID, twilio.Params{UniqueName: new(""), WebhookEnabled: new(false)}),
			"POST /v1/Conversations/" + convSID, "UniqueName=", "false"},
		{"update with everything in a service", serviceSID, update(convSID, everything()),
			"POST /v1/Services/" + serviceSID + "/Conversations/" + convSID, everythingEncoded, "true"},
		{"update with nothing", "", update("vip", twilio.Params{}), "POST /v1/Conversations/vip", "", ""},
		{"delete", "", remove(convSID, nil), "DELETE /v1/Conversations/" + convSID, "", ""},
		{"delete in a service", serviceSID, remove(convSID, new(true)),
			"DELETE /v1/Services/" + serviceSID + "/Conversations/" + convSID, "", "true"},
		{"delete without webhooks", "", remove("vip", new(false)), "DELETE /v1/Conversations/vip", "", "false"},
		{"fetch by SID", "", fetch(convSID), "GET /v1/Conversations/" + convSID, "", ""},
		{"fetch in a service", serviceSID, fetch("vip"), "GET /v1/Services/" + serviceSID + "/Conversations/vip", "", ""},
		{"a name of reserved characters", "", fetch("team/a?b#c"), "GET /v1/Conversations/team%2Fa%3Fb%23c", "", ""},
		{"a name that looks escaped", "", fetch("%2F"), "GET /v1/Conversations/%252F", "", ""},
		{"a name of one dot", "", fetch("."), "GET /v1/Conversations/.", "", ""},
		{"a name of two dots", "", fetch(".."), "GET /v1/Conversations/..", "", ""},
		{"a name with a climb", "", fetch("../x"), "GET /v1/Conversations/..%2Fx", "", ""},
		{"a name with a space", "", fetch("a b+c"), "GET /v1/Conversations/a%20b+c", "", ""},
		{"a name in another script", "", fetch("é:日"), "GET /v1/Conversations/%C3%A9:%E6%97%A5", "", ""},
		{"a name that would split the request", "", fetch("a\r\nX: y"), "GET /v1/Conversations/a%0D%0AX:%20y", "", ""},
		{"a service that is no SID", "../x", fetch("vip"), "GET /v1/Services/..%2Fx/Conversations/vip", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			host := newHost(t, answering(http.StatusOK, minimal))
			client := newClient(t, host.URL+"/", func(c *twilio.Config) { c.UserAgent = "conversations-operator/1.2" })
			tt.do(t.Context(), client.Conversations(tt.service))
			seen := host.seen()
			if len(seen) != 1 {
				t.Fatalf("%d requests were sent", len(seen))
			}
			if got := seen[0].Method + " " + seen[0].URI; got != tt.want {
				t.Errorf("sent %s, want %s", got, tt.want)
			}
			if diff := cmp.Diff(tt.body, seen[0].Body); diff != "" {
				t.Error(diff)
			}
			want := map[string]string{
				"Accept": "application/json", "User-Agent": "conversations-operator/1.2", "X-Twilio-Webhook-Enabled": tt.webhook,
				"Authorization": "Basic " + base64.StdEncoding.EncodeToString([]byte(accountSID+":"+authToken)),
			}
			if strings.HasPrefix(tt.want, "POST") {
				want["Content-Type"] = "application/x-www-form-urlencoded"
			}
			for name, value := range want {
				if got := seen[0].Header.Get(name); got != value {
					t.Errorf("%s is %q, want %q", name, got, value)
				}
			}
		})
	}
}

func TestABaseURLMayHaveAPath(t *testing.T) {
	host := newHost(t, answering(http.StatusOK, minimal))
	if _, err := newClient(t, host.URL+"/egress%2Fa/").Conversations("").Fetch(t.Context(), "vip"); err != nil {
		t.Fatal(err)
	}
	if got := host.seen()[0].URI; got != "/egress%2Fa/v1/Conversations/vip" {
		t.Error(got)
	}
}

func TestWithoutANameNothingIsSent(t *testing.T) {
	host := newHost(t, answering(http.StatusOK, minimal))
	s := newClient(t, host.URL).Conversations("")
	_, fetchErr := s.Fetch(t.Context(), "")
	_, updateErr := s.Update(t.Context(), "", everything())
	_, deleteErr := s.Delete(t.Context(), "", nil)
	for _, err := range []error{fetchErr, updateErr, deleteErr} {
		if classesOf(err) != "invalid" || twilio.Ambiguous(err) {
			t.Errorf("got %v", err)
		}
	}
	if n := len(host.seen()); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

func TestParametersAreNamed(t *testing.T) {
	p := twilio.Params{FriendlyName: new(""), TimersClosed: new("PT0S"), Attributes: new("{}")}
	if diff := cmp.Diff([]string{"Attributes", "FriendlyName", "Timers.Closed"}, p.Fields()); diff != "" {
		t.Error(diff)
	}
	if got := (twilio.Params{WebhookEnabled: new(true)}).Fields(); len(got) > 0 {
		t.Errorf("a header is no parameter: %v", got)
	}
}

func TestADeleteIsAnswered204(t *testing.T) {
	tests := []struct {
		name   string
		status int
		body   string
		class  string
	}{
		{"204", 204, "", ""},
		{"200 without a body", 200, "", "unavailable"},
		{"200 with JSON", 200, minimal, "unavailable"},
		{"202 with nonsense", 202, "{", "unavailable"},
		{"200 with a page is a proxy's", 200, "\n <!DOCTYPE html>", "unavailable"},
		{"404 is for the caller to judge", 404, refused(404, 20404), "not found"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			host := newHost(t, answering(tt.status, tt.body))
			_, err := newClient(t, host.URL).Conversations("").Delete(t.Context(), convSID, nil)
			if got := classesOf(err); got != tt.class || (err == nil) != (tt.class == "") {
				t.Errorf("got %v, which is %q", err, got)
			}
		})
	}
	broken := newWire(t, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
	if _, err := newClient(t, broken).Conversations("").Delete(t.Context(), convSID, nil); !twilio.Ambiguous(err) {
		t.Errorf("a body that breaks off: %v", err)
	}
}
