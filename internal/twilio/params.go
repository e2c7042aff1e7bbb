// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio

import (
	"maps"
	"net/url"
	"slices"
	"time"
)

// Params are the parameters of a create or an update. A nil parameter is not sent and changes no value; a pointer to ""
// is sent as an empty value.
type Params struct {
	// FriendlyName is free text of at most 256 characters; Twilio ignores an empty friendly name on update.
	FriendlyName *string
	// UniqueName can be used in place of the SID; an empty unique name takes the name away.
	UniqueName *string
	// Attributes is a JSON value, as text.
	Attributes *string
	// MessagingServiceSID is an MG… SID.
	MessagingServiceSID *string
	// State is where the conversation goes; creation takes active and inactive only.
	State *State
	// TimersInactive and TimersClosed are ISO 8601 durations, sent as written. A request with a timer starts the timer
	// anew.
	TimersInactive, TimersClosed *string
	// BindingsEmailAddress and BindingsEmailName are the sender of the conversation's e-mails.
	BindingsEmailAddress, BindingsEmailName *string
	// DateCreated and DateUpdated are for conversations recreated from elsewhere; sent in UTC, in whole seconds.
	DateCreated, DateUpdated *time.Time
	// WebhookEnabled is the X-Twilio-Webhook-Enabled header: whether the write triggers webhooks.
	WebhookEnabled *bool
}

// Form is exactly the body of the request; the header of WebhookEnabled is no part of the body.
func (p Params) Form() url.Values {
	form := url.Values{}
	texts := map[string]*string{
		"FriendlyName":           p.FriendlyName,
		"UniqueName":             p.UniqueName,
		"Attributes":             p.Attributes,
		"MessagingServiceSid":    p.MessagingServiceSID,
		"State":                  (*string)(p.State),
		"Timers.Inactive":        p.TimersInactive,
		"Timers.Closed":          p.TimersClosed,
		"Bindings.Email.Address": p.BindingsEmailAddress,
		"Bindings.Email.Name":    p.BindingsEmailName,
	}
	for key, text := range texts {
		if text != nil {
			form.Set(key, *text)
		}
	}
	for key, date := range map[string]*time.Time{"DateCreated": p.DateCreated, "DateUpdated": p.DateUpdated} {
		if date != nil {
			form.Set(key, date.UTC().Format(time.RFC3339))
		}
	}
	return form
}

// Fields are the names of the parameters to send, sorted.
func (p Params) Fields() []string { return slices.Sorted(maps.Keys(p.Form())) }
