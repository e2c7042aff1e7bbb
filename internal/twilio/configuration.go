// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio

import (
	"context"
	"net/http"
)

// Configuration has the defaults of an account's conversations. An unset default is empty.
type Configuration struct {
	// AccountSID is the account to which the credentials belong.
	AccountSID string `json:"account_sid"`
	// DefaultChatServiceSID is the service of conversations which are created without a service.
	DefaultChatServiceSID      string `json:"default_chat_service_sid"`
	DefaultMessagingServiceSID string `json:"default_messaging_service_sid"`
	// DefaultInactiveTimer and DefaultClosedTimer are the ISO 8601 durations with which new conversations start.
	DefaultInactiveTimer string `json:"default_inactive_timer"`
	DefaultClosedTimer   string `json:"default_closed_timer"`
}

const errNotConfiguration = flaw("the body is not a configuration")

// FetchConfiguration answers the account's configuration. No other request names the account of the credentials.
func (c *Client) FetchConfiguration(ctx context.Context) (*Configuration, error) {
	r := request{operation: "FetchConfiguration", method: http.MethodGet, url: c.endpoint("Configuration")}
	a, err := c.send(ctx, r)
	if err != nil {
		return nil, err
	}
	return a.configuration()
}

func (a *answer) configuration() (*Configuration, error) {
	var conf Configuration
	if err := a.decode(&conf, errNotConfiguration); err != nil {
		return nil, err
	}
	if !ValidSID("AC", conf.AccountSID) || !EmptyOrSID("IS", conf.DefaultChatServiceSID) ||
		!EmptyOrSID("MG", conf.DefaultMessagingServiceSID) {
		return nil, a.error(errNotConfiguration)
	}
	return &conf, nil
}
