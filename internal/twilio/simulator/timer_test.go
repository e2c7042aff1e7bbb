// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

// step is an action at a time after the epoch, with the expected conversation.
type step struct {
	at               time.Duration
	do               func(a api, s *simulator.Server, sid string)
	state            string
	inactive, closed string // time of day of the timers' dates; empty, none
}

// check compares the conversation with the expected conversation.
func (s step) check(t *testing.T, got answer) {
	t.Helper()
	timers := map[string]any{}
	for key, at := range map[string]string{"date_inactive": s.inactive, "date_closed": s.closed} {
		if at != "" {
			timers[key] = "2026-03-01T" + at + "Z"
		}
	}
	if got.field("state") != s.state {
		t.Errorf("after %s the state is %s, want %s", s.at, got.field("state"), s.state)
	}
	if diff := cmp.Diff(any(timers), got.body["timers"]); diff != "" {
		t.Errorf("timers after %s (-want +got):\n%s", s.at, diff)
	}
}

func message(a api, s *simulator.Server, sid string) {
	a.t.Helper()
	must(a.t, s.Message(sid))
}

func update(pairs ...string) func(api, *simulator.Server, string) {
	return func(a api, _ *simulator.Server, sid string) {
		a.t.Helper()
		a.post(conversations+"/"+sid, pairs...).want(a.t, http.StatusOK, 0)
	}
}

func TestTimers(t *testing.T) {
	const minute = time.Minute
	both := []string{"Timers.Inactive", "PT1M", "Timers.Closed", "PT10M"}
	for _, c := range []struct {
		name   string
		create []string
		change func(*simulator.Options)
		steps  []step
	}{
		{"run in parallel from the same instant", both, nil, []step{
			{0, nil, "active", "12:01:00", "12:10:00"},
			{minute - 1*time.Second, nil, "active", "12:01:00", "12:10:00"},
			{minute, nil, "inactive", "", "12:10:00"},
			{10 * minute, nil, "closed", "", ""},
		}},
		{"may both be passed at once", both, nil, []step{{time.Hour, nil, "closed", "", ""}}},
		{"close an active conversation directly", []string{"Timers.Closed", "PT10M"}, nil, []step{
			{10*minute - time.Second, nil, "active", "", "12:10:00"},
			{10 * minute, nil, "closed", "", ""},
		}},
		{"run for an inactive conversation too", append([]string{"State", "inactive"}, both...), nil, []step{
			{0, nil, "inactive", "12:01:00", "12:10:00"},
			{minute, nil, "inactive", "", "12:10:00"},
		}},
		{"restart with a message, which revives", both, nil, []step{
			{minute, nil, "inactive", "", "12:10:00"},
			{5 * minute, message, "active", "12:06:00", "12:15:00"},
			{10 * minute, nil, "inactive", "", "12:15:00"},
			{15 * minute, nil, "closed", "", ""},
		}},
		{"restart when they are sent again, each by itself", both, nil, []step{
			{30 * time.Second, update("Timers.Inactive", "PT1M"), "active", "12:01:30", "12:10:00"},
			{minute, update("Timers.Closed", "PT20M"), "active", "12:01:30", "12:21:00"},
		}},
		{"do not restart with another update", both, nil, []step{
			{30 * time.Second, update("FriendlyName", "x"), "active", "12:01:00", "12:10:00"},
		}},
		{"restart with any update, if so chosen", both,
			func(o *simulator.Options) { o.Quirks.RestartTimersOnUpdate = true }, []step{
				{30 * time.Second, update("FriendlyName", "x"), "active", "12:01:30", "12:10:30"},
			}},
		{"are removed by PT0S", both, nil, []step{
			{30 * time.Second, update("Timers.Inactive", "PT0S"), "active", "", "12:10:00"},
			{40 * time.Second, update("Timers.Closed", "PT0S"), "active", "", ""},
			{50 * time.Second, message, "active", "", ""},
			{time.Hour, nil, "active", "", ""},
		}},
		{"come from the account unless they are named", []string{"Timers.Closed", "PT0S"},
			func(o *simulator.Options) { o.DefaultInactiveTimer, o.DefaultClosedTimer = "PT2M", "PT20M" }, []step{
				{0, nil, "active", "12:02:00", ""},
			}},
		{"stop when the conversation is closed", both, nil, []step{
			{0, update("State", "closed"), "closed", "", ""},
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := start(t, c.change)
			a := connect(t, s)
			sid := a.create(conversations, c.create...)
			for _, step := range c.steps {
				s.SetTime(epoch.Add(step.at))
				if step.do != nil {
					step.do(a, s, sid)
				}
				step.check(t, a.get(conversations+"/"+sid))
			}
		})
	}
}

func TestTimersFireAtTheirOwnTime(t *testing.T) {
	s := start(t)
	a := connect(t, s)
	sid := a.create(conversations, "Timers.Inactive", "PT1M")
	s.Advance(time.Hour)
	if got := a.get(conversations + "/" + sid).field("date_updated"); got != "2026-03-01T12:01:00Z" {
		t.Errorf("date_updated is %s, want the time at which the timer was due", got)
	}
	if got := a.get(conversations).header.Get("Date"); got != "Sun, 01 Mar 2026 13:00:00 GMT" {
		t.Errorf("the answer is dated %s", got)
	}
}

// Only a webhook shows that a timer fires without a request for the conversation.
func TestTimersFireByTheRealClockToo(t *testing.T) {
	target, hooks := receive(t)
	s := start(t, func(o *simulator.Options) {
		o.Clock = nil
		o.WebhookURL = target
	})
	_, err := s.Seed("", 1, func(_ int, c *simulator.Conversation) {
		c.Timers.Inactive = simulator.Timer{Duration: "PT1M", Deadline: time.Now().Add(50 * time.Millisecond)}
	})
	must(t, err)
	if got := next(t, hooks); got["StateTo"] != simulator.Inactive {
		t.Errorf("the webhook is %v", got)
	}
}

func TestTimersDoNotEndInitializing(t *testing.T) {
	s := start(t)
	sids, err := s.Seed("", 1, func(_ int, c *simulator.Conversation) {
		c.State = simulator.Initializing
		c.Timers.Inactive.Duration = "PT1M"
	})
	must(t, err)
	s.Advance(time.Hour)
	if c, _ := s.Find(sids[0]); c.State != simulator.Initializing {
		t.Errorf("the state is %s", c.State)
	}
}

func TestSnapshotsHoldDurationsAsTheyWereSent(t *testing.T) {
	s := start(t)
	sid := connect(t, s).create(conversations, "Timers.Inactive", "PT60S", "Timers.Closed", "PT600S")
	got, _ := s.Find(sid)
	want := simulator.Timers{
		Inactive: simulator.Timer{Duration: "PT60S", Deadline: epoch.Add(time.Minute)},
		Closed:   simulator.Timer{Duration: "PT600S", Deadline: epoch.Add(10 * time.Minute)},
	}
	if diff := cmp.Diff(want, got.Timers); diff != "" {
		t.Errorf("timers (-want +got):\n%s", diff)
	}
}
