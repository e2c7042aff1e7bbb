// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package simulator is a stateful stand-in for conversations.twilio.com: for tests, for demonstrations, and for trying
// manifests without an account. It implements the Conversation resource, account-wide and within a service, with
// Twilio's validation, state machine, timers, pages, limits and webhooks. It keeps all data in memory, and misbehaves
// on request.
//
// [Start] serves two addresses: the API, and a control port with the methods of [Simulator] as JSON over HTTP;
// [ControlUsage] lists the requests. On the control port and in Go, an empty account means the first account.
//
// Where Twilio's behaviour is not known for certain, [Quirks] has a switch.
package simulator

import (
	"crypto/rand"
	"encoding/hex"
	mathrand "math/rand/v2"
	"net/http"
	"sync"
	"time"
)

// Simulator is a stand-in for Twilio's Conversations API. It is the http.Handler of the API, and safe for concurrent
// use.
type Simulator struct {
	mu sync.Mutex

	clock    func() time.Time
	offset   time.Duration
	alarm    *time.Timer
	deadline order // the conversations with running timers, by the next deadline

	accounts map[string]*tenant
	bearers  map[string]bearer // by token
	first    string
	entries  map[string]*entry // by SID, of all accounts
	unlisted []listChange      // changes that lists do not show yet, the oldest first
	dying    []deletion        // services whose deletion is under way

	latency time.Duration
	limits  Limits
	listing Listing
	quirks  Quirks
	random  *mathrand.Rand

	rules    []*fault
	ruleNo   int
	held     int
	log      requestLog
	webhooks *courier

	control http.Handler
	closing sync.Once
	closed  chan struct{}
}

// New creates a simulator. Call Close after use.
func New(o Options) *Simulator {
	o = o.withDefaults()
	s := &Simulator{
		clock:    o.Clock,
		deadline: order{at: nextDeadline},
		accounts: map[string]*tenant{},
		bearers:  map[string]bearer{},
		first:    o.AccountSID,
		entries:  map[string]*entry{},
		latency:  o.Latency,
		limits:   o.Limits,
		quirks:   o.Quirks,
		log:      newRequestLog(o.RequestLog),
		webhooks: newCourier(),
		closed:   make(chan struct{}),
	}
	s.setListing(o.Listing)
	a := newTenant(o.AccountSID, o.AuthToken, o.APIKeys)
	a.configuration = Configuration{
		DefaultServiceSID:          o.DefaultServiceSID,
		DefaultMessagingServiceSID: o.DefaultMessagingServiceSID,
		DefaultInactiveTimer:       o.DefaultInactiveTimer,
		DefaultClosedTimer:         o.DefaultClosedTimer,
		WebhookURL:                 o.WebhookURL,
	}
	for _, sid := range append([]string{o.DefaultServiceSID}, o.Services...) {
		a.add(newService(sid, s.now()))
	}
	s.accounts[a.sid] = a
	s.control = s.controlHandler()
	return s
}

// ControlHandler serves the methods of Simulator as JSON over HTTP; see [ControlUsage].
func (s *Simulator) ControlHandler() http.Handler { return s.control }

// Close stops timers and webhooks, and breaks the connection of every request that the simulator holds.
func (s *Simulator) Close() {
	s.closing.Do(func() {
		close(s.closed)
		s.mu.Lock()
		if s.alarm != nil {
			s.alarm.Stop()
		}
		s.mu.Unlock()
		s.webhooks.close()
	})
}

// SetLimits changes the rate limits.
func (s *Simulator) SetLimits(l Limits) {
	defer s.enter()()
	s.limits = l
}

// SetQuirks changes the quirks.
func (s *Simulator) SetQuirks(q Quirks) {
	defer s.enter()()
	s.quirks = q
}

// SetLatency changes the delay of every request.
func (s *Simulator) SetLatency(d time.Duration) {
	defer s.enter()()
	s.latency = d
}

// newSID returns a random identifier in Twilio's format: the prefix and 32 hexadecimal digits.
func newSID(prefix string) string {
	var b [16]byte
	rand.Read(b[:])
	return prefix + hex.EncodeToString(b[:])
}
