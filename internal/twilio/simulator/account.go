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

// APIKey opens an account beside its auth token.
type APIKey struct {
	SID    string `json:"sid"`
	Secret string `json:"secret"`
}

// Configuration of an account, as GET /v1/Configuration answers it (but for WebhookURL).
type Configuration struct {
	DefaultServiceSID          string `json:"defaultChatServiceSid"`
	DefaultMessagingServiceSID string `json:"defaultMessagingServiceSid"`
	// DefaultInactiveTimer and DefaultClosedTimer are given to new conversations that name none.
	DefaultInactiveTimer string `json:"defaultInactiveTimer,omitempty"`
	DefaultClosedTimer   string `json:"defaultClosedTimer,omitempty"`
	// WebhookURL receives the events of the account's conversations; empty, none are sent.
	WebhookURL string `json:"webhookUrl,omitempty"`
	// PreWebhookURL is asked before a create, an update or a delete with X-Twilio-Webhook-Enabled: true takes effect:
	// 4xx and 5xx refuse it, and JSON with a friendly_name changes that name. Without an answer, the write goes on.
	PreWebhookURL string `json:"preWebhookUrl,omitempty"`
	// MessagingServices are those that belong to the account; empty, every well-formed SID does.
	MessagingServices []string `json:"messagingServices,omitempty"`
}

type tenant struct {
	sid, token    string
	keys          map[string]string
	suspended     bool
	configuration Configuration
	services      map[string]*service
	inFlight      int
}

func newTenant(sid, token string, keys map[string]string) *tenant {
	a := &tenant{sid: sid, token: token, keys: map[string]string{}, services: map[string]*service{}}
	maps.Copy(a.keys, keys)
	return a
}

// service is a Conversation Service: the realm of its conversations' unique names.
type service struct {
	sid     string
	created time.Time
	names   map[string]string    // unique name to SID
	taken   map[string]time.Time // names of deleted conversations, until when
	pace    bucket
	// What lists show, by state.
	byActivity, byCreation map[string]*order
}

func newService(sid string, now time.Time) *service {
	v := &service{
		sid: sid, created: now, names: map[string]string{}, taken: map[string]time.Time{},
		byActivity: map[string]*order{}, byCreation: map[string]*order{},
	}
	for _, state := range states {
		v.byActivity[state] = &order{at: func(c *Conversation) time.Time { return c.LastActivity }}
		v.byCreation[state] = &order{at: func(c *Conversation) time.Time { return c.DateCreated }}
	}
	return v
}

// AddAccount adds an account with its own conversations, limits and a default service and messaging service of its own.
func (s *Simulator) AddAccount(sid, token string, keys ...APIKey) error {
	if !accountSID.MatchString(sid) {
		return fmt.Errorf("account sid %q does not match %s", sid, accountSID)
	}
	defer s.enter()()
	if s.accounts[sid] != nil {
		return fmt.Errorf("account %s is there already", sid)
	}
	a := newTenant(sid, token, nil)
	for _, key := range keys {
		a.keys[key.SID] = key.Secret
	}
	a.configuration = Configuration{DefaultServiceSID: newSID("IS"), DefaultMessagingServiceSID: newSID("MG")}
	a.services[a.configuration.DefaultServiceSID] = newService(a.configuration.DefaultServiceSID, s.now())
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
				return fmt.Errorf("service %s is there already", sid)
			}
		}
		a.services[sid] = newService(sid, s.now())
		return nil
	})
}

// SetAuthToken rotates an account's auth token: the old one is refused from now on.
func (s *Simulator) SetAuthToken(account, token string) error {
	return s.withAccount(account, func(a *tenant) error {
		a.token = token
		return nil
	})
}

// SetSuspended suspends an account, whose requests are then answered with 403, or lifts that.
func (s *Simulator) SetSuspended(account string, suspended bool) error {
	return s.withAccount(account, func(a *tenant) error {
		a.suspended = suspended
		return nil
	})
}

// Configuration of an account.
func (s *Simulator) Configuration(account string) (c Configuration, err error) {
	err = s.withAccount(account, func(a *tenant) error {
		c = a.configuration
		return nil
	})
	return c, err
}

// SetConfiguration replaces the configuration of an account. Its default service is added if it is new; conversations
// stay in the service that they were created in.
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
		if a.services[c.DefaultServiceSID] == nil {
			a.services[c.DefaultServiceSID] = newService(c.DefaultServiceSID, s.now())
		}
		a.configuration = c
		return nil
	})
}

// Accounts lists the SIDs of all accounts, sorted.
func (s *Simulator) Accounts() []string {
	defer s.enter()()
	return slices.Sorted(maps.Keys(s.accounts))
}

// withAccount runs f on an account while the simulator is locked.
func (s *Simulator) withAccount(sid string, f func(*tenant) error) error {
	defer s.enter()()
	a, err := s.account(sid)
	if err != nil {
		return err
	}
	return f(a)
}

// account finds an account; empty, the first one.
func (s *Simulator) account(sid string) (*tenant, error) {
	if sid == "" {
		sid = s.first
	}
	if a := s.accounts[sid]; a != nil {
		return a, nil
	}
	return nil, missingError("account " + sid)
}
