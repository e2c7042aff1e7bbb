// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

// rule adds a fault and gives back its ID.
func rule(t testing.TB, s *simulator.Server, m simulator.Match, e simulator.Effect) string {
	t.Helper()
	id, err := s.AddRule(simulator.Rule{Match: m, Effect: e})
	must(t, err)
	return id
}

type effect = simulator.Effect

// faultCase is a create under an effect, with the expected answer.
type faultCase struct {
	name   string
	effect effect
	status int // 0, the connection breaks
	code   int
	body   string // contained
	header [2]string
	exists bool
}

// check compares the client's answer with the expected answer.
func (c faultCase) check(t *testing.T, got answer, err error) {
	t.Helper()
	if (err != nil) != (c.status == 0) {
		t.Fatalf("got status %d, error %v", got.status, err)
	}
	if err != nil {
		return
	}
	if code, _ := got.body["code"].(float64); got.status != c.status || int(code) != c.code || !strings.Contains(got.text, c.body) {
		t.Errorf("got status %d: %s", got.status, got.text)
	}
	if key := c.header[0]; key != "" && got.header.Get(key) != c.header[1] {
		t.Errorf("%s is %q, want %q", key, got.header.Get(key), c.header[1])
	}
}

func TestFaultsOfACreate(t *testing.T) {
	for _, c := range []faultCase{
		{"a status", effect{Status: 503, Code: 20503, Message: "down"}, 503, 20503, `"message":"down"`, [2]string{}, false},
		{"a status without a code", effect{Status: 500}, 500, 0, `{"message":"Internal Server Error","status":500}`, [2]string{}, false},
		{"a status after it took effect", effect{Status: 500, AfterEffect: true}, 500, 0, "", [2]string{}, true},
		{"Retry-After in seconds", effect{Status: 429, Code: 20429, RetryAfter: 7}, 429, 20429, "",
			[2]string{"Retry-After", "7"}, false},
		{"Retry-After as a date", effect{Status: 429, Code: 20429, RetryAfter: 7, RetryAfterAsDate: true}, 429, 20429, "",
			[2]string{"Retry-After", "Sun, 01 Mar 2026 12:00:07 GMT"}, false},
		{"a proxy's page", effect{Status: 502, HTML: true}, 502, 0, "<h1>502 Bad Gateway</h1>",
			[2]string{"Content-Type", "text/html"}, false},
		{"a body of its own", effect{Status: 503, Body: "no healthy upstream"}, 503, 0, "no healthy upstream",
			[2]string{"Content-Type", "text/plain"}, false},
		{"a body that is not JSON after it took effect", effect{Body: "{", ContentType: "application/json", AfterEffect: true},
			201, 0, "{", [2]string{"Content-Type", "application/json"}, true},
		{"an empty body", effect{EmptyBody: true}, 201, 0, "", [2]string{"Content-Length", "0"}, true},
		{"an empty body of an error", effect{Status: 500, EmptyBody: true}, 500, 0, "", [2]string{"Content-Length", "0"}, false},
		{"a redirect", effect{Redirect: "https://example.com/", Status: 308}, 308, 0, "",
			[2]string{"Location", "https://example.com/"}, false},
		{"a connection dropped before it is handled", effect{DropBefore: true}, 0, 0, "", [2]string{}, false},
		{"a connection dropped after it took effect", effect{DropAfter: true}, 0, 0, "", [2]string{}, true},
		{"a truncated body", effect{TruncateBody: true}, 0, 0, "", [2]string{}, true},
		{"a truncated body of an error", effect{Status: 500, TruncateBody: true}, 0, 0, "", [2]string{}, false},
		{"a delay", effect{Delay: time.Millisecond}, 201, 0, "", [2]string{}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := start(t)
			a := connect(t, s)
			a.client.Transport = &http.Transport{DisableKeepAlives: true}
			a.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
			id := rule(t, s, simulator.Match{Operation: simulator.OperationCreate, Count: 1}, c.effect)

			got, err := a.try(http.MethodPost, conversations, formOf("UniqueName", "x"))
			c.check(t, got, err)
			if exists := len(s.Conversations("")) == 1; exists != c.exists {
				t.Errorf("the conversation is there: %t, want %t", exists, c.exists)
			}
			if log := s.Requests(); len(log) != 1 || log[0].Fault != id || (c.exists && log[0].SID == "") {
				t.Errorf("logged %+v", log)
			}
			if c.exists {
				a.post(conversations, "UniqueName", "x").want(t, http.StatusConflict, 50353)
			} else {
				a.create(conversations, "UniqueName", "x")
			}
		})
	}
}

func TestRulesMatch(t *testing.T) {
	for _, c := range []struct {
		name  string
		match func(sid string) simulator.Match
		want  [4]bool // which of create, fetch, update and list in this order get the effect
	}{
		{"everything", func(string) simulator.Match { return simulator.Match{} }, [4]bool{true, true, true, true}},
		{"a method", func(string) simulator.Match { return simulator.Match{Method: "POST"} }, [4]bool{true, false, true, false}},
		{"an operation", func(string) simulator.Match { return simulator.Match{Operation: "list"} },
			[4]bool{false, false, false, true}},
		{"a path", func(string) simulator.Match { return simulator.Match{PathRegexp: "/Conversations/.+"} },
			[4]bool{false, true, true, false}},
		{"a form key", func(string) simulator.Match { return simulator.Match{FormKey: "FriendlyName"} },
			[4]bool{true, false, true, false}},
		{"a form value", func(string) simulator.Match {
			return simulator.Match{FormKey: "FriendlyName", FormValue: "updated"}
		}, [4]bool{false, false, true, false}},
		{"a SID, however it is addressed", func(sid string) simulator.Match { return simulator.Match{SID: sid} },
			[4]bool{false, true, true, false}},
		{"a unique name, however it is addressed", func(string) simulator.Match { return simulator.Match{UniqueName: "vip"} },
			[4]bool{false, true, true, false}},
		{"the unique name of a create", func(string) simulator.Match { return simulator.Match{UniqueName: "new"} },
			[4]bool{true, false, false, false}},
		{"another account", func(string) simulator.Match { return simulator.Match{Account: "AC1"} }, [4]bool{}},
		{"all but the first", func(string) simulator.Match { return simulator.Match{Skip: 1} },
			[4]bool{false, true, true, true}},
		{"the second and third", func(string) simulator.Match { return simulator.Match{Skip: 1, Count: 2} },
			[4]bool{false, true, true, false}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := start(t)
			a := connect(t, s)
			sid := a.create(conversations, "UniqueName", "vip")
			rule(t, s, c.match(sid), simulator.Effect{Status: 418})
			for i, got := range []answer{
				a.post(conversations, "UniqueName", "new", "FriendlyName", "created"),
				a.get(conversations + "/vip"),
				a.post(conversations+"/"+sid, "FriendlyName", "updated"),
				a.get(conversations),
			} {
				if hit := got.status == 418; hit != c.want[i] {
					t.Errorf("request %d got the effect: %t, want %t", i, hit, c.want[i])
				}
			}
		})
	}
}

func TestProbabilityIsRepeatable(t *testing.T) {
	draw := func(seed uint64) (hits int) {
		s := start(t)
		a := connect(t, s)
		rule(t, s, simulator.Match{Probability: 0.3, Seed: seed}, simulator.Effect{Status: 500})
		for range 100 {
			if a.get(conversations).status == 500 {
				hits++
			}
		}
		return hits
	}
	first := draw(1)
	if first < 10 || first > 50 || draw(1) != first {
		t.Errorf("%d of 100 got the effect", first)
	}
}

func TestRulesAreAppliedInOrderAndCounted(t *testing.T) {
	s := start(t)
	a := connect(t, s)
	first := rule(t, s, simulator.Match{Count: 1}, simulator.Effect{Status: 500})
	second := rule(t, s, simulator.Match{}, simulator.Effect{Status: 502})
	for _, want := range []int{500, 502, 502} {
		a.get(conversations).want(t, want, 0)
	}
	rules := s.Rules()
	if rules[0].Seen != 3 || rules[0].Applied != 1 || rules[1].Seen != 2 || rules[1].Applied != 2 {
		t.Errorf("rules are %+v", rules)
	}
	must(t, s.RemoveRule(second))
	a.get(conversations).want(t, http.StatusOK, 0)
	s.ClearRules()
	if err := s.RemoveRule(first); err == nil {
		t.Error("a cleared rule was still there")
	}
	for _, malformed := range []simulator.Rule{
		{Match: simulator.Match{PathRegexp: "("}}, {Effect: simulator.Effect{Status: 42}},
		// These fields lack the field that they belong to. Without the check, such a rule would hit every request or
		// none.
		{Match: simulator.Match{FormValue: "vip"}}, {Effect: simulator.Effect{Code: 50377}}, {Effect: simulator.Effect{Message: "No"}},
	} {
		if _, err := s.AddRule(malformed); err == nil {
			t.Errorf("a malformed rule was added: %+v", malformed)
		}
	}
}
