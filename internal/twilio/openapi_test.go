// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// published reads one of the documents about Twilio that are kept beside the project.
func published(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "twilio", name))
	if err != nil {
		t.Skipf("Not compared with what Twilio publishes: %v", err)
	}
	return b
}

type operation struct {
	OperationID string `json:"operationId"`
	Parameters  []struct {
		Name string `json:"name"`
		In   string `json:"in"`
	} `json:"parameters"`
	RequestBody struct {
		Content map[string]struct {
			Schema struct {
				Properties map[string]any `json:"properties"`
			} `json:"schema"`
		} `json:"content"`
	} `json:"requestBody"`
}

func (o operation) in(where string) []string {
	var names []string
	for _, p := range o.Parameters {
		if p.In == where {
			names = append(names, p.Name)
		}
	}
	slices.Sort(names)
	return names
}

func (o operation) form() []string {
	return slices.Sorted(maps.Keys(o.RequestBody.Content["application/x-www-form-urlencoded"].Schema.Properties))
}

// operations answers how to read an operation from the published document.
func operations(t *testing.T) func(path, method string) operation {
	t.Helper()
	var document struct {
		Paths map[string]map[string]json.RawMessage `json:"paths"`
	}
	if err := json.Unmarshal(published(t, "twilio_conversations_v1.json"), &document); err != nil {
		t.Fatal(err)
	}
	return func(path, method string) operation {
		t.Helper()
		var o operation
		if err := json.Unmarshal(document.Paths[path][method], &o); err != nil {
			t.Fatalf("%s %s: %v", method, path, err)
		}
		return o
	}
}

func TestTheListOfServicesIsKnownByTwiliosName(t *testing.T) {
	if o := operations(t)("/v1/Services", "get"); o.OperationID != listService || !slices.Contains(o.in("query"), "PageSize") {
		t.Errorf("the list of services is %+v", o)
	}
}

func TestEveryParameterIsKnownByTwiliosName(t *testing.T) {
	read := operations(t)
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
		for name, o := range map[string]operation{"create": read(list, "post"), "update": read(one, "post")} {
			if diff := cmp.Diff(o.form(), all.Fields()); diff != "" {
				t.Errorf("%s %s: %s", name, list, diff)
			}
		}
		for _, o := range []operation{read(list, "post"), read(one, "post"), read(one, "delete")} {
			if diff := cmp.Diff([]string{"X-Twilio-Webhook-Enabled"}, o.in("header")); diff != "" {
				t.Errorf("%s: %s", o.OperationID, diff)
			}
		}
		if diff := cmp.Diff(read(list, "get").in("query"), query); diff != "" {
			t.Errorf("list %s: %s", list, diff)
		}
	}
	if read("/v1/Configuration", "get").OperationID != "FetchConfiguration" {
		t.Error("there is no FetchConfiguration")
	}
}

func TestEveryCodeIsInTwiliosDictionary(t *testing.T) {
	known := map[string]bool{}
	for line := range strings.Lines(string(published(t, "error_codes.tsv"))) {
		code, _, _ := strings.Cut(line, "\t")
		known[code] = true
	}
	for code := range codes {
		if !known[strconv.Itoa(code)] {
			t.Errorf("%d is not in it", code)
		}
	}
}
