// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

func TestPagesCanBeContinued(t *testing.T) {
	h := newList(t, threePages("{host}"))
	s := newClient(t, h.URL).Conversations("")
	var stopped *twilio.Page
	for page, err := range s.Pages(t.Context(), twilio.ListOptions{}) {
		if err != nil {
			t.Fatal(err)
		}
		stopped = page
		break
	}
	if stopped.NextPageURL != h.URL+secondURI || stopped.ServerTime.IsZero() || stopped.Conversations[0].ServerTime != stopped.ServerTime {
		t.Errorf("page is %+v", stopped)
	}
	var got []string
	for page, err := range s.Pages(t.Context(), twilio.ListOptions{PageURL: stopped.NextPageURL, Limit: 3, State: "closed"}) {
		if err != nil {
			t.Fatal(err)
		}
		for _, conv := range page.Conversations {
			got = append(got, conv.SID)
		}
	}
	if diff := cmp.Diff([]string{sidOf(2), sidOf(3), sidOf(4)}, got); diff != "" {
		t.Error(diff)
	}
}

func TestOnlyPagesOfTheSameHostAreFollowed(t *testing.T) {
	elsewhere := newHost(t, answering(http.StatusOK, pageOf(2, 2, "")))
	port := elsewhere.Listener.Addr().String()
	tests := []struct{ name, next string }{
		{"another host", elsewhere.URL + secondURI},
		{"another scheme", "https://{address}" + secondURI},
		{"no host", secondURI},
		{"no scheme", "//" + port + secondURI},
		{"Twilio without TLS", "http://conversations.twilio.com" + secondURI},
		{"another of Twilio's hosts", "https://api.twilio.com" + secondURI},
		{"another region", "https://conversations.dublin.ie1.twilio.com" + secondURI},
		{"Twilio at another port", "https://conversations.twilio.com:8443" + secondURI},
		{"a host that begins alike", "https://conversations.twilio.com.example" + secondURI},
		{"a user that looks like the host", "https://conversations.twilio.com@" + port + secondURI},
		{"a file", "file:///etc/passwd"},
		{"no URL", "http://[::1" + secondURI},
		{"a header", "https://conversations.twilio.com/v1/\r\nX: y"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			next := func(address string) string { return strings.ReplaceAll(tt.next, "{address}", address) }
			h := newHost(t, func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.WriteString(w, pageOf(0, 2, next(r.Host)))
			})
			s := newClient(t, h.URL).Conversations("")
			n, last := count(s.List(t.Context(), twilio.ListOptions{}))
			if n != 2 || classesOf(last) != "unavailable" {
				t.Errorf("%d conversations, then %v", n, last)
			}
			for _, err := range s.Pages(t.Context(), twilio.ListOptions{PageURL: next(h.Listener.Addr().String())}) {
				e, ok := errors.AsType[*twilio.Error](err)
				if !ok || e.Sent() || classesOf(err) != "invalid" {
					t.Errorf("continued: %v", err)
				}
			}
			if n := len(h.seen()); n != 1 {
				t.Errorf("%d requests", n)
			}
		})
	}
	if n := len(elsewhere.seen()); n != 0 {
		t.Errorf("%d requests went elsewhere", n)
	}
}

func TestPagesThatGoRoundInACircleEnd(t *testing.T) {
	h := newList(t, map[string]string{
		firstURI:  pageOf(0, 2, "{host}"+secondURI),
		secondURI: pageOf(2, 2, "{host}"+thirdURI),
		thirdURI:  pageOf(4, 1, "{host}"+secondURI),
	})
	n, last := count(newClient(t, h.URL).Conversations("").List(t.Context(), twilio.ListOptions{}))
	if n != 5 || len(h.seen()) != 3 || last.Error() != "Twilio answered 200, but its pages go round in a circle" {
		t.Errorf("%d conversations in %d requests, then %v", n, len(h.seen()), last)
	}
}

// forBigAnswers gives a client time for an answer of ten megabytes on a busy machine.
func forBigAnswers(cfg *twilio.Config) { cfg.Timeout = 2 * time.Minute }

func TestAPageOfTheLongestConversationsIsRead(t *testing.T) {
	attributes, _ := json.Marshal(strings.Repeat("\x01", 16<<10))
	one := `{"sid":"` + convSID + `","attributes":` + string(attributes) + `}`
	body := `{"conversations":[` + strings.Repeat(one+",", 99) + one + `],"meta":{"next_page_url":null}}`
	h := newHost(t, answering(http.StatusOK, body))
	n, err := count(newClient(t, h.URL, forBigAnswers).Conversations("").List(t.Context(), twilio.ListOptions{}))
	if n != 100 || err != nil {
		t.Errorf("%d conversations, then %v", n, err)
	}
}

func TestWhatIsNoPageIsNotLeftOut(t *testing.T) {
	for _, body := range []string{`{"conversations":{},"meta":{}}`, `{"meta":{}}`, `{"conversations":[]}`, `[]`, `no JSON`} {
		h := newList(t, map[string]string{firstURI: body})
		for _, err := range newClient(t, h.URL).Conversations("").Pages(t.Context(), twilio.ListOptions{SkipUnreadable: true}) {
			if !errors.Is(err, twilio.ErrUnavailable) {
				t.Errorf("%s is taken for a page: %v", body, err)
			}
		}
	}
}
