// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

func TestGetShowsWhatTwilioAnswers(t *testing.T) {
	s := newSimulator(t)
	here, err := s.Seed("", 1, func(_ int, c *simulator.Conversation) { c.UniqueName, c.Attributes = "vip", `{"a": 1}` })
	if err != nil {
		t.Fatal(err)
	}
	there, err := s.Seed("", 1, func(_ int, c *simulator.Conversation) { c.ServiceSID, c.UniqueName = otherService, "vip" })
	if err != nil {
		t.Fatal(err)
	}
	sh := offline(s)
	var got struct {
		SID, Attributes string
		ServiceSID      string `json:"chat_service_sid"`
	}
	for name, want := range map[string]string{"vip": here[0], here[0]: here[0], "vip --service " + otherService: there[0]} {
		if err := json.Unmarshal([]byte(sh.good(t, append([]string{"get", "-o", "json"}, strings.Fields(name)...)...)), &got); err != nil {
			t.Fatal(err)
		}
		if got.SID != want {
			t.Errorf("get %s shows %s, want %s", name, got.SID, want)
		}
	}
	s.ResetRequests()
	says(t, sh.good(t, "get", "vip"), "sid: "+here[0], `attributes: '{"a": 1}'`)
	if n := s.Counts().Operation("fetch"); n != 1 {
		t.Errorf("it fetched %d times", n)
	}
	r := sh.run(t, "get", "nobody")
	want := "error: Twilio answered 404: The requested resource /Conversations/nobody was not found (20404): check the sid or name, and --service\n"
	if r.code != 1 || r.stderr != want {
		t.Errorf("it ended with %d: %s", r.code, r.stderr)
	}
}

func TestTheDetailsOfARefusalAreShown(t *testing.T) {
	s := newSimulator(t)
	if _, err := s.AddRule(simulator.Rule{
		Match: simulator.Match{Operation: "fetch"},
		Effect: simulator.Effect{Status: 400, ContentType: "application/json",
			Body: `{"code":20001,"message":"No","status":400,"details":{"parameter": "Sid"}}`},
	}); err != nil {
		t.Fatal(err)
	}
	r := offline(s).run(t, "get", "vip")
	if want := "error: Twilio answered 400: No (20001); Twilio's details: {\"parameter\":\"Sid\"}\n"; r.code != 1 || r.stderr != want {
		t.Errorf("it ended with %d: %s", r.code, r.stderr)
	}
}

// listed runs list, and answers the sids that it prints and the queries of its lists at Twilio.
func listed(t *testing.T, s *simulator.Server, args ...string) (sids []string, queries []url.Values) {
	t.Helper()
	s.ResetRequests()
	sids = strings.Fields(offline(s).good(t, append([]string{"list", "-o", "name"}, args...)...))
	for _, r := range s.Requests() {
		if r.Operation == "list" && strings.HasSuffix(r.Path, "/Conversations") {
			queries = append(queries, r.Query)
		}
	}
	return sids, queries
}

func TestAListAsksForNoMoreThanItsLimit(t *testing.T) {
	s := newSimulator(t)
	if _, err := s.Seed("", 12, func(int, *simulator.Conversation) {}); err != nil {
		t.Fatal(err)
	}
	for args, want := range map[string]struct {
		size              string
		requests, printed int
	}{
		"--limit 5":               {"5", 1, 5},
		"--limit 5 --page-size 3": {"3", 2, 5},
		"--limit 500":             {"100", 1, 12},
	} {
		sids, queries := listed(t, s, strings.Fields(args)...)
		if len(sids) != want.printed || len(queries) != want.requests || queries[0].Get("PageSize") != want.size {
			t.Errorf("%s prints %d, and asks %v", args, len(sids), queries)
		}
	}
}

func TestAListIsSortedByActivityWithoutDates(t *testing.T) {
	s := newSimulator(t)
	at := time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)
	all, err := s.Seed("", 3, func(i int, c *simulator.Conversation) { c.DateCreated = at.Add(time.Duration(i) * time.Hour) })
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Edit(all[0], func(c *simulator.Conversation) { c.LastActivity = at.Add(48 * time.Hour) }); err != nil {
		t.Fatal(err)
	}
	byCreation, dated := listed(t, s)
	byActivity, undated := listed(t, s, "--by-activity")
	if !slices.Equal(byCreation, []string{all[2], all[1], all[0]}) || dated[0].Get("StartDate") == "" {
		t.Errorf("it lists %v, and asks %v", byCreation, dated)
	}
	if byActivity[0] != all[0] || len(byActivity) != 3 || undated[0].Has("StartDate") || undated[0].Has("EndDate") {
		t.Errorf("by activity it lists %v, and asks %v", byActivity, undated)
	}
	r := offline(s).run(t, "list", "--by-activity", "--end-date", "2026-02-03")
	if r.code != 1 || !strings.Contains(r.stderr, "--by-activity cannot be combined with dates") {
		t.Errorf("it ended with %d: %s", r.code, r.stderr)
	}
}

func TestAListOfAllServicesHasThoseOfEach(t *testing.T) {
	s := newSimulator(t)
	all, err := s.Seed("", 4, func(i int, c *simulator.Conversation) {
		if i > 1 {
			c.ServiceSID = otherService
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	sids, _ := listed(t, s, "--all-services")
	slices.Sort(sids)
	slices.Sort(all)
	if !slices.Equal(sids, all) {
		t.Errorf("it lists %v, want %v", sids, all)
	}
	text := offline(s).good(t, "export", "--all-services")
	for _, sid := range all {
		says(t, text, "sid: "+sid)
	}
	if _, err := s.AddRule(simulator.Rule{
		Match:  simulator.Match{PathRegexp: "/v1/Services$"},
		Effect: simulator.Effect{Status: 403, Code: 20403, Message: "Forbidden"},
	}); err != nil {
		t.Fatal(err)
	}
	r := offline(s).run(t, "list", "--all-services")
	want := "error: the credentials may not list the Conversation Services: name the services with --service: " +
		"Twilio answered 403: Forbidden (20403): correct the credentials or their permissions\n"
	if r.code != 1 || r.stdout != "" || r.stderr != want {
		t.Errorf("it ended with %d: %s%s", r.code, r.stdout, r.stderr)
	}
}
