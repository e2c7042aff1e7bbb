// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// States of a conversation.
const (
	Initializing = "initializing"
	Active       = "active"
	Inactive     = "inactive"
	Closed       = "closed"
)

// Conversation is a snapshot of a conversation. Its times have milliseconds, as Twilio's own have internally. The API
// answers whole seconds.
type Conversation struct {
	SID                 string    `json:"sid"`
	AccountSID          string    `json:"accountSid"`
	ServiceSID          string    `json:"chatServiceSid"`
	MessagingServiceSID string    `json:"messagingServiceSid,omitempty"`
	UniqueName          string    `json:"uniqueName,omitempty"`
	FriendlyName        string    `json:"friendlyName,omitempty"`
	Attributes          string    `json:"attributes"`
	State               string    `json:"state"`
	Timers              Timers    `json:"timers"`
	Email               Email     `json:"email"`
	DateCreated         time.Time `json:"dateCreated"`
	DateUpdated         time.Time `json:"dateUpdated"`
	// LastActivity orders undated lists: the time of the last message, or of the creation if no message came.
	LastActivity time.Time `json:"lastActivity"`
	// Settles is when an initializing conversation becomes active. Zero: never by itself.
	Settles time.Time `json:"settles,omitzero"`
}

// Timers are the timers of a conversation. They run in parallel, and both start at the same moment.
type Timers struct {
	Inactive Timer `json:"inactive,omitzero"`
	Closed   Timer `json:"closed,omitzero"`
}

// Timer changes the state of a conversation.
type Timer struct {
	// Duration is the ISO 8601 duration as sent. Empty: the conversation has no such timer. Twilio never answers
	// durations.
	Duration string `json:"duration,omitempty"`
	// Deadline is zero unless the timer runs.
	Deadline time.Time `json:"deadline,omitzero"`
}

// Email is the email binding of a conversation.
type Email struct {
	Address string `json:"address,omitempty"`
	Name    string `json:"name,omitempty"`
}

// states are all states, in the order of a list that is grouped by state.
var states = []string{Initializing, Active, Inactive, Closed}

// Conversations returns snapshots of all conversations of an account, the oldest first. It returns nil for an unknown
// account.
func (s *Simulator) Conversations(account string) []Conversation {
	defer s.enter()()
	a, err := s.account(account)
	if err != nil {
		return nil
	}
	var all []Conversation
	for _, e := range s.entries {
		if e.now != nil && e.now.AccountSID == a.sid {
			all = append(all, *e.now)
		}
	}
	slices.SortFunc(all, func(a, b Conversation) int {
		return cmp.Or(a.DateCreated.Compare(b.DateCreated), strings.Compare(a.SID, b.SID))
	})
	return all
}

// Find returns the conversation with a SID, from any account.
func (s *Simulator) Find(sid string) (Conversation, bool) {
	defer s.enter()()
	if c := s.find(sid); c != nil {
		return *c, true
	}
	return Conversation{}, false
}

// Seed adds n conversations to an account and returns their SIDs. No request, limit or webhook is involved. Each
// conversation is active, in the default service, and created now, unless each changes it: each (may be nil) gets the
// index of the conversation, may set every field except the account, and must not call the simulator. If a conversation
// is invalid, Seed adds none of them.
func (s *Simulator) Seed(account string, n int, each func(i int, c *Conversation)) ([]string, error) {
	defer s.enter()()
	a, err := s.account(account)
	if err != nil {
		return nil, err
	}
	now := s.now()
	sids := make([]string, 0, n)
	for i := range n {
		c := &Conversation{
			ServiceSID:          a.configuration.DefaultServiceSID,
			MessagingServiceSID: a.configuration.DefaultMessagingServiceSID,
			State:               Active, DateCreated: now,
		}
		if each != nil {
			each(i, c)
		}
		c.AccountSID = a.sid
		if err := s.admit(c, &Conversation{}, now); err != nil {
			for _, sid := range sids {
				s.remove(s.find(sid), now)
			}
			return nil, fmt.Errorf("conversation %d: %w", i, err)
		}
		s.put(c, now)
		sids = append(sids, c.SID)
	}
	return sids, nil
}

// admit completes a conversation that Seed or Edit made, and refuses values that would break the indexes.
func (s *Simulator) admit(c, old *Conversation, now time.Time) error {
	c.SID = cmp.Or(c.SID, newSID("CH"))
	c.Attributes = cmp.Or(c.Attributes, "{}")
	c.DateCreated = c.DateCreated.UTC().Truncate(time.Millisecond)
	c.DateUpdated = cmp.Or(c.DateUpdated, c.DateCreated).UTC().Truncate(time.Millisecond)
	c.LastActivity = cmp.Or(c.LastActivity, c.DateCreated).UTC().Truncate(time.Millisecond)
	v := s.accounts[c.AccountSID].services[c.ServiceSID]
	switch {
	case v == nil:
		return fmt.Errorf("account %s has no service %q", c.AccountSID, c.ServiceSID)
	case !conversationSID.MatchString(c.SID) || (old.SID == "" && s.entries[c.SID] != nil):
		return fmt.Errorf("sid %q is malformed or taken", c.SID)
	case !slices.Contains(states, c.State):
		return fmt.Errorf("state %q is not one of %q", c.State, states)
	}
	if other := s.named(v, c.UniqueName); other != nil && other.SID != c.SID {
		return errNameTaken
	}
	for _, t := range []struct{ timer, old *Timer }{
		{&c.Timers.Inactive, &old.Timers.Inactive}, {&c.Timers.Closed, &old.Timers.Closed},
	} {
		if _, err := parseDuration(t.timer.Duration); t.timer.Duration != "" && err != nil {
			return fmt.Errorf("timer %q: %w", t.timer.Duration, err)
		}
		if t.timer.Duration != t.old.Duration && t.timer.Deadline.Equal(t.old.Deadline) {
			t.timer.set(t.timer.Duration, now)
		}
	}
	if c.State != Initializing {
		c.Settles = time.Time{}
	}
	if c.State == Closed {
		c.close()
	}
	return nil
}

// Edit changes a conversation without a request, a webhook or the checks of Twilio's state machine. change must not
// call the simulator. Edit sets DateUpdated to now, unless change sets it.
func (s *Simulator) Edit(sid string, change func(*Conversation)) error {
	return s.edit(sid, func(c *Conversation) error {
		change(c)
		return nil
	})
}

func (s *Simulator) edit(sid string, change func(*Conversation) error) error {
	defer s.enter()()
	old := s.find(sid)
	if old == nil {
		return noConversation(sid)
	}
	next := *old
	if err := change(&next); err != nil {
		return err
	}
	next.SID, next.AccountSID, next.ServiceSID = old.SID, old.AccountSID, old.ServiceSID
	now := s.now()
	if next.DateUpdated.Equal(old.DateUpdated) {
		next.DateUpdated = now
	}
	if err := s.admit(&next, old, now); err != nil {
		return fmt.Errorf("editing %s: %w", sid, err)
	}
	s.put(&next, now)
	return nil
}

// Remove deletes a conversation without a request or a webhook.
func (s *Simulator) Remove(sid string) error {
	defer s.enter()()
	c := s.find(sid)
	if c == nil {
		return noConversation(sid)
	}
	s.remove(c, s.now())
	return nil
}

// Message simulates a message in the conversation. A message restarts the timers, makes an inactive conversation
// active, and moves the conversation to the front of undated lists. A closed or initializing conversation refuses
// messages.
func (s *Simulator) Message(sid string) error {
	defer s.enter()()
	c := s.find(sid)
	switch {
	case c == nil:
		return noConversation(sid)
	case c.State == Closed:
		return errClosed
	case c.State == Initializing:
		return errInitializing
	}
	next := *c
	now := s.now()
	next.LastActivity = now
	next.Timers.restart(now)
	if c.State == Inactive {
		next.State = Active
		next.DateUpdated = now
		s.sendStateUpdated(c, &next, "EVENT", now)
	}
	s.put(&next, now)
	return nil
}

func noConversation(sid string) error { return missingError("conversation " + sid) }
