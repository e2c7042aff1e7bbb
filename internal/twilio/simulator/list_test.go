// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

func sorted(sids []string) []string { return slices.Sorted(slices.Values(sids)) }

// spread seeds conversations a minute apart, the first at the epoch.
func spread(t testing.TB, s *simulator.Simulator, n int) []string {
	t.Helper()
	sids, err := s.Seed(account, n, func(i int, c *simulator.Conversation) {
		c.DateCreated = epoch.Add(time.Duration(i) * time.Minute)
	})
	must(t, err)
	return sids
}

func reversed(sids []string) []string {
	sids = slices.Clone(sids)
	slices.Reverse(sids)
	return sids
}

func TestListIsSortedByActivityAndByCreationBetweenDates(t *testing.T) {
	s := start(t)
	a := connect(t, s)
	sids := spread(t, s.Simulator, 5)
	s.Advance(time.Hour)
	must(t, s.Message(sids[1]))

	undated, _ := pages(a, conversations+"?PageSize=2", nil)
	if diff := cmp.Diff([]string{sids[1], sids[4], sids[3], sids[2], sids[0]}, undated); diff != "" {
		t.Errorf("undated list (-want +got):\n%s", diff)
	}
	dated, _ := pages(a, conversations+"?PageSize=2&StartDate=2026-01-01T00:00:00Z", nil)
	if diff := cmp.Diff(reversed(sids), dated); diff != "" {
		t.Errorf("dated list (-want +got):\n%s", diff)
	}
}

func TestListFilters(t *testing.T) {
	s := start(t)
	a := connect(t, s)
	sids := spread(t, s.Simulator, 6)
	must(t, s.Edit(sids[2], func(c *simulator.Conversation) { c.State = simulator.Inactive }))
	must(t, s.Edit(sids[4], func(c *simulator.Conversation) { c.State = simulator.Closed }))
	for _, c := range []struct {
		name, query string
		want        []int
	}{
		{"StartDate is inclusive", "StartDate=2026-03-01T12:03:00Z", []int{5, 4, 3}},
		{"EndDate is inclusive", "EndDate=2026-03-01T12:02:00Z", []int{2, 1, 0}},
		{"both dates are combined", "StartDate=2026-03-01T12:01:00Z&EndDate=2026-03-01T12:02:30Z", []int{2, 1}},
		{"a state is one state", "State=inactive", []int{2}},
		{"a state and a date are combined", "State=active&StartDate=2026-03-01T12:01:00Z", []int{5, 3, 1}},
		{"nothing may be left", "StartDate=2027-01-01T00:00:00Z", nil},
		{"PageSize above 100 is 100", "PageSize=500", []int{5, 4, 3, 2, 1, 0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var want []string
			for _, i := range c.want {
				want = append(want, sids[i])
			}
			for _, size := range []string{"", "&PageSize=1", "&PageSize=2"} {
				got, _ := pages(a, conversations+"?"+c.query+size, nil)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("with %q (-want +got):\n%s", size, diff)
				}
			}
		})
	}
}

func TestListRefusals(t *testing.T) {
	for _, c := range []struct {
		name, query string
		quirks      simulator.Quirks
		code        int
	}{
		{"Page without a token", "Page=1", simulator.Quirks{}, 0},
		{"a malformed token", "PageToken=PT", simulator.Quirks{}, 20001},
		{"a token that lost its milliseconds", "Page=1&PageToken=PTactive_2024-01-18T03:17:17Z_CHa09ace6334284f0aa7f988ebad3e231a",
			simulator.Quirks{}, 20001},
		{"a page of nothing", "PageSize=0", simulator.Quirks{}, 20001},
		{"a page size that is no number", "PageSize=x", simulator.Quirks{}, 20001},
		{"a large page, if so chosen", "PageSize=101", simulator.Quirks{RefuseLargePages: true}, 20007},
		{"an unknown state", "State=open", simulator.Quirks{}, 50378},
		{"a malformed date", "StartDate=yesterday", simulator.Quirks{}, 20001},
		{"an end before the start", "StartDate=2026-03-02T00:00:00Z&EndDate=2026-03-01T23:59:59Z", simulator.Quirks{}, 50396},
		{"an end at the start", "StartDate=2026-03-02T00:00:00Z&EndDate=2026-03-02T00:00:00Z", simulator.Quirks{}, 50396},
		{"part of a day, if so chosen", "StartDate=2026-03-02T10:00:00Z", simulator.Quirks{RefusePartialDays: true}, 20001},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := connect(t, start(t, func(o *simulator.Options) { o.Quirks = c.quirks }))
			a.get(conversations+"?"+c.query).want(t, http.StatusBadRequest, c.code)
		})
	}
}

func TestListsLag(t *testing.T) {
	s := start(t, func(o *simulator.Options) { o.Listing.Lag = time.Minute })
	a := connect(t, s)
	sid := a.create(conversations, "FriendlyName", "old")
	listed := func() (names []string) {
		for _, entry := range a.get(conversations).body["conversations"].([]any) {
			names = append(names, entry.(map[string]any)["friendly_name"].(string))
		}
		return names
	}
	expect := func(when string, want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, listed()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", when, diff)
		}
	}
	expect("right after the create")
	a.get(conversations+"/"+sid).want(t, http.StatusOK, 0)
	s.Advance(time.Minute)
	expect("a minute after the create", "old")
	a.post(conversations+"/"+sid, "FriendlyName", "new").want(t, http.StatusOK, 0)
	expect("right after the update", "old")
	s.Advance(time.Minute)
	expect("a minute after the update", "new")
	must(t, s.Remove(sid))
	expect("right after the removal", "new")
	a.get(conversations+"/"+sid).want(t, http.StatusNotFound, 20404)
	s.Advance(time.Minute)
	expect("a minute after the removal")
}

func TestListsOmitAndShuffleRepeatably(t *testing.T) {
	read := func(l simulator.Listing, query string) []int {
		s := start(t, func(o *simulator.Options) { o.Listing = l })
		sids := spread(t, s.Simulator, 40)
		s.Advance(time.Hour)
		got, _ := pages(connect(t, s), conversations+"?PageSize=10"+query, nil)
		places := make([]int, 0, len(got))
		for _, sid := range got {
			places = append(places, slices.Index(sids, sid))
		}
		return places
	}
	omit := simulator.Listing{Omit: 0.3, Seed: 1}
	if got := read(omit, ""); len(got) == 40 || len(got) == 0 || !cmp.Equal(got, read(omit, "")) {
		t.Errorf("with omissions %v", got)
	}
	shuffle := simulator.Listing{Shuffle: 5, Seed: 1}
	got := read(shuffle, "")
	slices.Sort(got)
	if len(slices.Compact(got)) == 40 {
		t.Error("a shuffled list skipped nothing")
	}
	if got := read(shuffle, "&StartDate=2026-01-01T00:00:00Z"); len(got) != 40 {
		t.Errorf("a dated list has %d of 40 although only activity changes", len(got))
	}
}

func TestListsGroupedByState(t *testing.T) {
	s := start(t, func(o *simulator.Options) { o.Quirks.GroupListsByState = true })
	a := connect(t, s)
	sids := spread(t, s.Simulator, 9)
	for i, sid := range sids {
		state := []string{simulator.Closed, simulator.Active, simulator.Inactive}[i%3]
		must(t, s.Edit(sid, func(c *simulator.Conversation) { c.State = state }))
	}
	var want []string
	for _, i := range []int{7, 4, 1, 8, 5, 2, 6, 3, 0} {
		want = append(want, sids[i])
	}
	for size := 1; size <= 9; size++ {
		got, _ := pages(a, fmt.Sprintf("%s?PageSize=%d", conversations, size), nil)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("pages of %d (-want +got):\n%s", size, diff)
		}
	}
}

func TestEndDateWithinItsSecond(t *testing.T) {
	for _, c := range []struct {
		name  string
		exact bool
		want  int
	}{
		{"names the whole second", false, 1},
		{"names an instant, if so chosen", true, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := start(t, func(o *simulator.Options) { o.Quirks.CompareEndDateExactly = c.exact })
			s.Advance(700 * time.Millisecond)
			a := connect(t, s)
			a.create(conversations)
			got, _ := pages(a, conversations+"?EndDate=2026-03-01T12:00:00Z", nil)
			if len(got) != c.want {
				t.Errorf("found %d, want %d", len(got), c.want)
			}
		})
	}
}

func BenchmarkListPageOf100000(b *testing.B) {
	s := start(b)
	sids, err := s.Seed(account, 100_000, func(i int, c *simulator.Conversation) {
		c.DateCreated = epoch.Add(-time.Duration(i) * time.Second)
	})
	must(b, err)
	a := connect(b, s)
	a.client = &http.Client{} // keeps its connection, and does not check answers
	for _, c := range []struct{ name, query string }{
		{"undated", "PageSize=100"},
		{"dated", "PageSize=100&StartDate=2026-01-01T00:00:00Z"},
		{"state", "PageSize=100&State=active"},
	} {
		b.Run(c.name, func(b *testing.B) {
			path := conversations + "?" + c.query
			i := 0
			for b.Loop() {
				path = a.get(path).inner("meta", "next_page_url")
				if path == "" {
					path = conversations + "?" + c.query
				}
				must(b, s.Message(sids[i%len(sids)])) // lists have to stay fast while they change
				i++
			}
		})
	}
}
