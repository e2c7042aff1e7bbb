// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator

import "time"

// States of a conversation.
const (
	Initializing = "initializing"
	Active       = "active"
	Inactive     = "inactive"
	Closed       = "closed"
)

// Conversation is a snapshot of one conversation. Times have milliseconds, as Twilio's own have inside; the API answers
// whole seconds.
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
	// LastActivity orders undated lists: the last message, or else the creation.
	LastActivity time.Time `json:"lastActivity"`
	// Settles is when an initializing conversation becomes active; zero, never by itself.
	Settles time.Time `json:"settles,omitzero"`
}

// Timers of a conversation. They run in parallel, from the same instant.
type Timers struct {
	Inactive Timer `json:"inactive,omitzero"`
	Closed   Timer `json:"closed,omitzero"`
}

// Timer moves a conversation to another state.
type Timer struct {
	// Duration as it was sent, ISO 8601; empty, there is no such timer. Twilio never answers it.
	Duration string `json:"duration,omitempty"`
	// Deadline is zero unless the timer runs.
	Deadline time.Time `json:"deadline,omitzero"`
}

// Email is the email binding of a conversation.
type Email struct {
	Address string `json:"address,omitempty"`
	Name    string `json:"name,omitempty"`
}
