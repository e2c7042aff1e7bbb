// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// sidOf is the SID of the n-th conversation.
func sidOf(n int) string { return fmt.Sprintf("CH%032x", n) }

// pageOf is a page of conversations from first on, and the address of the next.
func pageOf(first, n int, next string) string {
	all := []map[string]string{}
	for i := range n {
		all = append(all, map[string]string{"sid": sidOf(first + i)})
	}
	body, _ := json.Marshal(map[string]any{"conversations": all, "meta": map[string]any{"next_page_url": next}})
	return string(body)
}

// newList is a host whose list has these pages, by their request URI.
func newList(t *testing.T, pages map[string]string) *host {
	t.Helper()
	return newHost(t, func(w http.ResponseWriter, r *http.Request) {
		page, ok := pages[r.RequestURI]
		if !ok {
			answering(http.StatusNotFound, "no page at "+r.RequestURI)(w, r)
			return
		}
		_, _ = io.WriteString(w, strings.ReplaceAll(page, "{host}", "http://"+r.Host))
	})
}

// token is one as Twilio writes them: dots and colons must arrive as they are.
const (
	token     = "PageSize=2&Page=1&PageToken=PTactive_2024-01-18T03:17:17.005Z_CHa09ace6334284f0aa7f988ebad3e231a"
	firstURI  = "/v1/Conversations?PageSize=100"
	secondURI = "/v1/Conversations?" + token
	thirdURI  = "/v1/Conversations?x=%2f&" + token
)

func threePages(host string) map[string]string {
	return map[string]string{
		firstURI:  pageOf(0, 2, host+secondURI),
		secondURI: pageOf(2, 2, host+thirdURI),
		thirdURI:  pageOf(4, 1, ""),
	}
}

// count reads a list to its end: how many conversations it has, and the error it ends with.
func count(list iter.Seq2[*twilio.Conversation, error]) (n int, last error) {
	for _, err := range list {
		if last = err; err == nil {
			n++
		}
	}
	return n, last
}

func uris(h *host) []string {
	var all []string
	for _, r := range h.seen() {
		all = append(all, r.URI)
	}
	return all
}

func TestAListIsReadToItsEnd(t *testing.T) {
	for _, host := range []string{"{host}", "https://conversations.twilio.com", "https://CONVERSATIONS.twilio.com:443"} {
		t.Run(host, func(t *testing.T) {
			h := newList(t, threePages(host))
			var got []string
			for conv, err := range newClient(t, h.URL).Conversations("").List(t.Context(), twilio.ListOptions{}) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, conv.SID)
			}
			if diff := cmp.Diff([]string{sidOf(0), sidOf(1), sidOf(2), sidOf(3), sidOf(4)}, got); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff([]string{firstURI, secondURI, thirdURI}, uris(h)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTwilioWritesTheHostOfTheRegion(t *testing.T) {
	h := newList(t, threePages("https://conversations.dublin.ie1.twilio.com"))
	client := newClient(t, h.URL, func(c *twilio.Config) { c.Region, c.Edge = "ie1", "dublin" })
	if n, err := count(client.Conversations("").List(t.Context(), twilio.ListOptions{})); n != 5 || err != nil {
		t.Errorf("%d conversations, then %v", n, err)
	}
}

func TestAPathOfTheBaseURLIsKeptOnEveryPage(t *testing.T) {
	for _, next := range []string{"https://conversations.twilio.com" + secondURI, "{host}/egress" + secondURI} {
		h := newList(t, map[string]string{"/egress" + firstURI: pageOf(0, 1, next), "/egress" + secondURI: pageOf(1, 1, "")})
		for _, err := range newClient(t, h.URL+"/egress").Conversations("").List(t.Context(), twilio.ListOptions{}) {
			if err != nil {
				t.Errorf("%s: %v", next, err)
			}
		}
	}
}

func TestAListAsksNoFurtherThanItIsRead(t *testing.T) {
	tests := []struct {
		name     string
		take     int
		requests int
	}{
		{"nothing", 0, 0},
		{"the first", 1, 1},
		{"the whole first page", 2, 1},
		{"one of the second page", 3, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := newList(t, threePages("{host}"))
			next, stop := iter.Pull2(newClient(t, h.URL).Conversations("").List(t.Context(), twilio.ListOptions{}))
			for range tt.take {
				if _, err, ok := next(); err != nil || !ok {
					t.Fatalf("it ends early, with %v", err)
				}
			}
			stop()
			if n := len(h.seen()); n != tt.requests {
				t.Errorf("%d requests", n)
			}
		})
	}
}

func TestALimitCostsNoRequestTooMany(t *testing.T) {
	tests := []struct {
		limit int
		uris  []string
		sids  int
	}{
		{1, []string{"/v1/Conversations?PageSize=1"}, 1},
		{100, []string{"/v1/Conversations?PageSize=100"}, 100},
		{150, []string{"/v1/Conversations?PageSize=100", "/v1/Conversations?PageToken=2"}, 150},
		{200, []string{"/v1/Conversations?PageSize=100", "/v1/Conversations?PageToken=2"}, 200},
		{999, []string{"/v1/Conversations?PageSize=100", "/v1/Conversations?PageToken=2", "/v1/Conversations?PageToken=3"}, 210},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.limit), func(t *testing.T) {
			h := newList(t, map[string]string{
				"/v1/Conversations?PageSize=1":   pageOf(0, 1, "{host}/v1/Conversations?PageToken=other"),
				"/v1/Conversations?PageSize=100": pageOf(0, 100, "{host}/v1/Conversations?PageToken=2"),
				"/v1/Conversations?PageToken=2":  pageOf(100, 100, "{host}/v1/Conversations?PageToken=3"),
				"/v1/Conversations?PageToken=3":  pageOf(200, 10, ""),
			})
			n, err := count(newClient(t, h.URL).Conversations("").List(t.Context(), twilio.ListOptions{Limit: tt.limit}))
			if n != tt.sids || err != nil {
				t.Errorf("%d conversations, then %v", n, err)
			}
			if diff := cmp.Diff(tt.uris, uris(h)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestFiltersAreSentAsTwilioWantsThem(t *testing.T) {
	day := time.Date(2024, 2, 29, 23, 30, 0, 0, time.FixedZone("", -3600))
	tests := []struct {
		name string
		o    twilio.ListOptions
		want string
	}{
		{"none", twilio.ListOptions{}, "PageSize=100"},
		{"a page size", twilio.ListOptions{PageSize: 7}, "PageSize=7"},
		{"a page size that is too large", twilio.ListOptions{PageSize: 1000}, "PageSize=100"},
		{"a page size that is too small", twilio.ListOptions{PageSize: -1}, "PageSize=1"},
		{"a limit below the page size", twilio.ListOptions{PageSize: 7, Limit: 3}, "PageSize=3"},
		{"a limit above the page size", twilio.ListOptions{PageSize: 7, Limit: 9}, "PageSize=7"},
		{"a state", twilio.ListOptions{State: twilio.StateClosed}, "PageSize=100&State=closed"},
		{"whole days of UTC", twilio.ListOptions{StartDate: day, EndDate: day},
			"EndDate=2024-03-01T23%3A59%3A59Z&PageSize=100&StartDate=2024-03-01T00%3A00%3A00Z"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := newHost(t, answering(http.StatusOK, pageOf(0, 0, "")))
			for _, err := range newClient(t, h.URL).Conversations(serviceSID).Pages(t.Context(), tt.o) {
				if err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff([]string{"/v1/Services/" + serviceSID + "/Conversations?" + tt.want}, uris(h)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAListThatIsNoneIsNotBelieved(t *testing.T) {
	tests := []struct{ name, body string }{
		{"a page", "<html>"},
		{"nothing", ""},
		{"an empty object", "{}"},
		{"null", "null"},
		{"a conversation", minimal},
		{"no conversations", `{"meta":{"next_page_url":null}}`},
		{"no meta", `{"conversations":[]}`},
		{"one that is none among them", `{"conversations":[` + minimal + `,{"sid":"x"}],"meta":{}}`},
		{"null among them", `{"conversations":[null],"meta":{}}`},
		{"half a list", pageOf(0, 2, "")[:60]},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := newHost(t, answering(http.StatusOK, tt.body))
			n, last := count(newClient(t, h.URL).Conversations("").List(t.Context(), twilio.ListOptions{}))
			if n != 0 || classesOf(last) != "unavailable" {
				t.Errorf("%d conversations, then %v", n, last)
			}
		})
	}
}

func TestAnErrorEndsAList(t *testing.T) {
	h := newList(t, map[string]string{firstURI: pageOf(0, 2, "{host}"+secondURI)})
	var errs []error
	for _, err := range newClient(t, h.URL).Conversations("").List(t.Context(), twilio.ListOptions{}) {
		errs = append(errs, err)
	}
	if len(errs) != 3 || errs[1] != nil || classesOf(errs[2]) != "unavailable" || len(h.seen()) != 2 {
		t.Errorf("got %v in %d requests", errs, len(h.seen()))
	}
}

func TestWhatAListMayLeaveOut(t *testing.T) {
	const fine = `{"sid":"CH00000000000000000000000000000001"}`
	for _, c := range []struct {
		name, entries string
		// want are the conversations of a list that leaves out what it cannot read; any other is refused.
		want int
	}{
		{"an entry without a sid", fine + `,{"friendly_name":"x"}`, 1},
		{"an entry with another kind of sid", `{"sid":"IS00000000000000000000000000000001"},` + fine, 1},
		{"an entry with a field of another type", fine + `,{"sid":"CH00000000000000000000000000000002","timers":"none"}`, 1},
		{"entries that are no objects", `7,` + fine + `,"x",null,[]`, 1},
		{"nothing that can be read", `7`, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newList(t, map[string]string{firstURI: `{"conversations":[` + c.entries + `],"meta":{"next_page_url":""}}`})
			list := newClient(t, h.URL).Conversations("")
			for _, err := range list.Pages(t.Context(), twilio.ListOptions{}) {
				if !errors.Is(err, twilio.ErrUnavailable) {
					t.Errorf("a list that leaves out nothing ends with %v", err)
				}
			}
			for page, err := range list.Pages(t.Context(), twilio.ListOptions{SkipUnreadable: true}) {
				if err != nil {
					t.Fatal(err)
				}
				if len(page.Conversations) != c.want {
					t.Errorf("%d conversations are left, want %d", len(page.Conversations), c.want)
				}
			}
		})
	}
}
