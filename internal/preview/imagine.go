// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package preview

import (
	"strings"
	"time"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
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
	return plan.Imagine(conv, p)
}
