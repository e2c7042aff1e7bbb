// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package chatservice

import "github.com/conversations-operator/conversations-operator/internal/twilio"

// ConfigurationOf answers the configuration of the service with the SID.
func ConfigurationOf(c *twilio.Client, serviceSID string) twilio.Singleton[*Configuration, ConfigurationParams] {
	return twilio.NewSingleton[*Configuration, ConfigurationParams](
		c, "ServiceConfiguration", "a service configuration", serviceSID, "Configuration")
}

// Configuration has the default roles of a service, RL…, and whether users may see who is reachable.
type Configuration struct {
	twilio.Meta
	owner

	DefaultConversationCreatorRoleSID string `json:"default_conversation_creator_role_sid"`
	DefaultConversationRoleSID        string `json:"default_conversation_role_sid"`
	DefaultChatServiceRoleSID         string `json:"default_chat_service_role_sid"`
	ReachabilityEnabled               bool   `json:"reachability_enabled"`
}

// Valid is false for JSON which can't be a service's configuration.
func (c *Configuration) Valid() bool {
	return c != nil && c.valid() && twilio.EmptyOrSID("RL", c.DefaultConversationCreatorRoleSID) &&
		twilio.EmptyOrSID("RL", c.DefaultConversationRoleSID) && twilio.EmptyOrSID("RL", c.DefaultChatServiceRoleSID)
}

// ConfigurationParams are the parameters of an update. A nil parameter is not sent and changes no value. A role can be
// replaced, and not taken away.
type ConfigurationParams struct {
	DefaultConversationCreatorRoleSID *string `form:"DefaultConversationCreatorRoleSid"`
	DefaultConversationRoleSID        *string `form:"DefaultConversationRoleSid"`
	DefaultChatServiceRoleSID         *string `form:"DefaultChatServiceRoleSid"`
	ReachabilityEnabled               *bool   `form:"ReachabilityEnabled"`
}
