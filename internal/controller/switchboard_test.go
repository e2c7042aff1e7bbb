// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller_test

import (
	"net/http"
	"strings"
	"sync"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/conversations-operator/conversations-operator/internal/twilio"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

// switchboard connects each request with the simulator of the account whose credentials it carries, so that one manager
// serves stories that need a clock or a broken line of their own.
type switchboard struct {
	mu    sync.RWMutex
	lines map[string]line
}

// line is where the requests of an account go, and how.
type line struct {
	host      string
	transport http.RoundTripper
}

var lines = &switchboard{lines: map[string]line{}}

// RoundTrip sends a request along the line of its user; whoever has none reaches the suite's simulator.
func (s *switchboard) RoundTrip(r *http.Request) (*http.Response, error) {
	user, _, _ := r.BasicAuth()
	s.mu.RLock()
	l, ok := s.lines[user]
	s.mu.RUnlock()
	if !ok {
		return twilio.DefaultTransport().RoundTrip(r)
	}
	r = r.Clone(r.Context())
	r.URL.Host = l.host
	return l.transport.RoundTrip(r)
}

func (t *tenant) connect(l line) {
	lines.mu.Lock()
	defer lines.mu.Unlock()
	lines.lines[t.SID], lines.lines[t.key.SID] = l, l
}

// ownTwilio is a simulator for one story, which may move its clock and change its quirks.
func ownTwilio(o simulator.Options) *simulator.Server {
	GinkgoHelper()
	own, err := simulator.Start(o)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(own.Close)
	return own
}

// dial lets the requests of the tenant's account reach its simulator.
func (t *tenant) dial() {
	t.connect(line{strings.TrimPrefix(t.sim.URL, "http://"), twilio.DefaultTransport()})
}

// cut makes Twilio unreachable for the tenant, until it dials again.
func (t *tenant) cut() {
	// Nobody listens on a port below those that are given to whoever asks for any.
	t.connect(line{"127.0.0.1:1", &http.Transport{}})
}
