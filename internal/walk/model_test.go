// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package walk_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// What the model of Twilio answers.
var (
	errNotFound  error = &twilio.Error{Status: http.StatusNotFound, Code: 50350, Message: "Conversation not found"}
	errExists    error = &twilio.Error{Status: http.StatusConflict, Code: 50353, Message: "Conversation with provided unique name already exists"}
	errClosed    error = &twilio.Error{Status: http.StatusBadRequest, Code: 50377, Message: "Conversation is closed"}
	errInvalid   error = &twilio.Error{Status: http.StatusBadRequest, Code: 50384, Message: "Conversation cannot be created closed"}
	errThrottled error = &twilio.Error{Status: http.StatusTooManyRequests, Code: 20429, Message: "Too many requests"}
	errLost      error = &twilio.Error{Err: errors.New("connection reset")}
)

// model is as much of one service at Twilio as decisions depend on: unique names, an empty friendly name that is
// ignored, a state machine of which closed is final, and timers that messages restart.
type model struct {
	now   time.Time
	convs []*modelled
	// rewords makes Twilio keep texts in other words than they were sent.
	rewords bool
	// writes counts the requests that would change something, and effects those that did.
	writes, effects int
	// late are requests that take effect later, in order.
	late []lateRequest
	made int
}

// modelled is a conversation with what Twilio does not show of it.
type modelled struct {
	twilio.Conversation
	inactive, closed time.Duration
	// ours is true for what the operator created.
	ours bool
}

// lateRequest is a request whose effect is still to come.
type lateRequest struct {
	at time.Time
	do func()
}

// find answers by sid or by unique name.
func (m *model) find(key string) *modelled {
	for _, c := range m.convs {
		if c.SID == key || c.UniqueName == key && key != "" {
			return c
		}
	}
	return nil
}

// answer is a copy with the clock of the answer.
func (m *model) answer(c *modelled) *twilio.Conversation {
	conv := c.Conversation
	conv.ServerTime = m.now
	if b := conv.Bindings.Email; b != nil {
		conv.Bindings = &twilio.Bindings{Email: new(*b)}
	}
	return &conv
}

func (m *model) fetch(key string) (*twilio.Conversation, error) {
	if c := m.find(key); c != nil {
		return m.answer(c), nil
	}
	return nil, errNotFound
}

func (m *model) create(p twilio.Params) (*twilio.Conversation, error) {
	m.writes++
	if p.UniqueName != nil && m.find(*p.UniqueName) != nil {
		return nil, errExists
	}
	if p.State != nil && *p.State == twilio.StateClosed {
		return nil, errInvalid
	}
	m.made++
	m.effects++
	now := m.now.Truncate(time.Second)
	c := &modelled{ours: true, Conversation: twilio.Conversation{
		SID: fmt.Sprintf("CH%032x", m.made), AccountSID: accountSID, ChatServiceSID: serviceSID, MessagingServiceSID: messagingSID,
		Attributes: "{}", State: twilio.StateActive, DateCreated: &now, DateUpdated: &now, Bindings: &twilio.Bindings{},
	}}
	m.apply(c, p)
	m.convs = append(m.convs, c)
	return m.answer(c), nil
}

func (m *model) update(key string, p twilio.Params) (*twilio.Conversation, error) {
	m.writes++
	c := m.find(key)
	switch {
	case c == nil:
		return nil, errNotFound
	case c.State == twilio.StateClosed:
		return nil, errClosed
	case p.UniqueName != nil && m.find(*p.UniqueName) != nil && m.find(*p.UniqueName) != c:
		return nil, errExists
	}
	m.effects++
	m.apply(c, p)
	return m.answer(c), nil
}

func (m *model) delete(key string) error {
	m.writes++
	c := m.find(key)
	if c == nil {
		return errNotFound
	}
	m.effects++
	m.convs = slices.DeleteFunc(m.convs, func(other *modelled) bool { return other == c })
	return nil
}

func (m *model) reword(text string) string {
	if m.rewords {
		return strings.ToLower(strings.TrimSpace(text))
	}
	return text
}

func (m *model) apply(c *modelled, p twilio.Params) {
	set := func(field *string, value *string) {
		if value != nil {
			*field = *value
		}
	}
	if p.FriendlyName != nil && *p.FriendlyName != "" {
		c.FriendlyName = m.reword(*p.FriendlyName)
	}
	set(&c.UniqueName, p.UniqueName)
	set(&c.Attributes, p.Attributes)
	set(&c.MessagingServiceSID, p.MessagingServiceSID)
	if p.BindingsEmailAddress != nil {
		emailIn(&c.Conversation).Address = m.reword(*p.BindingsEmailAddress)
	}
	if p.BindingsEmailName != nil {
		emailIn(&c.Conversation).Name = *p.BindingsEmailName
	}
	if p.State != nil {
		c.State = *p.State
	}
	if p.DateCreated != nil {
		c.DateCreated = new(p.DateCreated.UTC().Truncate(time.Second))
	}
	m.timer(&c.inactive, &c.Timers.DateInactive, p.TimersInactive)
	m.timer(&c.closed, &c.Timers.DateClosed, p.TimersClosed)
	if c.State == twilio.StateClosed {
		c.Timers = twilio.Timers{}
	}
	if c.State == twilio.StateInactive {
		c.Timers.DateInactive = nil
	}
	c.DateUpdated = new(m.now.Truncate(time.Second))
}

func (m *model) timer(length *time.Duration, date **time.Time, text *string) {
	if text == nil {
		return
	}
	seconds, _ := v1alpha1.TimerSeconds(*text)
	*length, *date = time.Duration(seconds)*time.Second, nil
	if *length > 0 {
		*date = new(m.now.Add(*length).Truncate(time.Second))
	}
}

// message restarts the timers and revives what is inactive.
func (m *model) message(c *modelled) {
	if c.State == twilio.StateClosed {
		return
	}
	c.State = twilio.StateActive
	if c.inactive > 0 {
		c.Timers.DateInactive = new(m.now.Add(c.inactive).Truncate(time.Second))
	}
	if c.closed > 0 {
		c.Timers.DateClosed = new(m.now.Add(c.closed).Truncate(time.Second))
	}
}

// advance lets time pass: late requests take effect and timers fire, each at its time.
func (m *model) advance(d time.Duration) {
	end := m.now.Add(d)
	due := m.late
	m.late = nil
	for _, r := range due {
		if r.at.After(end) {
			m.late = append(m.late, r)
			continue
		}
		m.fire(r.at)
		r.do()
	}
	m.fire(end)
}

// fire moves the clock, and the conversations whose timers are due.
func (m *model) fire(now time.Time) {
	m.now = now
	for _, c := range m.convs {
		if t := c.Timers.DateInactive; t != nil && !now.Before(*t) {
			c.State, c.DateUpdated, c.Timers.DateInactive = twilio.StateInactive, t, nil
		}
		if t := c.Timers.DateClosed; t != nil && !now.Before(*t) {
			c.State, c.DateUpdated, c.Timers = twilio.StateClosed, t, twilio.Timers{}
		}
	}
}
