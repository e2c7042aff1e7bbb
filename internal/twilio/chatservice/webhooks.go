// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package chatservice

import "github.com/conversations-operator/conversations-operator/internal/twilio"

// WebhooksOf answers the webhooks of the service with the SID.
func WebhooksOf(c *twilio.Client, serviceSID string) twilio.Singleton[*Webhooks, WebhooksParams] {
	return twilio.NewSingleton[*Webhooks, WebhooksParams](
		c, "ServiceWebhookConfiguration", "a service's webhooks", serviceSID, "Configuration", "Webhooks")
}

// Webhooks are whom Twilio tells of events in a service, in place of the account's webhooks. All is empty until it was set.
type Webhooks struct {
	twilio.Meta
	owner

	PreWebhookURL  string `json:"pre_webhook_url"`
	PostWebhookURL string `json:"post_webhook_url"`
	// Filters are the events that are told, nil where Twilio answers null.
	Filters []string `json:"filters"`
	// Method is GET or POST, in upper case.
	Method twilio.Method `json:"method"`
}

// Valid is false for JSON which can't be a service's webhooks.
func (w *Webhooks) Valid() bool { return w != nil && w.valid() }

// WebhooksParams are the parameters of an update. A nil parameter is not sent and changes no value.
type WebhooksParams struct {
	PreWebhookURL  *string `form:"PreWebhookUrl"`
	PostWebhookURL *string `form:"PostWebhookUrl"`
	// Filters replaces the whole list.
	Filters *[]string `form:"Filters"`
	Method  *string   `form:"Method"`
}
