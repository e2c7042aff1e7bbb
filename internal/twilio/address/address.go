// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package address is the client of Twilio's address configurations: what becomes of an inbound message to one of the
// account's addresses that belongs to no open conversation.
// https://www.twilio.com/docs/conversations/api/address-configuration-resource
package address

import (
	"net/url"
	"strings"
	"time"

	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// Collection are the address configurations of an account, each addressed by its IG… SID or by its address.
type Collection = twilio.Updatable[*Address, Params]

// Of answers the address configurations of the client's account.
func Of(c *twilio.Client) Collection {
	kind := twilio.Kind{Noun: "ConfigurationAddress", Name: "an address configuration", List: "address_configurations", PageSize: 50}
	return Collection{Collection: twilio.NewCollection[*Address, Params](c, kind, "Configuration", "Addresses")}
}

// OfType is the filter of a list by the type of the address, whatever its case.
func OfType(kind string) url.Values { return url.Values{"Type": {kind}} }

// Address is an address configuration as Twilio answers. A text is empty if Twilio left the text out, or answered null.
type Address struct {
	twilio.Meta

	SID        string `json:"sid"`
	AccountSID string `json:"account_sid"`
	// Type is the channel of the address, in lower case.
	Type Word `json:"type"`
	// Address is the address in the format of its type, such as +15550100 or whatsapp:+15550100.
	Address string `json:"address"`
	// AddressCountry is the ISO 3166 code of the country of a short code.
	AddressCountry string       `json:"address_country"`
	FriendlyName   string       `json:"friendly_name"`
	AutoCreation   AutoCreation `json:"auto_creation"`
	// DateCreated and DateUpdated are in whole seconds; Twilio has answered null for the latter.
	DateCreated *time.Time `json:"date_created"`
	DateUpdated *time.Time `json:"date_updated"`
	URL         string     `json:"url"`
}

// AutoCreation says which conversation an inbound message opens. Twilio answers all fields, with nulls, or only those of the
// type: both read the same.
type AutoCreation struct {
	Enabled bool `json:"enabled"`
	// Type is webhook, studio or default, in lower case.
	Type Word `json:"type"`
	// ConversationServiceSID is the service of new conversations; empty: the account's default service.
	ConversationServiceSID string `json:"conversation_service_sid"`
	WebhookURL             string `json:"webhook_url"`
	// WebhookMethod is GET or POST, in upper case.
	WebhookMethod  twilio.Method `json:"webhook_method"`
	WebhookFilters []string      `json:"webhook_filters"`
	StudioFlowSID  string        `json:"studio_flow_sid"`
	// StudioRetryCount is nil if Twilio answers none.
	StudioRetryCount *int `json:"studio_retry_count"`
}

// Word is a word in lower case, whichever case Twilio answers.
type Word string

// UnmarshalText reads a word of any case.
func (w *Word) UnmarshalText(text []byte) error {
	*w = Word(strings.ToLower(string(text)))
	return nil
}

// Valid is false for JSON which can't be an address configuration.
func (a *Address) Valid() bool {
	return a != nil && twilio.ValidSID("IG", a.SID) && twilio.EmptyOrSID("AC", a.AccountSID) && a.Address != ""
}

// AddressedBy reports whether a has the given SID or address, whatever the case.
func (a *Address) AddressedBy(sidOrAddress string) bool {
	if twilio.ValidSID("IG", sidOrAddress) {
		return strings.EqualFold(sidOrAddress, a.SID)
	}
	return strings.EqualFold(sidOrAddress, a.Address)
}

// Params are the parameters of a create or an update. A nil parameter is not sent and changes no value. Type, Address and
// AddressCountry are for a create, which needs the first two; Twilio ignores them on update.
type Params struct {
	Type           *string `form:"Type"`
	Address        *string `form:"Address"`
	AddressCountry *string `form:"AddressCountry"`

	// FriendlyName is free text of at most 256 characters.
	FriendlyName *string `form:"FriendlyName"`

	AutoCreationEnabled                *bool   `form:"AutoCreation.Enabled"`
	AutoCreationType                   *string `form:"AutoCreation.Type"`
	AutoCreationConversationServiceSID *string `form:"AutoCreation.ConversationServiceSid"`

	AutoCreationWebhookURL    *string `form:"AutoCreation.WebhookUrl"`
	AutoCreationWebhookMethod *string `form:"AutoCreation.WebhookMethod"`
	// AutoCreationWebhookFilters replaces the whole list.
	AutoCreationWebhookFilters *[]string `form:"AutoCreation.WebhookFilters"`

	AutoCreationStudioFlowSID *string `form:"AutoCreation.StudioFlowSid"`
	// AutoCreationStudioRetryCount is 0 to 3.
	AutoCreationStudioRetryCount *int `form:"AutoCreation.StudioRetryCount"`
}
