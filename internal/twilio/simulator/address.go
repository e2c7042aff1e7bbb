// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Address is a snapshot of an address configuration: what becomes of an inbound message to one of the account's
// addresses.
type Address struct {
	SID          string       `json:"sid"`
	AccountSID   string       `json:"accountSid"`
	Type         string       `json:"type"`
	Address      string       `json:"address"`
	Country      string       `json:"addressCountry,omitempty"`
	FriendlyName string       `json:"friendlyName,omitempty"`
	AutoCreation AutoCreation `json:"autoCreation"`
	DateCreated  time.Time    `json:"dateCreated"`
	DateUpdated  time.Time    `json:"dateUpdated"`
}

// AutoCreation says which conversation an inbound message opens.
type AutoCreation struct {
	Enabled bool `json:"enabled"`
	// Type is webhook, studio or default.
	Type string `json:"type"`
	// ServiceSID is the Conversation Service of new conversations. Empty: the account's default service.
	ServiceSID     string   `json:"conversationServiceSid,omitempty"`
	WebhookURL     string   `json:"webhookUrl,omitempty"`
	WebhookMethod  string   `json:"webhookMethod,omitempty"`
	WebhookFilters []string `json:"webhookFilters,omitempty"`
	StudioFlowSID  string   `json:"studioFlowSid,omitempty"`
	// StudioRetryCount is nil if it was never set.
	StudioRetryCount *int `json:"studioRetryCount,omitempty"`
}

// The types of AutoCreation.
const (
	autoDefault = "default"
	autoWebhook = "webhook"
	autoStudio  = "studio"
)

var addressSID = regexp.MustCompile(`^IG[0-9a-fA-F]{32}$`)

// clone returns a deep copy of the address configuration.
func (a *Address) clone() *Address {
	next := *a
	next.AutoCreation.WebhookFilters = slices.Clone(a.AutoCreation.WebhookFilters)
	if count := a.AutoCreation.StudioRetryCount; count != nil {
		next.AutoCreation.StudioRetryCount = new(*count)
	}
	return &next
}

// drop removes the fields that belong to another type.
func (c *AutoCreation) drop() {
	if c.Type != autoWebhook {
		c.WebhookURL, c.WebhookMethod, c.WebhookFilters = "", "", nil
	}
	if c.Type != autoStudio {
		c.StudioFlowSID, c.StudioRetryCount = "", nil
	}
}

// incomplete reports whether the type needs a field that is not set.
func (c *AutoCreation) incomplete() bool {
	return c.Type == autoWebhook && c.WebhookURL == "" || c.Type == autoStudio && c.StudioFlowSID == ""
}

// Addresses returns snapshots of the address configurations of an account, sorted by SID, and nil for an unknown
// account.
func (s *Simulator) Addresses(account string) []Address {
	defer s.enter()()
	t, err := s.account(account)
	if err != nil {
		return nil
	}
	all := make([]Address, 0, len(t.addresses))
	for _, a := range t.addresses {
		all = append(all, *a.clone())
	}
	slices.SortFunc(all, func(a, b Address) int { return strings.Compare(a.SID, b.SID) })
	return all
}

// EditAddress changes an address configuration, named by its SID or its address, without a request and without checks.
// change must not call the simulator.
func (s *Simulator) EditAddress(account, key string, change func(*Address)) error {
	return s.editAddress(account, key, func(a *Address) error {
		change(a)
		return nil
	})
}

func (s *Simulator) editAddress(account, key string, change func(*Address) error) error {
	return s.withAddress(account, key, func(t *tenant, old *Address) error {
		next := old.clone()
		next.DateUpdated = s.now()
		if err := change(next); err != nil {
			return fmt.Errorf("editing %s: %w", key, err)
		}
		next.SID, next.AccountSID = old.SID, old.AccountSID
		s.putAddress(t, next)
		return nil
	})
}

// RemoveAddress deletes an address configuration, named by its SID or its address, without a request. Twilio does so when
// the number leaves the account (https://www.twilio.com/docs/api/errors/50610).
func (s *Simulator) RemoveAddress(account, key string) error {
	return s.withAddress(account, key, func(t *tenant, a *Address) error {
		s.dropAddress(t, a)
		t.released[a.Address] = true
		return nil
	})
}

func (s *Simulator) withAddress(account, key string, f func(*tenant, *Address) error) error {
	return s.withAccount(account, func(t *tenant) error {
		if a := t.address(key); a != nil {
			return f(t, a)
		}
		return missingError("address " + key)
	})
}

// address returns the configuration with a SID or an address, or nil. If several have the address, the first by SID.
func (t *tenant) address(key string) *Address {
	if addressSID.MatchString(key) {
		return t.addresses[key]
	}
	var found *Address
	for _, a := range t.addresses {
		if a.Address == key && (found == nil || a.SID < found.SID) {
			found = a
		}
	}
	return found
}

func (s *Simulator) putAddress(t *tenant, a *Address) {
	t.addresses[a.SID] = a
	t.listedAddresses.put(a.SID, a, s.now().Add(s.listing.Lag))
}

func (s *Simulator) dropAddress(t *tenant, a *Address) {
	delete(t.addresses, a.SID)
	t.listedAddresses.put(a.SID, nil, s.now().Add(s.listing.Lag))
}
