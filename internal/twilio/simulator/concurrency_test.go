// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

// All operations run at once, for the race detector. In any order, a unique name is given once.
func TestConcurrentUse(t *testing.T) {
	s := start(t, func(o *simulator.Options) {
		o.Clock = nil
		o.Listing = simulator.Listing{Shuffle: 2, Omit: 0.1, Lag: time.Second}
	})
	a := connect(t, s)
	const workers, names = 6, 20
	var wg sync.WaitGroup
	created := make(chan string, workers*names)
	for range workers {
		wg.Go(func() {
			for i := range names {
				name := fmt.Sprintf("name-%d", i)
				got := a.post(conversations, "UniqueName", name, "Timers.Inactive", "PT1M")
				switch got.status {
				case http.StatusCreated:
					created <- got.field("sid")
				case http.StatusConflict:
				default:
					t.Errorf("a create was answered with %d", got.status)
				}
				a.post(conversations+"/"+name, "FriendlyName", name)
				a.get(conversations + "?PageSize=5")
			}
		})
	}
	wg.Go(func() {
		for i := range 50 {
			s.Advance(time.Second)
			for _, c := range s.Conversations("") {
				_ = s.Message(c.SID)
				_ = s.Edit(c.SID, func(c *simulator.Conversation) { c.Attributes = fmt.Sprintf(`{"i":%d}`, i) })
			}
			id := rule(t, s, simulator.Match{SID: "none"}, simulator.Effect{Status: 500})
			must(t, s.RemoveRule(id))
			s.Requests()
			s.Counts()
		}
	})
	wg.Wait()
	if len(created) != names {
		t.Errorf("%d creates of %d names were accepted", len(created), names)
	}
	if got := len(s.Conversations("")); got != names {
		t.Errorf("%d conversations are there, want %d", got, names)
	}
}

func TestListsHoldWhatIsThereAfterManyChanges(t *testing.T) {
	s := start(t)
	a := connect(t, s)
	sids := spread(t, s.Simulator, 300)
	for i, sid := range sids {
		switch i % 5 {
		case 0:
			must(t, s.Remove(sid))
		case 1:
			must(t, s.Edit(sid, func(c *simulator.Conversation) { c.DateCreated = c.DateCreated.Add(-time.Hour) }))
		case 2:
			must(t, s.Message(sid))
		case 3:
			must(t, s.Edit(sid, func(c *simulator.Conversation) { c.State = simulator.Closed }))
		}
	}
	var want []string
	for _, c := range s.Conversations("") {
		want = append(want, c.SID)
	}
	if len(want) != 240 {
		t.Fatalf("%d conversations are there", len(want))
	}
	dated, requests := pages(a, conversations+"?PageSize=100&StartDate=2026-01-01T00:00:00Z", nil)
	undated, _ := pages(a, conversations, nil)
	if got := reversed(want); fmt.Sprint(got) != fmt.Sprint(dated) || requests != 3 {
		t.Errorf("the dated list is not the conversations, latest first (%d requests)", requests)
	}
	if fmt.Sprint(sorted(want)) != fmt.Sprint(sorted(undated)) {
		t.Error("the undated list does not hold all conversations")
	}
}
