// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator_test

import (
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

// pages follows next_page_url from the first page on; between is called after each page.
func pages(a api, path string, between func()) (sids []string, requests int) {
	a.t.Helper()
	for path != "" {
		page := a.get(path).want(a.t, http.StatusOK, 0)
		sids = append(sids, page.sids()...)
		path = page.inner("meta", "next_page_url")
		requests++
		if between != nil {
			between()
		}
	}
	return sids, requests
}

func TestPageHasAbsoluteURLsAndTokensOfTwiliosShape(t *testing.T) {
	s := start(t)
	a := connect(t, s)
	sids := spread(t, s.Simulator, 5)
	list := s.URL + conversations
	first := a.get(conversations + "?State=active&PageSize=2")
	token := "PTactive_2026-03-01T12:03:00.000Z_" + sids[3]
	for field, want := range map[string]string{
		"first_page_url":    list + "?State=active&PageSize=2&Page=0",
		"url":               list + "?State=active&PageSize=2&Page=0",
		"next_page_url":     list + "?State=active&PageSize=2&Page=1&PageToken=" + url.QueryEscape(token),
		"previous_page_url": "",
	} {
		if got := first.inner("meta", field); got != want {
			t.Errorf("%s is %q, want %q", field, got, want)
		}
	}
	second := a.get(first.inner("meta", "next_page_url"))
	last := a.get(second.inner("meta", "next_page_url"))
	if last.inner("meta", "next_page_url") != "" {
		t.Errorf("the last page goes on to %s", last.inner("meta", "next_page_url"))
	}
	back := a.get(last.inner("meta", "previous_page_url"))
	if diff := cmp.Diff(second.sids(), back.sids()); diff != "" {
		t.Errorf("the page before the last (-want +got):\n%s", diff)
	}
	back = a.get(back.inner("meta", "previous_page_url"))
	if diff := cmp.Diff(first.sids(), back.sids()); diff != "" {
		t.Errorf("the page before the second (-want +got):\n%s", diff)
	}
}

func TestListThatFillsItsPagesEndsWithTheLast(t *testing.T) {
	s := start(t)
	spread(t, s.Simulator, 4)
	if got, requests := pages(connect(t, s), conversations+"?PageSize=2", nil); len(got) != 4 || requests != 2 {
		t.Errorf("%d conversations took %d requests", len(got), requests)
	}
}

func TestPagesStayConsistentWhileTheListChanges(t *testing.T) {
	s := start(t)
	a := connect(t, s)
	sids := spread(t, s.Simulator, 30)
	s.Advance(time.Hour)
	i := 0
	disturb := func() {
		s.Advance(time.Second)
		must(t, s.Message(sids[i]))
		must(t, s.Edit(sids[i+1], func(c *simulator.Conversation) { c.State = simulator.Closed }))
		must(t, s.Remove(sids[i+2]))
		_, err := s.Seed(account, 1, nil)
		must(t, err)
		i += 3
	}
	got, requests := pages(a, conversations+"?PageSize=4&StartDate=2026-01-01T00:00:00Z", disturb)
	// The list contains conversations that were removed behind the reader, but none that were removed ahead of the
	// reader. No other conversation may be missing, and none may appear twice.
	if requests != 7 && requests != 8 {
		t.Errorf("the list took %d requests", requests)
	}
	if len(slices.Compact(sorted(got))) != len(got) {
		t.Errorf("the list has an entry twice: %q", got)
	}
	for _, c := range s.Conversations(account) {
		if slices.Contains(sids, c.SID) && !slices.Contains(got, c.SID) {
			t.Errorf("the list skipped %s", c.SID)
		}
	}
}
