// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio

import (
	"strings"
	"time"
)

// State is where a conversation is in its life. Twilio may add states; an unknown state is kept as Twilio answers the
// state.
type State string

// The states of a conversation (https://www.twilio.com/docs/conversations/states-timers).
const (
	// StateInitializing is while Twilio sets the conversation up; the conversation can't be changed yet.
	StateInitializing State = "initializing"
	// StateActive is the state of a new conversation, unless the request asks for another state.
	StateActive State = "active"
	// StateInactive is out of use; a message or an update makes the conversation active again.
	StateInactive State = "inactive"
	// StateClosed is the end: only deletion is possible.
	StateClosed State = "closed"
)

// Conversation is a conversation as Twilio answers. A text is empty if Twilio left the text out, or answered null.
type Conversation struct {
	SID                 string `json:"sid"`
	AccountSID          string `json:"account_sid"`
	ChatServiceSID      string `json:"chat_service_sid"`
	MessagingServiceSID string `json:"messaging_service_sid"`
	FriendlyName        string `json:"friendly_name"`
	UniqueName          string `json:"unique_name"`
	// Attributes is JSON as text, as Twilio keeps the text.
	Attributes string `json:"attributes"`
	State      State  `json:"state"`
	// DateCreated and DateUpdated are in whole seconds; Twilio has answered null for the latter.
	DateCreated *time.Time `json:"date_created"`
	DateUpdated *time.Time `json:"date_updated"`
	Timers      Timers     `json:"timers"`
	// Bindings is nil if the answer has no bindings, and empty if Twilio says that the conversation has no bindings.
	Bindings *Bindings         `json:"bindings"`
	URL      string            `json:"url"`
	Links    map[string]string `json:"links"`

	// ServerTime is Twilio's clock at the answer, in whole seconds; zero if the answer has no date.
	ServerTime time.Time `json:"-"`
	// AnsweredAt is when the answer began to arrive, by this process' clock.
	AnsweredAt time.Time `json:"-"`
	// RequestID is the ID by which Twilio's support finds the request.
	RequestID string `json:"-"`
}

// Timers are when Twilio will change the state unasked. Twilio never answers the durations of timers.
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

const aConversation = "a conversation"

// conversation reads an answer about one conversation.
func (a *answer) conversation() (*Conversation, error) { return read[*Conversation](a, aConversation) }

// conversationOf reads an answer about the conversation with the given SID or name, and refuses any other conversation.
func (a *answer) conversationOf(sidOrName string) (*Conversation, error) {
	return readOf[*Conversation](a, aConversation, sidOrName)
}

// Valid is false for JSON which can't be a conversation: other software answers JSON, too.
func (c *Conversation) Valid() bool {
	return c != nil && ValidSID("CH", c.SID) && EmptyOrSID("AC", c.AccountSID) &&
		EmptyOrSID("IS", c.ChatServiceSID) && EmptyOrSID("MG", c.MessagingServiceSID)
}

// AddressedBy reports whether c has the given SID or unique name. Twilio does not document whether case matters.
func (c *Conversation) AddressedBy(sidOrName string) bool {
	if ValidSID("CH", sidOrName) {
		return strings.EqualFold(sidOrName, c.SID)
	}
	return strings.EqualFold(sidOrName, c.UniqueName)
}

// Answered notes what the answer says besides the conversation.
func (c *Conversation) Answered(m Meta) {
	c.ServerTime, c.AnsweredAt, c.RequestID = m.ServerTime, m.AnsweredAt, m.RequestID
}
