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

// Conversations answers those of a service, given its IS… SID; "" is the account's default service.
func (c *Client) Conversations(serviceSID string) Conversations {
	if serviceSID == "" {
		return Conversations{client: c, path: []string{"Conversations"}}
	}
	return Conversations{client: c, path: []string{"Services", serviceSID, "Conversations"}}
}

// Create makes a conversation, with one POST. After an error that is [Ambiguous] it may be there nevertheless.
func (s Conversations) Create(ctx context.Context, p Params) (*Conversation, error) {
	r := request{operation: "CreateConversation", method: http.MethodPost, form: p.Form(), webhook: p.WebhookEnabled}
	r.url = s.client.endpoint(s.path...)
	a, err := s.client.send(ctx, r)
	if err != nil {
		return nil, err
	}
	return a.conversation()
}

// Fetch answers the conversation of that SID or unique name; one that Twilio does not have is [ErrNotFound].
func (s Conversations) Fetch(ctx context.Context, sidOrName string) (*Conversation, error) {
	a, err := s.sendOne(ctx, sidOrName, request{operation: "FetchConversation", method: http.MethodGet})
	if err != nil {
		return nil, err
	}
	return a.conversationOf(sidOrName)
}

// Update changes what is set in p, with one POST, and answers what the conversation then is. One that Twilio does
// not have is [ErrNotFound], one that is closed [ErrClosed].
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

// Delete removes a conversation for good, with all that is in it; one that Twilio does not have is [ErrNotFound].
// The header X-Twilio-Webhook-Enabled is sent unless webhookEnabled is nil. As there is no conversation to answer, it
// answers what Twilio's support finds the request by; that of an error is in [Error].
func (s Conversations) Delete(ctx context.Context, sidOrName string, webhookEnabled *bool) (requestID string, err error) {
	a, err := s.sendOne(ctx, sidOrName, request{operation: "DeleteConversation", method: http.MethodDelete, webhook: webhookEnabled})
	if err != nil {
		return "", err
	}
	// Whatever else says 2xx in the place of Twilio is a proxy's, and deleted nothing.
	if a.status != http.StatusNoContent {
		return "", a.error(flaw("a delete is answered 204"))
	}
	return a.requestID(), nil
}

// sendOne sends a request about one conversation. Without a name its address would be that of the whole collection,
// where an update creates.
func (s Conversations) sendOne(ctx context.Context, sidOrName string, r request) (*answer, error) {
	if sidOrName == "" {
		return nil, invalid(r.operation, "a conversation is addressed by its SID or unique name, but neither was given")
	}
	r.url = s.client.endpoint(append(slices.Clone(s.path), sidOrName)...)
	return s.client.send(ctx, r)
}
