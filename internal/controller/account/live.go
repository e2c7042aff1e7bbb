// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package account

import (
	"cmp"
	"sync/atomic"

	"github.com/conversations-operator/conversations-operator/internal/twilio"
	"github.com/conversations-operator/conversations-operator/internal/twilio/budget"
)

// Live is an account that this process can talk for.
type Live struct {
	Client *twilio.Client
	// Budget is the Twilio account's, most how many requests the object allows to be under way (0: it does not say).
	Budget  *budget.Budget
	most    int
	Version Version
	// SID of the account that the credentials belong to, as Twilio told when they were checked; empty if it did not tell.
	// Whatever is concluded from an answer to this client is concluded for this account.
	SID string
	// Suspect: Twilio rejected its credentials since they were last found good; nobody else asks until that is checked.
	Suspect atomic.Bool
	// Claimed is the account that the Secret names, which proves nothing.
	Claimed string
	// told is the account that an answer to this client named; nil: none did.
	told atomic.Pointer[string]
	// service is the account's default Conversation Service, as an answer said; nil: none did.
	service atomic.Pointer[string]
	// Clock is Twilio's.
	Clock clock
	// KeepsMarks: an answer to a create showed the mark that was sent.
	KeepsMarks atomic.Bool
}

// Hear notes the account that an answer names. news: nobody knew it, or it is another than the credentials are for, so
// that the credentials are to be checked again.
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

// inherit takes over what another client of the same credentials learned.
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

// tells is the account that answers to this client named; empty if none did.
func (l *Live) tells() string {
	if told := l.told.Load(); told != nil {
		return *told
	}
	return l.SID
}
