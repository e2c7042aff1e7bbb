// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio

import (
	"strings"
	"time"
)

// State is where a conversation is in its life. Twilio may add to the known ones; what it answers is kept as it is.
type State string

// The states of a conversation (https://www.twilio.com/docs/conversations/states-timers).
const (
	// StateInitializing is while Twilio sets the conversation up; it can't be changed yet.
	StateInitializing State = "initializing"
	// StateActive is what a conversation is created in unless something else is asked for.
	StateActive State = "active"
	// StateInactive is out of use; a message or an update makes it active again.
	StateInactive State = "inactive"
	// StateClosed is the end: nothing but deletion is possible.
	StateClosed State = "closed"
)

// Conversation is one as Twilio answered it. Texts that Twilio left out, or answered as null, are empty.
type Conversation struct {
	SID                 string `json:"sid"`
	AccountSID          string `json:"account_sid"`
	ChatServiceSID      string `json:"chat_service_sid"`
	MessagingServiceSID string `json:"messaging_service_sid"`
	FriendlyName        string `json:"friendly_name"`
	UniqueName          string `json:"unique_name"`
	// Attributes is JSON as text, as Twilio keeps it.
	Attributes string `json:"attributes"`
	State      State  `json:"state"`
	// DateCreated and DateUpdated are in whole seconds; Twilio has answered null for the latter.
	DateCreated *time.Time `json:"date_created"`
	DateUpdated *time.Time `json:"date_updated"`
	Timers      Timers     `json:"timers"`
	// Bindings is nil where Twilio said nothing about them, and empty where it said that there are none.
	Bindings *Bindings         `json:"bindings"`
	URL      string            `json:"url"`
	Links    map[string]string `json:"links"`

	// ServerTime is Twilio's clock when it answered, in whole seconds; zero if it was not told.
	ServerTime time.Time `json:"-"`
	// AnsweredAt is when the answer began to arrive, by this process' clock.
	AnsweredAt time.Time `json:"-"`
	// RequestID is what Twilio's support finds the request by.
	RequestID string `json:"-"`
}

// Timers are when the state will change by itself. Twilio never answers the durations they were set with.
type Timers struct {
	DateInactive *time.Time `json:"date_inactive"`
	DateClosed   *time.Time `json:"date_closed"`
}

// Bindings are how the conversation shows itself on other channels.
type Bindings struct {
	Email *EmailBinding `json:"email"`
}

// EmailBinding is the sender of the conversation's e-mails.
type EmailBinding struct {
	// Address is sent as Bindings.Email.Address, and answered by another name.
	Address string `json:"projected_address"`
	Name    string `json:"name"`
}

const errNotConversation = flaw("the body is not a conversation")

// conversation reads an answer about one conversation.
func (a *answer) conversation() (*Conversation, error) {
	var conv Conversation
	if err := a.decode(&conv, errNotConversation); err != nil {
		return nil, err
	}
	if !conv.valid() {
		return nil, a.error(errNotConversation)
	}
	conv.ServerTime, conv.AnsweredAt, conv.RequestID = a.serverTime(), a.at, a.requestID()
	return &conv, nil
}

// valid is false for what can't be a conversation: other software answers JSON, too.
func (c *Conversation) valid() bool {
	return ValidSID("CH", c.SID) && validOrEmpty("AC", c.AccountSID) &&
		validOrEmpty("IS", c.ChatServiceSID) && validOrEmpty("MG", c.MessagingServiceSID)
}

// is reports whether c has that SID or name. Whether case matters to Twilio is not documented.
func (c *Conversation) is(sidOrName string) bool {
	if ValidSID("CH", sidOrName) {
		return strings.EqualFold(sidOrName, c.SID)
	}
	return strings.EqualFold(sidOrName, c.UniqueName)
}

// conversationOf reads an answer about the conversation of that SID or name, and refuses any other.
func (a *answer) conversationOf(sidOrName string) (*Conversation, error) {
	conv, err := a.conversation()
	if err != nil {
		return nil, err
	}
	if !conv.is(sidOrName) {
		return nil, a.error(flaw("the body is another conversation"))
	}
	return conv, nil
}
