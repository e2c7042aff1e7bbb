// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"cmp"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
)

// consult calls the account's pre-event webhook for the exchange, and returns false if the webhook refuses. The webhook
// can change only the friendly name. The simulator is not locked meanwhile, and answers other requests.
func (s *Simulator) consult(x *exchange) bool {
	hook, ok := s.announce(x)
	if !ok {
		return true
	}
	answer, err := s.webhooks.post(hook)
	if err != nil {
		return true
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode >= http.StatusBadRequest {
		return false
	}
	var change struct {
		FriendlyName *string `json:"friendly_name"`
	}
	err = json.NewDecoder(io.LimitReader(answer.Body, bodyMax)).Decode(&change)
	if err == nil && change.FriendlyName != nil && x.route.operation != OperationDelete {
		form := url.Values{}
		maps.Copy(form, x.form)
		form.Set("FriendlyName", *change.FriendlyName)
		x.form = form
	}
	return true
}

// announce returns the pre-event webhook of an exchange: the service's own, or else the account's. ok is false if the exchange has no such webhook.
func (s *Simulator) announce(x *exchange) (hook webhook, ok bool) {
	defer s.enter()()
	if !x.webhookEnabled() || s.turnAway(x) != nil {
		return hook, false
	}
	cfg := x.tenant.configuration
	v := x.tenant.services[cmp.Or(x.route.service, cfg.DefaultServiceSID)]
	if v == nil || s.ending(x, v) != nil {
		return hook, false
	}
	event, c := s.foresee(x, v)
	if c == nil {
		return hook, false
	}
	to := s.receivers(x.tenant, v, event, true)
	if len(to) == 0 {
		return hook, false
	}
	params := c.params()
	if x.route.operation == OperationCreate {
		delete(params, "DateCreated")
		delete(params, "DateUpdated")
	} else {
		params["ConversationSid"] = c.SID
	}
	return x.tenant.webhook(to[0], event, c, params), true
}

// foresee returns the event of a write, and the conversation after the write (for a delete: before). It returns nil if
// the simulator would refuse the write anyway.
func (s *Simulator) foresee(x *exchange, v *service) (event string, c *Conversation) {
	var err *apiError
	switch old := s.lookup(v, x.route.key); {
	case x.route.operation == OperationCreate:
		event = "onConversationAdd"
		c, err = s.draft(x, v, s.now())
	case old != nil && x.route.operation == OperationUpdate:
		event = "onConversationUpdate"
		c, err = s.revise(x, old, s.now())
	case old != nil && x.route.operation == OperationDelete:
		event, c = "onConversationRemove", old
	}
	if err != nil {
		return "", nil
	}
	return event, c
}
