// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package preview

import (
	"cmp"
	"strings"
	"time"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// imagined is the sid of every imagined conversation.
var imagined = "CH" + strings.Repeat("0", 32)

// created returns the conversation with which Twilio would answer a create.
func created(o *v1alpha1.Conversation, p twilio.Params) *twilio.Conversation {
	now := time.Now().UTC().Truncate(time.Second)
	conv := &twilio.Conversation{
		SID: imagined, AccountSID: o.Status.AccountSID, ChatServiceSID: o.Spec.ChatServiceSID,
		Attributes: "{}", State: twilio.StateActive, DateCreated: &now, Bindings: &twilio.Bindings{},
	}
	return updated(conv, p)
}

// updated returns the conversation with which Twilio would answer an update of conv.
func updated(conv *twilio.Conversation, p twilio.Params) *twilio.Conversation {
	next := *conv
	set := func(to *string, value *string) {
		if value != nil {
			*to = *value
		}
	}
	if p.FriendlyName != nil {
		next.FriendlyName = cmp.Or(*p.FriendlyName, conv.FriendlyName)
	}
	set(&next.UniqueName, p.UniqueName)
	set(&next.Attributes, p.Attributes)
	set(&next.MessagingServiceSID, p.MessagingServiceSID)
	if p.State != nil {
		next.State = *p.State
	}
	if p.BindingsEmailAddress != nil || p.BindingsEmailName != nil {
		email := twilio.EmailBinding{}
		if conv.Bindings != nil && conv.Bindings.Email != nil {
			email = *conv.Bindings.Email
		}
		set(&email.Address, p.BindingsEmailAddress)
		set(&email.Name, p.BindingsEmailName)
		next.Bindings = &twilio.Bindings{Email: &email}
	}
	return &next
}
