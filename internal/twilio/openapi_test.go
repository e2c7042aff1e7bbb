// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/conversations-operator/conversations-operator/internal/twilio/published"
)

func TestEveryParameterIsKnownByTwiliosName(t *testing.T) {
	read := published.Operations(t)
	all := Params{
		FriendlyName: new(""), UniqueName: new(""), Attributes: new(""), MessagingServiceSID: new(""), State: new(StateActive),
		TimersInactive: new(""), TimersClosed: new(""), BindingsEmailAddress: new(""), BindingsEmailName: new(""),
		DateCreated: new(time.Now()), DateUpdated: new(time.Now()),
	}
	// Page does nothing but number the pages, and PageToken is only ever followed.
	query := slices.Sorted(maps.Keys(ListOptions{StartDate: time.Now(), EndDate: time.Now(), State: StateActive}.query()))
	query = slices.Sorted(slices.Values(append(query, "Page", "PageToken")))
	client, err := NewClient(Config{Username: "u", Password: "p"})
	if err != nil {
		t.Fatal(err)
	}
	for service, list := range map[string]string{"": "/v1/Conversations", "{ChatServiceSid}": "/v1/Services/{ChatServiceSid}/Conversations"} {
		one := list + "/{Sid}"
		s := client.Conversations(service)
		if got := client.endpoint(append(s.path, "{Sid}")...).Path; got != one {
			t.Errorf("path is %s, want %s", got, one)
		}
		for name, o := range map[string]published.Operation{"create": read(list, "post"), "update": read(one, "post")} {
			if diff := cmp.Diff(o.Form(), all.Fields()); diff != "" {
				t.Errorf("%s %s: %s", name, list, diff)
			}
		}
		for _, o := range []published.Operation{read(list, "post"), read(one, "post"), read(one, "delete")} {
			if diff := cmp.Diff([]string{"X-Twilio-Webhook-Enabled"}, o.In("header")); diff != "" {
				t.Errorf("%s: %s", o.OperationID, diff)
			}
		}
		if diff := cmp.Diff(read(list, "get").In("query"), query); diff != "" {
			t.Errorf("list %s: %s", list, diff)
		}
	}
	if read("/v1/Configuration", "get").OperationID != "FetchConfiguration" {
		t.Error("there is no FetchConfiguration")
	}
}

func TestEveryCodeIsInTwiliosDictionary(t *testing.T) {
	known := map[string]bool{}
	for line := range strings.Lines(string(published.File(t, "error_codes.tsv"))) {
		code, _, _ := strings.Cut(line, "\t")
		known[code] = true
	}
	for code := range codes {
		if !known[strconv.Itoa(code)] {
			t.Errorf("%d is not in it", code)
		}
	}
}
