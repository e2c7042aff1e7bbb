// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio

import (
	"context"
	"net/http"
	"slices"
)

// Conversations are the conversations of one service, or of the account's default service.
type Conversations struct {
	client *Client
	path   []string
}

// Conversations answers the conversations of a service, given its IS… SID; "" is the account's default service.
func (c *Client) Conversations(serviceSID string) Conversations {
	if serviceSID == "" {
		return Conversations{client: c, path: []string{"Conversations"}}
	}
	return Conversations{client: c, path: []string{"Services", serviceSID, "Conversations"}}
}

// Create makes a conversation, with one POST. After an [Ambiguous] error, the conversation may exist nevertheless.
func (s Conversations) Create(ctx context.Context, p Params) (*Conversation, error) {
	r := request{operation: "CreateConversation", method: http.MethodPost, form: p.Form(), webhook: p.WebhookEnabled}
	r.url = s.client.endpoint(s.path...)
	a, err := s.client.send(ctx, r)
	if err != nil {
		return nil, err
	}
	return a.conversation()
}

// Fetch answers the conversation with the given SID or unique name; [ErrNotFound] if Twilio does not have the
// conversation.
func (s Conversations) Fetch(ctx context.Context, sidOrName string) (*Conversation, error) {
	a, err := s.sendOne(ctx, sidOrName, request{operation: "FetchConversation", method: http.MethodGet})
	if err != nil {
		return nil, err
	}
	return a.conversationOf(sidOrName)
}

// Update changes the set fields of p, with one POST, and answers the conversation after the change: [ErrNotFound] if
// Twilio does not have the conversation, [ErrClosed] if the conversation is closed.
func (s Conversations) Update(ctx context.Context, sidOrName string, p Params) (*Conversation, error) {
	r := request{operation: "UpdateConversation", method: http.MethodPost, form: p.Form(), webhook: p.WebhookEnabled}
	a, err := s.sendOne(ctx, sidOrName, r)
	if err != nil {
		return nil, err
	}
	if !ValidSID("CH", sidOrName) {
		return a.conversation()
	}
	return a.conversationOf(sidOrName)
}

// Delete removes a conversation for good, with its whole content; [ErrNotFound] if Twilio does not have the
// conversation. Delete sends the header X-Twilio-Webhook-Enabled unless webhookEnabled is nil. Twilio answers no
// conversation, so Delete answers the ID by which Twilio's support finds the request; the request ID of an error is in
// [Error].
func (s Conversations) Delete(ctx context.Context, sidOrName string, webhookEnabled *bool) (requestID string, err error) {
	a, err := s.sendOne(ctx, sidOrName, request{operation: "DeleteConversation", method: http.MethodDelete, webhook: webhookEnabled})
	if err != nil {
		return "", err
	}
	return a.deleted()
}

// sendOne sends a request about one conversation. Without a name, its address would be the address of the whole
// collection, where an update creates.
func (s Conversations) sendOne(ctx context.Context, sidOrName string, r request) (*answer, error) {
	if sidOrName == "" {
		return nil, invalid(r.operation, "a conversation is addressed by its SID or unique name, but neither was given")
	}
	r.url = s.client.endpoint(append(slices.Clone(s.path), sidOrName)...)
	return s.client.send(ctx, r)
}
