// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"cmp"
	"fmt"
	"regexp"
	"time"
)

// Credentials and identifiers that the zero [Options] use. They open nothing at Twilio.
const (
	DefaultAccountSID          = "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	DefaultAuthToken           = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
	DefaultServiceSID          = "ISaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	DefaultMessagingServiceSID = "MGaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
)

// defaultRequestLog is how many requests the log keeps unless told otherwise: enough for any test that reads them one
// by one, and at most a few dozen megabytes when each carries the largest attributes.
const defaultRequestLog = 2048

// Options are what a simulator starts with. The zero value is usable.
type Options struct {
	// AccountSID and AuthToken are the first account's; left out, [DefaultAccountSID] and [DefaultAuthToken].
	AccountSID, AuthToken string
	// APIKeys of the first account: SK sid to secret.
	APIKeys map[string]string
	// DefaultServiceSID and DefaultMessagingServiceSID of the first account; left out, the constants of that name.
	DefaultServiceSID, DefaultMessagingServiceSID string
	// Services are further Conversation Services of the first account, IS….
	Services []string
	// DefaultInactiveTimer and DefaultClosedTimer of the first account, ISO 8601 durations; left out, none.
	DefaultInactiveTimer, DefaultClosedTimer string
	// WebhookURL receives the first account's webhooks; left out, none are sent.
	WebhookURL string

	// Clock is the base clock, which [Simulator.Advance] and [Simulator.SetTime] shift; left out, time.Now.
	Clock func() time.Time
	// Latency is added to every request, in real time, before it is handled.
	Latency time.Duration
	// Limits are Twilio's rate limits; left out, none.
	Limits Limits
	// Listing is how lists misbehave; left out, they do not.
	Listing Listing
	// Quirks choose where Twilio's behaviour is not known for certain.
	Quirks Quirks
	// RequestLog is how many requests the log keeps; left out, 2048.
	RequestLog int

	// Address and ControlAddress are where [Start] listens; left out, free ports of 127.0.0.1.
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

// check names the first SID that does not have the shape of its kind.
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

// Limits are Twilio's rate limits, each off while zero.
type Limits struct {
	// CreateDelete is how many creates and deletes a second one service takes before 429, code 50074. Twilio's is 30.
	CreateDelete float64 `json:"createDelete"`
	// Update is how many updates a second one conversation takes before 429, code 50063. Twilio's is 30.
	Update float64 `json:"update"`
	// Concurrent is how many requests an account may have in flight before 429, code 20429. Twilio does not publish
	// its own.
	Concurrent int `json:"concurrent"`
	// RetryAfter is sent with every 429 of these limits, in whole seconds; left out, the header is not sent.
	RetryAfter time.Duration `json:"retryAfter"`
}

// Listing is how lists misbehave. Twilio promises nothing of them; fetching by SID is never affected.
type Listing struct {
	// Lag is how long, by the simulator's clock, a list takes to see a conversation appear, change or go.
	Lag time.Duration `json:"lag"`
	// Shuffle is how many random conversations of the service show activity after each page of a list, which moves
	// them to the front of undated lists.
	Shuffle int `json:"shuffle"`
	// Omit is the probability with which a page leaves out an entry.
	Omit float64 `json:"omit"`
	// Seed makes Shuffle and Omit repeatable.
	Seed uint64 `json:"seed"`
}

// Quirks choose where Twilio's behaviour is not documented or was seen to differ. The zero value is the likeliest.
type Quirks struct {
	// RefuseLargePages answers a PageSize over 100 with 400, code 20007, instead of pages of 100.
	RefuseLargePages bool `json:"refuseLargePages"`
	// EmptyUpdateCode is the code of the 400 that an update without any parameter gets, 50347 or 20161; left out, 20161.
	EmptyUpdateCode int `json:"emptyUpdateCode"`
	// AcceptEmptyUpdates answers such an update with 200 instead.
	AcceptEmptyUpdates bool `json:"acceptEmptyUpdates"`
	// RestartTimersOnUpdate restarts both timers on every update, not only on one that carries them.
	RestartTimersOnUpdate bool `json:"restartTimersOnUpdate"`
	// RefuseZeroTimers answers PT0S on a conversation as too short, 50375 or 50376, instead of removing the timer.
	RefuseZeroTimers bool `json:"refuseZeroTimers"`
	// AcceptClosingClosed answers State=closed, alone, on a closed conversation with 200 instead of 50377.
	AcceptClosingClosed bool `json:"acceptClosingClosed"`
	// RefuseDeletingClosed answers the deletion of a closed conversation with 400, code 50377.
	RefuseDeletingClosed bool `json:"refuseDeletingClosed"`
	// ClosedFreesUniqueName lets another conversation take the unique name of a closed one.
	ClosedFreesUniqueName bool `json:"closedFreesUniqueName"`
	// NameHeldAfterDelete is how long, by the simulator's clock, a create with the unique name of a deleted
	// conversation is answered with 409, code 50391.
	NameHeldAfterDelete time.Duration `json:"nameHeldAfterDelete"`
	// UniqueNameMax is the longest unique name in characters; left out, 256.
	UniqueNameMax int `json:"uniqueNameMax"`
	// CountAttributesInCharacters measures the limit of attributes in characters instead of bytes.
	CountAttributesInCharacters bool `json:"countAttributesInCharacters"`
	// RefuseScalarAttributes answers attributes that are JSON but no object with 50304.
	RefuseScalarAttributes bool `json:"refuseScalarAttributes"`
	// NormalizeAttributes answers attributes re-encoded (keys sorted, no spaces) instead of verbatim.
	NormalizeAttributes bool `json:"normalizeAttributes"`
	// KeepBindings ignores empty Bindings.Email.* values on update instead of clearing them.
	KeepBindings bool `json:"keepBindings"`
	// GroupListsByState sorts undated lists by state first: initializing, active, inactive, closed.
	GroupListsByState bool `json:"groupListsByState"`
	// CompareEndDateExactly leaves a conversation created within the second named by EndDate, but after its start,
	// out of the list.
	CompareEndDateExactly bool `json:"compareEndDateExactly"`
	// RefusePartialDays answers a StartDate that is not T00:00:00Z, or an EndDate that is not T23:59:59Z, with 400.
	RefusePartialDays bool `json:"refusePartialDays"`
	// RefusalStatus is the HTTP status of the errors 50374 to 50390, but for 50377; left out, 400.
	RefusalStatus int `json:"refusalStatus"`
	// ServiceNotFoundCode is the code of the 404 for an unknown service, 20404 or 50050; left out, 20404.
	ServiceNotFoundCode int `json:"serviceNotFoundCode"`
	// SparseAnswers leaves out what old recordings lack: date_updated of a new conversation is null, and there is no
	// bindings key and no links.export.
	SparseAnswers bool `json:"sparseAnswers"`
	// InitializingFor is how long, by the simulator's clock, a conversation created with participants stays
	// initializing; left out, 2 s.
	InitializingFor time.Duration `json:"initializingFor"`
}
