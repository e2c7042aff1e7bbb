// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"cmp"
	"fmt"
	"regexp"
	"time"
)

// Credentials and identifiers of the zero [Options]. Twilio does not know them.
const (
	DefaultAccountSID          = "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	DefaultAuthToken           = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
	DefaultServiceSID          = "ISaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	DefaultMessagingServiceSID = "MGaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
)

// defaultRequestLog is the default number of requests in the log: enough for any test that reads them one by one, and
// at most a few dozen megabytes if each has the largest attributes.
const defaultRequestLog = 2048

// Options are the settings of a new simulator. The zero value is usable.
type Options struct {
	// AccountSID and AuthToken belong to the first account. Left out: [DefaultAccountSID] and [DefaultAuthToken].
	AccountSID, AuthToken string
	// APIKeys are the API keys of the first account: SK sid to secret.
	APIKeys map[string]string
	// DefaultServiceSID and DefaultMessagingServiceSID belong to the first account. Left out: the constants of the same
	// names.
	DefaultServiceSID, DefaultMessagingServiceSID string
	// Services are the SIDs of further Conversation Services of the first account, IS….
	Services []string
	// DefaultInactiveTimer and DefaultClosedTimer are the default timers of the first account, as ISO 8601 durations.
	// Left out: no timers.
	DefaultInactiveTimer, DefaultClosedTimer string
	// WebhookURL receives the webhooks of the first account. Left out: no webhooks are sent.
	WebhookURL string

	// Clock is the base clock, which [Simulator.Advance] and [Simulator.SetTime] shift. Left out: time.Now.
	Clock func() time.Time
	// Latency delays every request, in real time, before the request is handled.
	Latency time.Duration
	// Limits are Twilio's rate limits. Left out: no limits.
	Limits Limits
	// Listing is how lists misbehave. Left out: lists are correct.
	Listing Listing
	// Quirks choose among the possible behaviours where Twilio's behaviour is not known for certain.
	Quirks Quirks
	// RequestLog is the number of requests that the log keeps. Left out: 2048.
	RequestLog int

	// Address and ControlAddress are the addresses on which [Start] listens. Left out: free ports of 127.0.0.1.
	Address, ControlAddress string
}

func (o Options) withDefaults() Options {
	o.AccountSID = cmp.Or(o.AccountSID, DefaultAccountSID)
	o.AuthToken = cmp.Or(o.AuthToken, DefaultAuthToken)
	o.DefaultServiceSID = cmp.Or(o.DefaultServiceSID, DefaultServiceSID)
	o.DefaultMessagingServiceSID = cmp.Or(o.DefaultMessagingServiceSID, DefaultMessagingServiceSID)
	o.RequestLog = cmp.Or(o.RequestLog, defaultRequestLog)
	o.Address = cmp.Or(o.Address, "127.0.0.1:0")
	o.ControlAddress = cmp.Or(o.ControlAddress, "127.0.0.1:0")
	if o.Clock == nil {
		o.Clock = time.Now
	}
	return o
}

// check returns an error that names the first malformed SID.
func (o Options) check() error {
	for _, c := range []struct {
		what  string
		shape *regexp.Regexp
		sids  []string
	}{
		{"account", accountSID, []string{o.AccountSID}},
		{"messaging service", messagingServiceSID, []string{o.DefaultMessagingServiceSID}},
		{"service", serviceSID, append([]string{o.DefaultServiceSID}, o.Services...)},
	} {
		for _, sid := range c.sids {
			if !c.shape.MatchString(sid) {
				return fmt.Errorf("%s sid %q does not match %s", c.what, sid, c.shape)
			}
		}
	}
	return nil
}

// Limits are Twilio's rate limits. Zero turns a limit off.
type Limits struct {
	// CreateDelete is how many creates and deletes a second a Conversation Service accepts before 429, code 50074.
	// Twilio accepts 30.
	CreateDelete float64 `json:"createDelete"`
	// Update is how many updates a second a conversation accepts before 429, code 50063. Twilio accepts 30.
	Update float64 `json:"update"`
	// Concurrent is how many requests an account may have in flight before 429, code 20429. Twilio does not publish its
	// limit.
	Concurrent int `json:"concurrent"`
	// RetryAfter is the Retry-After header of every 429 by these limits, rounded up to whole seconds. Left out: no
	// header.
	RetryAfter time.Duration `json:"retryAfter"`
}

// Listing is how lists misbehave. Twilio makes no promises about lists. A fetch by SID is never affected.
type Listing struct {
	// Lag is how long, by the simulator's clock, a list shows the old state after a conversation appears, changes or
	// disappears.
	Lag time.Duration `json:"lag"`
	// Shuffle is how many random conversations of the service become active after each page of a list, which moves them
	// to the front of undated lists.
	Shuffle int `json:"shuffle"`
	// Omit is the probability with which a page omits an entry.
	Omit float64 `json:"omit"`
	// Seed makes Shuffle and Omit repeatable.
	Seed uint64 `json:"seed"`
}
