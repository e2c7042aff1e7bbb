// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package account

import (
	"cmp"
	"sync/atomic"

	"github.com/conversations-operator/conversations-operator/internal/tenancy"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
	"github.com/conversations-operator/conversations-operator/internal/twilio/budget"
)

// Live is a connected account: this process can send requests for the account.
type Live struct {
	Client *twilio.Client
	// Budget is the Twilio account's budget. most is how many requests at a time the object allows (0: as many as the
	// default).
	Budget  *budget.Budget
	most    int
	Version Version
	// SID of the credentials' account, as Twilio named the account at the check; empty if Twilio did not. A conclusion
	// from an answer to this client is a conclusion for this account.
	SID string
	// Suspect: Twilio rejected the credentials since the last good check. Until the next check, no object sends a request.
	Suspect atomic.Bool
	// Claimed is the account named by the Secret. The Secret's word proves nothing.
	Claimed string
	// rotates: the client has spare credentials. again is when to ask about the credentials of a rotation again.
	rotates bool
	again   recheck
	// told is the account named by an answer to this client; nil: no answer named an account.
	told atomic.Pointer[string]
	// service is the account's default Conversation Service by an answer; nil: no answer named the service.
	service atomic.Pointer[string]
	// Clock is Twilio's clock.
	Clock clock
	// KeepsMarks: an answer to a create showed the mark of the create.
	KeepsMarks atomic.Bool
}

// Hear notes the account named by an answer. news: the account was unknown before, or is another account than the
// credentials are for; the credentials are to be checked again.
func (l *Live) Hear(sid string) (news bool) {
	if sid == "" || sid == l.SID {
		return false
	}
	was := l.told.Swap(&sid)
	return was == nil || *was != sid
}

// Serves notes the account's default Conversation Service.
func (l *Live) Serves(sid string) {
	if sid != "" {
		l.service.Store(&sid)
	}
}

// inherit takes over the knowledge of another client with the same credentials.
func (l *Live) inherit(other *Live) {
	if last := other.Clock.last.Load(); last != nil {
		l.Clock.last.Store(last)
	}
	if service := other.service.Load(); service != nil {
		l.service.Store(service)
	}
	if other.KeepsMarks.Load() {
		l.KeepsMarks.Store(true)
	}
}

// Contradicted tells whether an answer named another account than the credentials are for.
func (l *Live) Contradicted() bool {
	want := cmp.Or(l.SID, l.Claimed)
	return want != "" && l.tells() != want
}

// tells is the account named by the answers to this client; empty if no answer named an account.
func (l *Live) tells() string {
	if told := l.told.Load(); told != nil {
		return *told
	}
	return l.SID
}

// WhoseLoss names the Twilio account to which an account object leads.
func WhoseLoss(key tenancy.Key, live *Live) string {
	if live == nil || live.SID == "" {
		return key.Index()
	}
	return live.SID + " in " + live.Version.Region
}
