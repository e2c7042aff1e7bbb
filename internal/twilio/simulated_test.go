// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/onsi/gomega"

	"github.com/conversations-operator/conversations-operator/internal/twilio"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

// simulated answers a simulator whose clock stands still, and a client of its account.
func simulated(t *testing.T) (*simulator.Server, *twilio.Client) {
	t.Helper()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	sim, err := simulator.Start(simulator.Options{
		Services: []string{"ISbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"}, Clock: func() time.Time { return now },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sim.Close)
	return sim, newClient(t, sim.URL, func(c *twilio.Config) { c.Password = simulator.DefaultAuthToken })
}

// patient waits for what has to happen as long as a busy machine may take for it.
func patient(t *testing.T) *gomega.WithT {
	t.Helper()
	g := gomega.NewWithT(t)
	g.SetDefaultEventuallyTimeout(10 * time.Second)
	return g
}

func TestTheLifeOfAConversation(t *testing.T) {
	for _, service := range []string{"", "ISbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"} {
		t.Run("in service "+service, func(t *testing.T) {
			sim, client := simulated(t)
			live(t, client.Conversations(service))
			if left := sim.Conversations(""); len(left) != 0 {
				t.Errorf("%v is left", left)
			}
		})
	}
}

// live takes a conversation from its creation to its deletion.
func live(t *testing.T, s twilio.Conversations) {
	t.Helper()
	ctx, p := t.Context(), everything()
	p.UniqueName = new("team:a b?c#d&e=f%2F")
	made, err := s.Create(ctx, p)
	is(t, "created", err, "")
	want := *made
	want.FriendlyName, want.UniqueName, want.Attributes, want.State = *p.FriendlyName, *p.UniqueName, *p.Attributes, *p.State
	want.DateCreated, want.Bindings = at("2020-01-02T03:05:06Z"), &twilio.Bindings{
		Email: &twilio.EmailBinding{Address: *p.BindingsEmailAddress, Name: *p.BindingsEmailName},
	}
	for _, sidOrName := range []string{made.SID, *p.UniqueName} {
		fetched, err := s.Fetch(ctx, sidOrName)
		is(t, "fetched", err, "")
		fetched.ServerTime, fetched.AnsweredAt, fetched.RequestID = made.ServerTime, made.AnsweredAt, made.RequestID
		if diff := cmp.Diff(&want, fetched); diff != "" {
			t.Error(diff)
		}
	}
	_, err = s.Create(ctx, p)
	is(t, "created again", err, "exists")

	renamed, err := s.Update(ctx, *p.UniqueName, twilio.Params{UniqueName: new("vip"), TimersClosed: new("PT0S")})
	is(t, "renamed", err, "")
	if renamed.UniqueName != "vip" || renamed.Timers.DateClosed != nil {
		t.Errorf("renamed %+v", renamed)
	}
	_, err = s.Fetch(ctx, *p.UniqueName)
	is(t, "fetched by its old name", err, "not found")

	closed, err := s.Update(ctx, made.SID, twilio.Params{State: new(twilio.StateClosed)})
	is(t, "closed", err, "")
	if closed.State != twilio.StateClosed {
		t.Errorf("closed %+v", closed)
	}
	_, err = s.Update(ctx, made.SID, twilio.Params{State: new(twilio.StateActive)})
	is(t, "opened again", err, "closed invalid")

	requestID, err := s.Delete(ctx, made.SID, new(true))
	is(t, "deleted", err, "")
	if !strings.HasPrefix(requestID, "RQ") {
		t.Errorf("the request's ID is %q", requestID)
	}
	_, err = s.Delete(ctx, made.SID, nil)
	is(t, "deleted again", err, "not found")
}

// is checks the classes of an error; no class is no error.
func is(t *testing.T, what string, err error, class string) {
	t.Helper()
	if got := classesOf(err); got != class || (err == nil) != (class == "") {
		t.Fatalf("%s: %v, which is %q, not %q", what, err, got, class)
	}
}

func TestTwilioRefuses(t *testing.T) {
	tests := []struct {
		name    string
		prepare func(*simulator.Server) error
		params  twilio.Params
		class   string
		want    string
	}{
		{"a name that is too long", nil, twilio.Params{FriendlyName: new(strings.Repeat("x", 257))}, "invalid",
			"Twilio answered 400: Friendly name too long (50003)"},
		{"a conversation that starts closed", nil, twilio.Params{State: new(twilio.StateClosed)}, "invalid",
			"Twilio answered 400: Initial state can't be 'closed' (50384)"},
		{"a timer that is too short", nil, twilio.Params{TimersInactive: new("PT30S")}, "invalid",
			"Twilio answered 400: TimeToInactive should be greater or equal to 1 minute (50375)"},
		{"another password", func(s *simulator.Server) error { return s.SetAuthToken("", "another") }, twilio.Params{}, "denied",
			"Twilio answered 401: Authenticate (20003)"},
		{"a suspended account", func(s *simulator.Server) error { return s.SetSuspended("", true) }, twilio.Params{}, "denied",
			"Twilio answered 403: Forbidden (20403)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			sim, client := simulated(t)
			if tt.prepare != nil {
				if err := tt.prepare(sim); err != nil {
					t.Fatal(err)
				}
			}
			_, err := client.Conversations("").Create(t.Context(), tt.params)
			if err == nil || err.Error() != tt.want || classesOf(err) != tt.class || twilio.Ambiguous(err) {
				t.Errorf("got %v", err)
			}
			if left := sim.Conversations(""); len(left) != 0 {
				t.Errorf("%v is left", left)
			}
		})
	}
}

func TestAnInitializingConversationCannotBeChangedYet(t *testing.T) {
	sim, client := simulated(t)
	sids, err := sim.Seed("", 1, func(_ int, c *simulator.Conversation) { c.State = simulator.Initializing })
	if err != nil {
		t.Fatal(err)
	}
	s := client.Conversations("")
	if conv, err := s.Fetch(t.Context(), sids[0]); err != nil || conv.State != twilio.StateInitializing {
		t.Errorf("got %+v, %v", conv, err)
	}
	if _, err := s.Update(t.Context(), sids[0], twilio.Params{FriendlyName: new("x")}); classesOf(err) != "initializing" {
		t.Errorf("got %v", err)
	}
}

func TestListsOfTheSimulator(t *testing.T) {
	sim, client := simulated(t)
	first := time.Date(2025, 6, 1, 12, 0, 0, 0, time.UTC)
	sids, err := sim.Seed("", 250, func(i int, c *simulator.Conversation) {
		c.DateCreated = first.AddDate(0, 0, i)
		if i%5 == 0 {
			c.State = simulator.Closed
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name     string
		o        twilio.ListOptions
		requests int
		want     []int
	}{
		{"everything", twilio.ListOptions{}, 3, every(1, 0, 249)},
		{"one state", twilio.ListOptions{State: twilio.StateClosed}, 1, every(5, 0, 245)},
		{"small pages", twilio.ListOptions{PageSize: 60}, 5, every(1, 0, 249)},
		{"from a day on", twilio.ListOptions{StartDate: first.AddDate(0, 0, 100)}, 2, every(1, 100, 249)},
		{"to the end of a day", twilio.ListOptions{EndDate: first.AddDate(0, 0, 100)}, 2, every(1, 0, 100)},
		{"one day", twilio.ListOptions{StartDate: first.AddDate(0, 0, 7), EndDate: first.AddDate(0, 0, 7)}, 1, every(1, 7, 7)},
		{"the latest two", twilio.ListOptions{StartDate: first, Limit: 2}, 1, every(1, 248, 249)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			sim.ResetRequests()
			var got []int
			for conv, err := range client.Conversations("").List(t.Context(), tt.o) {
				is(t, "listed", err, "")
				got = append(got, slices.Index(sids, conv.SID))
			}
			slices.Sort(got)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
			if n := sim.Counts().Total(); n != tt.requests {
				t.Errorf("%d requests", n)
			}
		})
	}
}

func TestOldAnswersAreRead(t *testing.T) {
	sim, client := simulated(t)
	sim.SetQuirks(simulator.Quirks{SparseAnswers: true})
	conv, err := client.Conversations("").Create(t.Context(), twilio.Params{})
	if err != nil || conv.DateUpdated != nil || conv.Bindings != nil {
		t.Errorf("got %+v, %v", conv, err)
	}
}

func TestTheSimulatorsConfigurationIsRead(t *testing.T) {
	_, client := simulated(t)
	got, err := client.FetchConfiguration(t.Context())
	if err != nil || got.AccountSID != simulator.DefaultAccountSID || got.DefaultChatServiceSID != simulator.DefaultServiceSID {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestOneClientServesManyAtOnce(t *testing.T) {
	sim, client := simulated(t)
	errs := make(chan error)
	for i := range 50 {
		go func() {
			_, err := client.Conversations("").Create(t.Context(), twilio.Params{UniqueName: new(fmt.Sprint("vip-", i))})
			errs <- err
		}()
	}
	for range 50 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if n := len(sim.Conversations("")); n != 50 {
		t.Errorf("%d conversations", n)
	}
}
