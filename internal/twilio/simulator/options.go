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

// Quirks choose among the possible behaviours where Twilio's behaviour is not documented, or was seen to differ. The
// zero value is the likeliest behaviour.
type Quirks struct {
	// RefuseLargePages answers a PageSize over 100 with 400, code 20007. Otherwise pages have 100 entries at most.
	RefuseLargePages bool `json:"refuseLargePages"`
	// EmptyUpdateCode is the code of the 400 for an update without any parameter, 50347 or 20161. Left out: 20161.
	EmptyUpdateCode int `json:"emptyUpdateCode"`
	// AcceptEmptyUpdates answers an update without any parameter with 200.
	AcceptEmptyUpdates bool `json:"acceptEmptyUpdates"`
	// RestartTimersOnUpdate restarts both timers on every update. Otherwise an update restarts only the timers that it
	// sets.
	RestartTimersOnUpdate bool `json:"restartTimersOnUpdate"`
	// RefuseZeroTimers refuses PT0S on a conversation as too short, 50375 or 50376. Otherwise PT0S removes the timer.
	RefuseZeroTimers bool `json:"refuseZeroTimers"`
	// AcceptClosingClosed answers an update of a closed conversation with 200, if State=closed is its only parameter.
	// Otherwise the answer is 50377.
	AcceptClosingClosed bool `json:"acceptClosingClosed"`
	// RefuseDeletingClosed answers the deletion of a closed conversation with 400, code 50377.
	RefuseDeletingClosed bool `json:"refuseDeletingClosed"`
	// ClosedFreesUniqueName lets another conversation take the unique name of a closed conversation.
	ClosedFreesUniqueName bool `json:"closedFreesUniqueName"`
	// NameHeldAfterDelete is how long, by the simulator's clock, a create with the unique name of a deleted
	// conversation is answered with 409, code 50391.
	NameHeldAfterDelete time.Duration `json:"nameHeldAfterDelete"`
	// UniqueNameMax is the longest unique name, in characters. Left out: 256.
	UniqueNameMax int `json:"uniqueNameMax"`
	// CountAttributesInCharacters limits attributes by characters, not by bytes.
	CountAttributesInCharacters bool `json:"countAttributesInCharacters"`
	// RefuseScalarAttributes refuses attributes that are JSON but not an object, with 50304.
	RefuseScalarAttributes bool `json:"refuseScalarAttributes"`
	// NormalizeAttributes re-encodes attributes (keys sorted, no spaces). Otherwise attributes stay verbatim.
	NormalizeAttributes bool `json:"normalizeAttributes"`
	// KeepBindings ignores empty Bindings.Email.* values on update. Otherwise such values clear the binding.
	KeepBindings bool `json:"keepBindings"`
	// GroupListsByState sorts undated lists by state first: initializing, active, inactive, closed.
	GroupListsByState bool `json:"groupListsByState"`
	// CompareEndDateExactly excludes from a list the conversations that were created within the second of EndDate, but
	// after the start of the second.
	CompareEndDateExactly bool `json:"compareEndDateExactly"`
	// RefusePartialDays answers with 400 if the time of StartDate is not T00:00:00Z, or the time of EndDate is not
	// T23:59:59Z.
	RefusePartialDays bool `json:"refusePartialDays"`
	// RefusalStatus is the HTTP status of the errors 50374 to 50390, except 50377. Left out: 400.
	RefusalStatus int `json:"refusalStatus"`
	// ServiceNotFoundCode is the code of the 404 for an unknown service, 20404 or 50050. Left out: 20404.
	ServiceNotFoundCode int `json:"serviceNotFoundCode"`
	// SparseAnswers omits the values that old recordings lack: date_updated of a new conversation is null, and bindings
	// and links.export are missing.
	SparseAnswers bool `json:"sparseAnswers"`
	// InitializingFor is how long, by the simulator's clock, a conversation with participants stays initializing after
	// its creation. Left out: 2 s.
	InitializingFor time.Duration `json:"initializingFor"`
}
