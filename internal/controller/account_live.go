// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"cmp"
	"crypto/sha256"
	"sync/atomic"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
	"github.com/conversations-operator/conversations-operator/internal/twilio/budget"
)

// credentialsVersion tells apart everything a client is made from.
type credentialsVersion struct {
	// secret is the version of the Secret in which its content was first seen.
	secret v1alpha1.CredentialsStatus
	// content is a digest, which leaves this process as little as the content does.
	content      [sha256.Size]byte
	region, edge string
}

// liveAccount is an account that this process can talk for.
type liveAccount struct {
	client *twilio.Client
	// budget is the Twilio account's, most how many requests the object allows to be under way (0: it does not say).
	budget  *budget.Budget
	most    int
	version credentialsVersion
	// sid of the account that the credentials belong to, as Twilio told when they were checked; empty if it did not tell.
	// Whatever is concluded from an answer to this client is concluded for this account.
	sid string
	// suspect: Twilio rejected its credentials since they were last found good; nobody else asks until that is checked.
	suspect atomic.Bool
	// claimed is the account that the Secret names, which proves nothing.
	claimed string
	// told is the account that an answer to this client named; nil: none did.
	told atomic.Pointer[string]
	// service is the account's default Conversation Service, as an answer said; nil: none did.
	service atomic.Pointer[string]
	// clock is Twilio's.
	clock clock
	// keepsMarks: an answer to a create showed the mark that was sent.
	keepsMarks atomic.Bool
}

// hear notes the account that an answer names. news: nobody knew it, or it is another than the credentials are for, so
// that the credentials are to be checked again.
func (l *liveAccount) hear(sid string) (news bool) {
	if sid == "" || sid == l.sid {
		return false
	}
	was := l.told.Swap(&sid)
	return was == nil || *was != sid
}

// serves notes the account's default Conversation Service.
func (l *liveAccount) serves(sid string) {
	if sid != "" {
		l.service.Store(&sid)
	}
}

// inherit takes over what another client of the same credentials learned.
func (l *liveAccount) inherit(other *liveAccount) {
	if last := other.clock.last.Load(); last != nil {
		l.clock.last.Store(last)
	}
	if service := other.service.Load(); service != nil {
		l.service.Store(service)
	}
	if other.keepsMarks.Load() {
		l.keepsMarks.Store(true)
	}
}

// regionOf is the Region that the account leads to; empty: us1.
func regionOf(acct Account) string {
	if region := acct.CommonSpec().Region; region != v1alpha1.DefaultRegion {
		return region
	}
	return ""
}

// contradicted tells whether an answer named another account than the credentials are for.
func (l *liveAccount) contradicted() bool {
	want := cmp.Or(l.sid, l.claimed)
	return want != "" && l.tells() != want
}

// tells is the account that answers to this client named; empty if none did.
func (l *liveAccount) tells() string {
	if told := l.told.Load(); told != nil {
		return *told
	}
	return l.sid
}
