// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio

import (
	"net/url"
	"time"

	"github.com/conversations-operator/conversations-operator/internal/twilio/form"
)

// Params are the parameters of a create or an update. A nil parameter is not sent and changes no value; a pointer to ""
// is sent as an empty value.
type Params struct {
	// FriendlyName is free text of at most 256 characters; Twilio ignores an empty friendly name on update.
	FriendlyName *string `form:"FriendlyName"`
	// UniqueName can be used in place of the SID; an empty unique name takes the name away.
	UniqueName *string `form:"UniqueName"`
	// Attributes is a JSON value, as text.
	Attributes *string `form:"Attributes"`
	// MessagingServiceSID is an MG… SID.
	MessagingServiceSID *string `form:"MessagingServiceSid"`
	// State is where the conversation goes; creation takes active and inactive only.
	State *State `form:"State"`
	// TimersInactive and TimersClosed are ISO 8601 durations, sent as written. A request with a timer starts the timer
	// anew.
	TimersInactive *string `form:"Timers.Inactive"`
	TimersClosed   *string `form:"Timers.Closed"`
	// BindingsEmailAddress and BindingsEmailName are the sender of the conversation's e-mails.
	BindingsEmailAddress *string `form:"Bindings.Email.Address"`
	BindingsEmailName    *string `form:"Bindings.Email.Name"`
	// DateCreated and DateUpdated are for conversations recreated from elsewhere; sent in UTC, in whole seconds.
	DateCreated *time.Time `form:"DateCreated"`
	DateUpdated *time.Time `form:"DateUpdated"`
	// WebhookEnabled is the X-Twilio-Webhook-Enabled header: whether the write triggers webhooks.
	WebhookEnabled *bool
}

// Form is exactly the body of the request; the header of WebhookEnabled is no part of the body.
func (p Params) Form() url.Values { return form.Encode(p) }

// Fields are the names of the parameters to send, sorted.
func (p Params) Fields() []string { return form.Fields(p) }
