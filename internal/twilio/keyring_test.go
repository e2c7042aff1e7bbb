// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio_test

import (
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

const (
	spareKey  = "SKaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	rejection = `{"code":20003,"message":"Authenticate","status":401}`
)

// lock is a Twilio which takes the credentials of some users.
type lock struct {
	mu    sync.Mutex
	takes map[string]bool
	// page is the answer to rejected credentials; empty: Twilio's own.
	page string
}

func (l *lock) only(users ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.takes = map[string]bool{}
	for _, user := range users {
		l.takes[user] = true
	}
}

func (l *lock) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	user, _, _ := r.BasicAuth()
	took, page := l.takes[user], l.page
	l.mu.Unlock()
	switch {
	case took:
		_, _ = io.WriteString(w, minimal)
	case page != "":
		answering(http.StatusUnauthorized, page)(w, r)
	default:
		answering(http.StatusUnauthorized, rejection)(w, r)
	}
}

// users are the users of the requests so far, and the bodies are the same.
func users(t *testing.T, h *host) (out []string) {
	t.Helper()
	seen := h.seen()
	for _, r := range seen {
		user, _, _ := (&http.Request{Header: r.Header}).BasicAuth()
		out = append(out, user)
		if r.Body != seen[0].Body {
			t.Errorf("sent %q and %q", seen[0].Body, r.Body)
		}
	}
	return out
}

// spared lets a client have spare credentials.
func spared(c *twilio.Config) { c.Spare = &twilio.Config{Username: spareKey, Password: "spare"} }

func TestRejectedCredentialsGiveWayToTheSpareOnes(t *testing.T) {
	tests := []struct {
		name  string
		takes []string
		page  string
		// asks are the users of two creates in a row, and outcome is what comes of each.
		asks    []string
		outcome string
		usesNew bool
	}{
		{"both are good", []string{accountSID, spareKey}, "", []string{accountSID, accountSID}, "", false},
		{"only the spare ones are good", []string{spareKey}, "", []string{accountSID, spareKey, spareKey}, "", true},
		{"only the first ones are good", []string{accountSID}, "", []string{accountSID, accountSID}, "", false},
		{"none are good", nil, "", []string{accountSID, spareKey, accountSID, spareKey}, "denied", false},
		{"a proxy rejects, behind which the request may have taken effect", nil, "<html>", []string{accountSID, accountSID}, "unavailable", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			door := &lock{page: tt.page}
			door.only(tt.takes...)
			h := newHost(t, door.ServeHTTP)
			turned := 0
			client := newClient(t, h.URL, spared, func(c *twilio.Config) { c.Turned = func() { turned++ } })
			for range 2 {
				_, err := client.Conversations("").Create(t.Context(), everything())
				if got := classesOf(err); got != tt.outcome || twilio.Ambiguous(err) != (tt.outcome == "unavailable") {
					t.Errorf("got %v", err)
				}
			}
			if diff := cmp.Diff(tt.asks, users(t, h)); diff != "" {
				t.Error(diff)
			}
			if client.UsesSpare() != tt.usesNew || (turned == 1) != tt.usesNew || turned > 1 {
				t.Errorf("uses the spare credentials: %t, turned %d times", client.UsesSpare(), turned)
			}
		})
	}
}

func TestSpareCredentialsGiveWayAgain(t *testing.T) {
	door := &lock{}
	h := newHost(t, door.ServeHTTP)
	client := newClient(t, h.URL, spared)
	for _, good := range []string{spareKey, accountSID, spareKey} {
		door.only(good)
		if _, err := client.Conversations("").Fetch(t.Context(), convSID); err != nil {
			t.Fatal(err)
		}
		if client.UsesSpare() != (good == spareKey) {
			t.Errorf("uses the spare credentials: %t", client.UsesSpare())
		}
	}
}

func TestARevocationUnderLoadIsSeenByNoRequest(t *testing.T) {
	door := &lock{}
	door.only(accountSID, spareKey)
	h := newHost(t, door.ServeHTTP)
	client := newClient(t, h.URL, spared)
	var load sync.WaitGroup
	for range 8 {
		load.Go(func() {
			for i := range 25 {
				if i == 10 {
					door.only(spareKey)
				}
				if _, err := client.Conversations("").Create(t.Context(), everything()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	load.Wait()
	if !client.UsesSpare() {
		t.Error("the rejected credentials are still in use")
	}
}

// gate counts the requests which pass, and looks for credentials.
type gate struct {
	t      *testing.T
	passed int
	next   http.RoundTripper
}

func (g *gate) RoundTrip(r *http.Request) (*http.Response, error) {
	g.passed++
	if r.Header.Get("Authorization") != "" {
		g.t.Error("the gate sees credentials")
	}
	return g.next.RoundTrip(r)
}

func TestARequestPassesTheGateOnce(t *testing.T) {
	door := &lock{}
	door.only(spareKey)
	h := newHost(t, door.ServeHTTP)
	g := &gate{t: t}
	client := newClient(t, h.URL, spared, func(c *twilio.Config) {
		c.Gate = func(next http.RoundTripper) http.RoundTripper { g.next = next; return g }
	})
	if _, err := client.Conversations("").Create(t.Context(), everything()); err != nil {
		t.Fatal(err)
	}
	if g.passed != 1 || len(h.seen()) != 2 {
		t.Errorf("%d passed, %d arrived", g.passed, len(h.seen()))
	}
}

func TestBothTriesShareOneDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		client := newClient(t, "http://slow.example", spared, func(c *twilio.Config) {
			c.Timeout, c.Transport = 10*time.Second, slow{6 * time.Second}
		})
		_, err := client.Conversations("").Create(t.Context(), everything())
		if !twilio.Ambiguous(err) || time.Since(start) != 10*time.Second {
			t.Errorf("got %v after %s", err, time.Since(start))
		}
	})
}

// slow rejects every request after a while.
type slow struct{ after time.Duration }

func (s slow) RoundTrip(r *http.Request) (*http.Response, error) {
	select {
	case <-time.After(s.after):
		return &http.Response{StatusCode: http.StatusUnauthorized, Body: io.NopCloser(strings.NewReader(rejection)), Request: r}, nil
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}
