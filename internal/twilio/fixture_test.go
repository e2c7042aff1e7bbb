// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio_test

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

const (
	accountSID = "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	authToken  = "0123456789abcdef0123456789abcdef"
	serviceSID = "ISaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	convSID    = "CHaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	otherSID   = "CHbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

	minimal = `{"sid":"` + convSID + `","unique_name":"vip"}`
)

// newClient answers a client of the account above, at that base URL, with that much changed.
func newClient(t *testing.T, baseURL string, change ...func(*twilio.Config)) *twilio.Client {
	t.Helper()
	cfg := twilio.Config{AccountSID: accountSID, Username: accountSID, Password: authToken, BaseURL: baseURL}
	for _, f := range change {
		f(&cfg)
	}
	client, err := twilio.NewClient(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// received is a request as it arrived.
type received struct {
	Method, URI, Body string
	Header            http.Header
}

// host answers every request alike, and keeps what it was asked.
type host struct {
	*httptest.Server

	mu       sync.Mutex
	requests []received
	opened   int
}

func newHost(t *testing.T, handler http.HandlerFunc) *host {
	t.Helper()
	h := &host{}
	h.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		h.mu.Lock()
		h.requests = append(h.requests, received{r.Method, r.RequestURI, string(body), r.Header})
		h.mu.Unlock()
		handler(w, r)
	}))
	h.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.opened++
		}
	}
	h.Start()
	t.Cleanup(h.Close)
	return h
}

// seen is what arrived so far.
func (h *host) seen() []received {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]received(nil), h.requests...)
}

// connections is how many were opened so far.
func (h *host) connections() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.opened
}

// answering answers with a status, a body and headers given as "Name: value".
func answering(status int, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for _, h := range headers {
			name, value, _ := strings.Cut(h, ": ")
			w.Header().Set(name, value)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// newWire listens, reads one request from every connection, writes the answer and closes. It answers a base URL.
func newWire(t *testing.T, answer string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var open sync.WaitGroup
	t.Cleanup(func() { _ = l.Close(); open.Wait() })
	open.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			open.Go(func() {
				defer func() { _ = conn.Close() }()
				_, _ = conn.Read(make([]byte, 64<<10))
				_, _ = io.WriteString(conn, answer)
			})
		}
	})
	return "http://" + l.Addr().String()
}
