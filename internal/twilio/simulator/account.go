// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"time"
)

var (
	conversationSID     = regexp.MustCompile(`^CH[0-9a-fA-F]{32}$`)
	serviceSID          = regexp.MustCompile(`^IS[0-9a-fA-F]{32}$`)
	messagingServiceSID = regexp.MustCompile(`^MG[0-9a-fA-F]{32}$`)
	accountSID          = regexp.MustCompile(`^AC[0-9a-fA-F]{32}$`)
)

// APIKey is an API key of an account. A client may use it in place of the auth token.
type APIKey struct {
	SID    string `json:"sid"`
	Secret string `json:"secret"`
}

// Configuration is the configuration of an account. GET /v1/Configuration answers all of it but the webhook URLs,
// MessagingServices and Addresses.
type Configuration struct {
	DefaultServiceSID          string `json:"defaultChatServiceSid"`
	DefaultMessagingServiceSID string `json:"defaultMessagingServiceSid"`
	// DefaultInactiveTimer and DefaultClosedTimer apply to new conversations without their own timers.
	DefaultInactiveTimer string `json:"defaultInactiveTimer,omitempty"`
	DefaultClosedTimer   string `json:"defaultClosedTimer,omitempty"`
	// WebhookURL receives the events of the account's conversations. Empty: no events are sent.
	WebhookURL string `json:"webhookUrl,omitempty"`
	// PreWebhookURL is called before a create, an update or a delete with X-Twilio-Webhook-Enabled: true takes effect.
	// An answer of 4xx or 5xx refuses the write, and JSON with a friendly_name replaces the friendly name. Without an
	// answer, the write proceeds.
	PreWebhookURL string `json:"preWebhookUrl,omitempty"`
	// MessagingServices lists the SIDs of the account's Messaging Services. Empty: the account has every well-formed
	// SID.
	MessagingServices []string `json:"messagingServices,omitempty"`
	// Addresses lists the account's own numbers and other addresses. Empty: the account has every well-formed address.
	Addresses []string `json:"addresses,omitempty"`
}

type tenant struct {
	sid, token string
	// secondary is the auth token which works beside token; empty: there is none.
	secondary     string
	keys          map[string]string
	apps          map[string]OAuthApp
	suspended     bool
	configuration Configuration
	services      map[string]*service
	inFlight      int

	addresses       map[string]*Address // by SID
	listedAddresses shelf[Address]
	listedServices  shelf[service]
	released        map[string]bool // addresses whose configuration RemoveAddress removed
}

func newTenant(sid, token string, keys map[string]string) *tenant {
	a := &tenant{
		sid: sid, token: token, keys: map[string]string{}, apps: map[string]OAuthApp{}, services: map[string]*service{},
		addresses: map[string]*Address{}, released: map[string]bool{},
	}
	maps.Copy(a.keys, keys)
	return a
}

// service is a Conversation Service: unique names are unique within a service.
type service struct {
	sid           string
	created       time.Time
	ends          time.Time // when the deletion ends that is under way
	friendlyName  string
	roles         []Role
	configuration ServiceConfiguration
	webhooks      ServiceWebhooks
	notifications Notifications
	names         map[string]string    // unique name to SID
	taken         map[string]time.Time // names of deleted conversations, until when
	pace          bucket
	// Lists read these orders, one per state.
	byActivity, byCreation map[string]*order
}

func newService(sid string, now time.Time) *service {
	v := &service{
		sid: sid, created: now, friendlyName: "Service " + sid[len(sid)-4:], names: map[string]string{}, taken: map[string]time.Time{},
		byActivity: map[string]*order{}, byCreation: map[string]*order{},
	}
	for _, state := range states {
		v.byActivity[state] = &order{at: func(c *Conversation) time.Time { return c.LastActivity }}
		v.byCreation[state] = &order{at: func(c *Conversation) time.Time { return c.DateCreated }}
	}
	v.birth()
	return v
}

// AddAccount adds an account with its own conversations and limits, a default service and a default messaging service.
func (s *Simulator) AddAccount(sid, token string, keys ...APIKey) error {
	if !accountSID.MatchString(sid) {
		return fmt.Errorf("account sid %q does not match %s", sid, accountSID)
	}
	defer s.enter()()
	if s.accounts[sid] != nil {
		return fmt.Errorf("account %s exists already", sid)
	}
	a := newTenant(sid, token, nil)
	for _, key := range keys {
		a.keys[key.SID] = key.Secret
	}
	a.configuration = Configuration{DefaultServiceSID: newSID("IS"), DefaultMessagingServiceSID: newSID("MG")}
	a.add(newService(a.configuration.DefaultServiceSID, s.now()))
	s.accounts[sid] = a
	return nil
}

// AddService adds a Conversation Service, IS…, to an account.
func (s *Simulator) AddService(account, sid string) error {
	if !serviceSID.MatchString(sid) {
		return fmt.Errorf("service sid %q does not match %s", sid, serviceSID)
	}
	return s.withAccount(account, func(a *tenant) error {
		for _, other := range s.accounts {
			if other.services[sid] != nil {
				return fmt.Errorf("service %s exists already", sid)
			}
		}
		a.add(newService(sid, s.now()))
		return nil
	})
}

// SetAuthToken replaces an account's auth token. From now on the simulator refuses the old token.
func (s *Simulator) SetAuthToken(account, token string) error {
	return s.withAccount(account, func(a *tenant) error {
		a.token = token
		return nil
	})
}

// SetSecondaryAuthToken makes an account accept a second auth token beside its auth token. Empty: the account has none.
func (s *Simulator) SetSecondaryAuthToken(account, token string) error {
	return s.withAccount(account, func(a *tenant) error {
		a.secondary = token
		return nil
	})
}

// AddAPIKey adds an API key to an account.
func (s *Simulator) AddAPIKey(account string, key APIKey) error {
	return s.withAccount(account, func(a *tenant) error {
		if s.tenant(key.SID) != nil {
			return fmt.Errorf("API key %s exists already", key.SID)
		}
		a.keys[key.SID] = key.Secret
		return nil
	})
}

// RevokeAPIKey ends an API key of an account.
func (s *Simulator) RevokeAPIKey(account, sid string) error {
	return s.withAccount(account, func(a *tenant) error {
		if _, ok := a.keys[sid]; !ok {
			return missingError("API key " + sid)
		}
		delete(a.keys, sid)
		return nil
	})
}

// SetSuspended suspends an account, so that its requests are answered with 403, or ends the suspension.
func (s *Simulator) SetSuspended(account string, suspended bool) error {
	return s.withAccount(account, func(a *tenant) error {
		a.suspended = suspended
		return nil
	})
}

// Configuration returns the configuration of an account.
func (s *Simulator) Configuration(account string) (c Configuration, err error) {
	err = s.withAccount(account, func(a *tenant) error {
		c = a.configuration
		return nil
	})
	return c, err
}

// SetConfiguration replaces the configuration of an account. It adds the default service if the account does not have
// new default service yet. Conversations stay in the service in which they were created.
func (s *Simulator) SetConfiguration(account string, c Configuration) error {
	return s.withAccount(account, func(a *tenant) error {
		if !serviceSID.MatchString(c.DefaultServiceSID) || !messagingServiceSID.MatchString(c.DefaultMessagingServiceSID) {
			return fmt.Errorf("the default service must match %s and the default messaging service %s",
				serviceSID, messagingServiceSID)
		}
		for _, timer := range []string{c.DefaultInactiveTimer, c.DefaultClosedTimer} {
			if _, err := parseDuration(timer); timer != "" && err != nil {
				return fmt.Errorf("default timer %q: %w", timer, err)
			}
		}
		if c.DefaultServiceSID != a.configuration.DefaultServiceSID && a.services[c.DefaultServiceSID] == nil {
			a.add(newService(c.DefaultServiceSID, s.now()))
		}
		a.configuration = c
		return nil
	})
}

// Accounts returns the SIDs of all accounts, sorted.
func (s *Simulator) Accounts() []string {
	defer s.enter()()
	return slices.Sorted(maps.Keys(s.accounts))
}

// withAccount calls f with an account, while the simulator is locked.
func (s *Simulator) withAccount(sid string, f func(*tenant) error) error {
	defer s.enter()()
	a, err := s.account(sid)
	if err != nil {
		return err
	}
	return f(a)
}

// account returns the account with a SID. An empty SID means the first account.
func (s *Simulator) account(sid string) (*tenant, error) {
	if sid == "" {
		sid = s.first
	}
	if a := s.accounts[sid]; a != nil {
		return a, nil
	}
	return nil, missingError("account " + sid)
}
