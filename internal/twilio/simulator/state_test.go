// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

func TestStateMachine(t *testing.T) {
	for _, c := range []struct {
		name, from, to string
		quirks         simulator.Quirks
		code           int
	}{
		{"active stays active", "active", "active", simulator.Quirks{}, 0},
		{"active becomes inactive", "active", "inactive", simulator.Quirks{}, 0},
		{"active is closed", "active", "closed", simulator.Quirks{}, 0},
		{"inactive becomes active", "inactive", "active", simulator.Quirks{}, 0},
		{"inactive is closed", "inactive", "closed", simulator.Quirks{}, 0},
		{"closed is not reactivated", "closed", "active", simulator.Quirks{}, 50377},
		{"closed is not made inactive", "closed", "inactive", simulator.Quirks{}, 50377},
		{"closed is not closed again", "closed", "closed", simulator.Quirks{}, 50377},
		{"closed is closed again, if so chosen", "closed", "closed", simulator.Quirks{AcceptClosingClosed: true}, 0},
		{"closed refuses before it validates", "closed", "nonsense", simulator.Quirks{}, 50377},
		{"initializing takes no update", "initializing", "active", simulator.Quirks{}, 50386},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := start(t, func(o *simulator.Options) { o.Quirks = c.quirks })
			a := connect(t, s)
			sids, err := s.Seed("", 1, func(_ int, v *simulator.Conversation) { v.State = c.from })
			must(t, err)
			path := conversations + "/" + sids[0]
			status, want := http.StatusOK, c.to
			if c.code != 0 {
				status, want = http.StatusBadRequest, c.from
			}
			a.post(path, "State", c.to).want(t, status, c.code)
			if got := a.get(path).want(t, http.StatusOK, 0).field("state"); got != want {
				t.Errorf("the state is %s, want %s", got, want)
			}
		})
	}
}

func TestClosedIsFinal(t *testing.T) {
	s := start(t)
	a := connect(t, s)
	a.post(conversations, "State", "closed").want(t, http.StatusBadRequest, 50384)
	sid := a.create(conversations, "FriendlyName", "kept", "Timers.Closed", "PT10M", "Timers.Inactive", "PT1M")
	path := conversations + "/" + sid
	if got := a.post(path, "State", "closed").want(t, http.StatusOK, 0); got.inner("timers", "date_closed") != "" {
		t.Errorf("a timer of a closed conversation runs: %s", got.text)
	}
	a.post(path, "FriendlyName", "new").want(t, http.StatusBadRequest, 50377)
	if err := s.Message(sid); err == nil {
		t.Error("a closed conversation took a message")
	}
	if got := a.get(path).field("friendly_name"); got != "kept" {
		t.Errorf("a closed conversation is now named %q", got)
	}
	s.SetQuirks(simulator.Quirks{RefuseDeletingClosed: true})
	a.do(http.MethodDelete, path, nil).want(t, http.StatusBadRequest, 50377)
	s.SetQuirks(simulator.Quirks{})
	a.do(http.MethodDelete, path, nil).want(t, http.StatusNoContent, 0)
	a.do(http.MethodDelete, path, nil).want(t, http.StatusNotFound, 20404)
}

func TestInitializingSettlesByItself(t *testing.T) {
	s := start(t)
	a := connect(t, s)
	sid := a.post("/v1/ConversationWithParticipants", "FriendlyName", "x").want(t, http.StatusAccepted, 0).field("sid")
	path := conversations + "/" + sid
	a.post(path, "FriendlyName", "y").want(t, http.StatusBadRequest, 50386)
	if err := s.Message(sid); err == nil {
		t.Error("an initializing conversation took a message")
	}
	s.Advance(2 * time.Second)
	if got := a.post(path, "FriendlyName", "y").want(t, http.StatusOK, 0).field("state"); got != "active" {
		t.Errorf("the state is %s", got)
	}
}

func TestEditEndsInitializing(t *testing.T) {
	s := start(t)
	a := connect(t, s)
	sid := a.post("/v1/ConversationWithParticipants").want(t, http.StatusAccepted, 0).field("sid")
	must(t, s.Edit(sid, func(c *simulator.Conversation) { c.State = simulator.Inactive }))
	s.Advance(time.Hour)
	if c, _ := s.Find(sid); c.State != simulator.Inactive {
		t.Errorf("the state is %s, want what the edit said", c.State)
	}
}

func TestEmptyUpdates(t *testing.T) {
	s := start(t)
	a := connect(t, s)
	path := conversations + "/" + a.create(conversations)
	a.post(path).want(t, http.StatusBadRequest, 20161)
	a.post(path, "Unknown", "x").want(t, http.StatusBadRequest, 20161)
	s.SetQuirks(simulator.Quirks{EmptyUpdateCode: 50347})
	a.post(path).want(t, http.StatusBadRequest, 50347)
	s.SetQuirks(simulator.Quirks{AcceptEmptyUpdates: true})
	a.post(path).want(t, http.StatusOK, 0)
}
