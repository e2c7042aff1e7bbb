// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

// control sends a request to the control port, and returns the status and the JSON of the answer.
func control(t testing.TB, s *simulator.Server, method, path, body string) (int, any) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.ControlURL+path, strings.NewReader(body))
	must(t, err)
	got, err := connect(t, s).client.Do(r)
	must(t, err)
	defer func() { _ = got.Body.Close() }()
	text, err := io.ReadAll(got.Body)
	must(t, err)
	var v any = string(text)
	if got.Header.Get("Content-Type") == "application/json" {
		must(t, json.Unmarshal(text, &v))
	}
	return got.StatusCode, v
}

func TestControlPortDoesWhatTheMethodsDo(t *testing.T) {
	s := start(t)
	a := connect(t, s)
	sid := a.create(conversations, "UniqueName", "vip", "Timers.Closed", "PT10M")
	a.create(addresses, toWebhook()...)
	other := "AC" + strings.Repeat("2", 32)
	find := func() simulator.Conversation {
		c, _ := s.Find(sid)
		return c
	}
	for _, c := range []struct {
		name, request, body string
		status              int
		held                func() bool
	}{
		{"the clock is moved", "POST /clock", `{"advance":"1m30s"}`, 200,
			func() bool { return s.Now().Equal(epoch.Add(90 * time.Second)) }},
		{"the clock is set", "POST /clock", `{"time":"2026-03-01T12:05:00Z"}`, 200,
			func() bool { return s.Now().Equal(epoch.Add(5 * time.Minute)) }},
		{"a message restarts timers", "POST /conversations/" + sid + "/messages", "", 204,
			func() bool { return find().Timers.Closed.Deadline.Equal(epoch.Add(15 * time.Minute)) }},
		{"a conversation is edited", "PATCH /conversations/" + sid, `{"friendlyName":"Edited","state":"inactive"}`, 200,
			func() bool {
				c := find()
				return c.FriendlyName == "Edited" && c.State == "inactive" && c.UniqueName == "vip" &&
					c.DateUpdated.Equal(epoch.Add(5*time.Minute))
			}},
		{"a timer is edited", "PATCH /conversations/" + sid, `{"timers":{"closed":{"duration":"PT20M"}}}`, 200,
			func() bool { return find().Timers.Closed.Deadline.Equal(epoch.Add(25 * time.Minute)) }},
		{"an edit with an unknown field is refused", "PATCH /conversations/" + sid, `{"name":"x"}`, 400,
			func() bool { return find().FriendlyName == "Edited" }},
		{"an edit to an unknown state is refused", "PATCH /conversations/" + sid, `{"state":"open"}`, 400,
			func() bool { return find().State == "inactive" }},
		{"conversations are seeded", "POST /conversations",
			`{"count":3,"uniqueNamePrefix":"seed-","conversation":{"friendlyName":"Seed","chatServiceSid":"` + service2 + `"}}`, 200,
			func() bool {
				return len(s.Conversations("")) == 4 && a.get(conversations2+"/seed-2").field("friendly_name") == "Seed"
			}},
		{"a taken name is not seeded", "POST /conversations", `{"uniqueNamePrefix":"seed-","conversation":{"chatServiceSid":"` +
			service2 + `"}}`, 400, func() bool { return len(s.Conversations("")) == 4 }},
		{"a name is not seeded twice, nor once", "POST /conversations", `{"count":2,"conversation":{"uniqueName":"twin"}}`, 400,
			func() bool { return len(s.Conversations("")) == 4 && a.get(conversations+"/twin").status == 404 }},
		{"limits and latency are set", "PATCH /settings", `{"latency":"1ms","limits":{"concurrent":9,"retryAfter":"2s"}}`, 200,
			func() bool { return true }},
		{"an unknown setting is refused", "PATCH /settings", `{"quirks":{"quirk":true}}`, 400, func() bool { return true }},
		{"a quirk is set and the limits stay", "PATCH /settings", `{"quirks":{"nameHeldAfterDelete":"1m","services":{"deletionTakes":"1m"}}}`, 200,
			func() bool {
				_, v := control(t, s, http.MethodGet, "/settings", "")
				settings := v.(map[string]any)
				return settings["latency"] == "1ms" && settings["limits"].(map[string]any)["concurrent"] == 9.0 &&
					settings["quirks"].(map[string]any)["nameHeldAfterDelete"] == "1m0s" &&
					settings["quirks"].(map[string]any)["services"].(map[string]any)["deletionTakes"] == "1m0s"
			}},
		{"a fault is added", "POST /rules", `{"id":"f","match":{"operation":"fetch"},"effect":{"status":500,"delay":"1ms"}}`, 200,
			func() bool {
				return a.get(conversations+"/vip").status == 500 && s.Rules()[0].Effect.Delay == time.Millisecond
			}},
		{"a fault is released", "POST /rules/f/release", "", 204, func() bool { return len(s.Rules()) == 1 }},
		{"a fault is removed", "DELETE /rules/f", "", 204, func() bool { return a.get(conversations+"/vip").status == 200 }},
		{"removing an unknown fault is refused", "DELETE /rules/f", "", 404, func() bool { return true }},
		{"a fault with an unknown effect is refused", "POST /rules", `{"effect":{"explode":true}}`, 400,
			func() bool { return len(s.Rules()) == 0 }},
		{"a fault of an unknown operation is refused", "POST /rules", `{"match":{"operation":"creates"},"effect":{"status":500}}`, 400,
			func() bool { return len(s.Rules()) == 0 }},
		{"a fault that comes a negative number of times is refused", "POST /rules", `{"match":{"count":-1},"effect":{"status":500}}`, 400,
			func() bool { return len(s.Rules()) == 0 }},
		{"a fault more likely than certain is refused", "POST /rules", `{"match":{"probability":50},"effect":{"status":500}}`, 400,
			func() bool { return len(s.Rules()) == 0 }},
		{"a body with data after its JSON is refused", "POST /rules", `{"effect":{"status":500}} {"effect":{"status":503}}`, 400,
			func() bool { return len(s.Rules()) == 0 }},
		{"all faults are removed", "DELETE /rules", "", 204, func() bool { return len(s.Rules()) == 0 }},
		{"the log is emptied", "DELETE /requests", "", 204, func() bool { return len(s.Requests()) == 0 }},
		{"an account is added", "POST /accounts",
			`{"sid":"` + other + `","authToken":"t","apiKeys":[{"sid":"SK1","secret":"s"}]}`, 200,
			func() bool { return cmp.Equal(s.Accounts(), []string{other, account}) }},
		{"a service is added", "POST /accounts/" + other + "/services", `{"sid":"IS` + strings.Repeat("3", 32) + `"}`, 204,
			func() bool { return s.AddService(other, "IS"+strings.Repeat("3", 32)) != nil }},
		{"a configuration is changed in part", "PATCH /accounts/default/configuration", `{"defaultClosedTimer":"PT30M"}`, 200,
			func() bool {
				cfg, _ := s.Configuration("")
				return cfg.DefaultClosedTimer == "PT30M" && cfg.DefaultServiceSID == service
			}},
		{"a malformed timer is refused", "PATCH /accounts/default/configuration", `{"defaultClosedTimer":"30m"}`, 400,
			func() bool {
				cfg, _ := s.Configuration("")
				return cfg.DefaultClosedTimer == "PT30M"
			}},
		{"an address is edited", "PATCH /accounts/default/addresses/%2B15550100", `{"autoCreation":{"webhookUrl":"https://localhost/"}}`, 200,
			func() bool {
				auto := s.Addresses("")[0].AutoCreation
				return auto.WebhookURL == "https://localhost/" && len(auto.WebhookFilters) == 2
			}},
		{"an edit of an address with an unknown field is refused", "PATCH /accounts/default/addresses/%2B15550100", `{"url":"x"}`, 400,
			func() bool { return s.Addresses("")[0].AutoCreation.WebhookURL == "https://localhost/" }},
		{"the number of an address is released", "DELETE /accounts/default/addresses/%2B15550100", "", 204,
			func() bool { return len(s.Addresses("")) == 0 }},
		{"a released address is missing", "DELETE /accounts/default/addresses/%2B15550100", "", 404, func() bool { return true }},
		{"an account is suspended", "PUT /accounts/default/suspended", `{"suspended":true}`, 204,
			func() bool { return a.get(conversations).status == 403 }},
		{"an account is reinstated", "PUT /accounts/default/suspended", `{"suspended":false}`, 204,
			func() bool { return a.get(conversations).status == 200 }},
		{"a token is rotated", "PUT /accounts/default/auth-token", `{"authToken":"new"}`, 204,
			func() bool { return a.get(conversations).status == 401 }},
		{"an unknown account is missing", "PUT /accounts/AC1/suspended", `{}`, 404, func() bool { return true }},
		{"a conversation is removed", "DELETE /conversations/" + sid, "", 204, func() bool { return find().SID == "" }},
		{"a removed conversation is missing", "GET /conversations/" + sid, "", 404, func() bool { return true }},
	} {
		t.Run(c.name, func(t *testing.T) {
			method, path, _ := strings.Cut(c.request, " ")
			if status, v := control(t, s, method, path, c.body); status != c.status {
				t.Fatalf("answered %d: %v, want %d", status, v, c.status)
			}
			if !c.held() {
				t.Error("what was asked for did not come about")
			}
		})
	}
}

func TestControlPortShows(t *testing.T) {
	s := start(t)
	a := connect(t, s)
	sid := a.create(conversations, "UniqueName", "vip", "Timers.Closed", "PT10M")
	rule(t, s, simulator.Match{Count: 1, Skip: 9}, simulator.Effect{Delay: time.Second})
	shown := map[string]any{
		"sid": sid, "accountSid": account, "chatServiceSid": service,
		"messagingServiceSid": simulator.DefaultMessagingServiceSID, "uniqueName": "vip", "attributes": "{}",
		"state": "active", "email": map[string]any{}, "dateCreated": "2026-03-01T12:00:00Z",
		"dateUpdated": "2026-03-01T12:00:00Z", "lastActivity": "2026-03-01T12:00:00Z",
		"timers": map[string]any{"closed": map[string]any{"duration": "PT10M", "deadline": "2026-03-01T12:10:00Z"}},
	}
	for path, want := range map[string]any{
		"/clock":                      map[string]any{"time": "2026-03-01T12:00:00Z"},
		"/accounts":                   []any{account},
		"/conversations":              []any{shown},
		"/conversations?account=AC1":  map[string]any{"error": "no account AC1"},
		"/conversations/" + sid:       shown,
		"/accounts/default/addresses": []any{},
		"/accounts/AC1/services":      map[string]any{"error": "no account AC1"},
		"/accounts/AC1/addresses":     map[string]any{"error": "no account AC1"},
		"/held":                       map[string]any{"held": 0.0},
		"/webhooks":                   map[string]any{"delivered": 0.0, "failed": 0.0, "dropped": 0.0},
		"/accounts/AC1/configuration": map[string]any{"error": "no account AC1"},
		"/accounts/default/configuration": map[string]any{
			"defaultChatServiceSid": service, "defaultMessagingServiceSid": simulator.DefaultMessagingServiceSID,
		},
		"/counts": []any{map[string]any{
			"account": account, "method": "POST", "operation": "create", "status": 201.0, "requests": 1.0,
		}},
		"/requests": []any{map[string]any{
			"n": 1.0, "time": "2026-03-01T12:00:00Z", "account": account, "method": "POST", "path": conversations,
			"form":      map[string]any{"UniqueName": []any{"vip"}, "Timers.Closed": []any{"PT10M"}},
			"operation": "create", "status": 201.0, "sid": sid,
		}},
		"/rules": []any{map[string]any{
			"id": "rule-1", "match": map[string]any{"count": 1.0, "skip": 9.0}, "effect": map[string]any{"delay": "1s"},
			"seen": 0.0, "applied": 0.0,
		}},
	} {
		t.Run(path, func(t *testing.T) {
			_, got := control(t, s, http.MethodGet, path, "")
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("shown (-want +got):\n%s", diff)
			}
		})
	}
}

func TestControlPortDescribesItself(t *testing.T) {
	_, usage := control(t, start(t), http.MethodGet, "/", "")
	if usage != simulator.ControlUsage() || !strings.Contains(usage.(string), "POST /conversations/{sid}/messages") {
		t.Errorf("described as\n%s", usage)
	}
}
