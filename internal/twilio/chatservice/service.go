// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package chatservice is the client of Conversation Services, and of the configuration, the webhooks and the notifications
// that each service has. https://www.twilio.com/docs/conversations/api/service-resource
package chatservice

import (
	"strings"
	"time"

	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// Collection are the Conversation Services of an account, each addressed by its IS… SID. Twilio has no update of a service,
// and deletes a service with every conversation in it.
type Collection = twilio.Collection[*Service, Params]

// Of answers the Conversation Services of the client's account, the default service included.
func Of(c *twilio.Client) Collection {
	kind := twilio.Kind{Noun: "Service", Name: "a Conversation Service", List: "services", PageSize: 100}
	return twilio.NewCollection[*Service, Params](c, kind, "Services")
}

// Service is a Conversation Service: the realm in which unique names are unique.
type Service struct {
	twilio.Meta

	SID string `json:"sid"`
	// AccountSID is empty where Twilio answers null.
	AccountSID string `json:"account_sid"`
	// FriendlyName is the name for people. Several services may have the same name.
	FriendlyName string `json:"friendly_name"`
	// DateCreated and DateUpdated are in whole seconds; Twilio has answered null for the latter.
	DateCreated *time.Time        `json:"date_created"`
	DateUpdated *time.Time        `json:"date_updated"`
	URL         string            `json:"url"`
	Links       map[string]string `json:"links"`
}

// Valid is false for JSON which can't be a service.
func (s *Service) Valid() bool {
	return s != nil && twilio.ValidSID("IS", s.SID) && twilio.EmptyOrSID("AC", s.AccountSID)
}

// AddressedBy reports whether s has the given SID.
func (s *Service) AddressedBy(sid string) bool { return strings.EqualFold(sid, s.SID) }

// Params are the parameters of a create.
type Params struct {
	// FriendlyName is free text of 1 to 256 characters.
	FriendlyName *string `form:"FriendlyName"`
}

// owner is the part of a singleton's answer that names its service.
type owner struct {
	// AccountSID is empty where Twilio answers none.
	AccountSID     string `json:"account_sid"`
	ChatServiceSID string `json:"chat_service_sid"`
}

func (o *owner) valid() bool {
	return twilio.ValidSID("IS", o.ChatServiceSID) && twilio.EmptyOrSID("AC", o.AccountSID)
}

// AddressedBy reports whether the singleton is that of the service with the SID.
func (o *owner) AddressedBy(serviceSID string) bool {
	return strings.EqualFold(serviceSID, o.ChatServiceSID)
}
