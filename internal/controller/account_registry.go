// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"cmp"
	"sync"

	"github.com/conversations-operator/conversations-operator/internal/twilio/budget"
)

// accounts holds the accounts of this process, filled by the account controllers and read by the others.
type accounts struct {
	mu   sync.RWMutex
	live map[accountKey]*liveAccount
	// halts are the accounts whose vanished conversations wait for a word of the user, each with whether its status says so.
	halts map[accountKey]bool
	gone  *vanished
	// waiting are the keys of those who are woken once their account is connected.
	waiting map[accountKey]map[string]bool
	wake    func(key string)
	// lastChecks are what was found of the credentials that Twilio did not take.
	lastChecks map[accountKey]lastCheck
	// requests are the checks that the user asked for since this process began, by the annotation's value.
	requests map[accountKey]string
	// versions are the credentials that were last seen.
	versions map[accountKey]credentialsVersion
}

func newAccounts(wake func(key string)) *accounts {
	return &accounts{
		live: map[accountKey]*liveAccount{}, halts: map[accountKey]bool{}, gone: newVanished(),
		waiting: map[accountKey]map[string]bool{}, lastChecks: map[accountKey]lastCheck{}, versions: map[accountKey]credentialsVersion{},
		requests: map[accountKey]string{},
		wake:     wake,
	}
}

// halt begins a halt, which is still to be told in the status.
func (a *accounts) halt(key accountKey) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.halts[key] = false
}

// halted tells whether the account is halted, and whether its status said so already.
func (a *accounts) halted(key accountKey) (is, told bool) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	told, is = a.halts[key]
	return is, told
}

// stopped tells whether nothing that vanished is recreated: the status shows a halt after it began, and its end before it is
// known here.
func (a *accounts) stopped(acct Account) bool {
	is, _ := a.halted(keyOf(acct))
	return is || halted(acct)
}

// haltTold notes that the status tells of the halt.
func (a *accounts) haltTold(key accountKey) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.halts[key] = true
}

func (a *accounts) endHalt(key accountKey) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.halts, key)
}

// forget ends what is remembered of an account that is gone: one made anew under its name begins without it.
func (a *accounts) forget(key accountKey) {
	a.endHalt(key)
	a.gone.forget(key)
	a.drop(key)
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.versions, key)
	delete(a.requests, key)
}

// request notes a check that the user asks for.
func (a *accounts) request(key accountKey, at string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.requests[key] = at
}

// requested tells whether the user asked for that check since this process began.
func (a *accounts) requested(key accountKey, at string) bool {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.requests[key] == at
}

// seen answers the version under which the credentials are known: labels, annotations and finalizers of a Secret change its
// resource version, and mean nothing. anew forgets what was known of them.
func (a *accounts) seen(key accountKey, version credentialsVersion, anew bool) credentialsVersion {
	a.mu.Lock()
	defer a.mu.Unlock()
	known, ok := a.versions[key]
	same := known
	same.secret.SecretResourceVersion = version.secret.SecretResourceVersion
	if ok && !anew && same == version {
		return known
	}
	a.versions[key] = version
	return version
}

// leadingTo are the account objects that lead to a Twilio account.
func (a *accounts) leadingTo(of string) map[accountKey]bool {
	a.mu.RLock()
	defer a.mu.RUnlock()
	out := a.gone.accounts(of)
	for key, live := range a.live {
		if whoseLoss(key, live) == of {
			out[key] = true
		}
	}
	return out
}

func (a *accounts) lookup(key accountKey) *liveAccount {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.live[key]
}

// set connects an account, and wakes who waits for that.
func (a *accounts) set(key accountKey, live *liveAccount) { a.change(key, live) }

// drop disconnects an account. Who waits is woken too: what is wrong with the account is to be told.
func (a *accounts) drop(key accountKey) { a.change(key, nil) }

func (a *accounts) change(key accountKey, live *liveAccount) {
	a.mu.Lock()
	was := a.live[key]
	if live == nil {
		delete(a.live, key)
	} else {
		a.live[key] = live
		a.bound(live.budget)
	}
	if was != nil {
		a.bound(was.budget)
	}
	waiting := a.waiting[key]
	delete(a.waiting, key)
	delete(a.lastChecks, key)
	a.mu.Unlock()
	for object := range waiting {
		a.wake(object)
	}
}

// await lets an object be woken once its account is connected anew; false if that happened since it had the account.
func (a *accounts) await(key accountKey, had *liveAccount, object string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.live[key] != had {
		return false
	}
	if a.waiting[key] == nil {
		a.waiting[key] = map[string]bool{}
	}
	a.waiting[key][object] = true
	return true
}

// bound lets a budget have the least of what the objects that lead to it allow.
func (a *accounts) bound(b *budget.Budget) {
	most := 0
	for _, live := range a.live {
		if own := cmp.Or(live.most, budget.DefaultMaxConcurrent); live.budget == b && (most == 0 || own < most) {
			most = own
		}
	}
	b.SetMaxConcurrent(most)
}

// throttled wakes the accounts that lead to a budget, whose status is to tell that it is held for long.
func (a *accounts) throttled(b *budget.Budget) {
	a.mu.RLock()
	var keys []accountKey
	for key, live := range a.live {
		if live.budget == b {
			keys = append(keys, key)
		}
	}
	a.mu.RUnlock()
	for _, key := range keys {
		a.wake(waking(string(key.Kind), key.NamespacedName))
	}
}
