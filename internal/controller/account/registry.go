// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package account

import (
	"cmp"
	"sync"

	"github.com/conversations-operator/conversations-operator/internal/kube"
	"github.com/conversations-operator/conversations-operator/internal/tenancy"
	"github.com/conversations-operator/conversations-operator/internal/twilio/budget"
)

// Registry holds the accounts of this process, filled by the account controllers and read by the others.
type Registry struct {
	mu   sync.RWMutex
	live map[tenancy.Key]*Live
	// halts are the accounts whose vanished conversations wait for a word of the user, each with whether its status says so.
	halts    map[tenancy.Key]bool
	Vanished *Vanished
	// waiting are the keys of those who are woken once their account is connected.
	waiting map[tenancy.Key]map[string]bool
	wake    func(key string)
	// lastChecks are what was found of the credentials that Twilio did not take.
	lastChecks map[tenancy.Key]lastCheck
	// requests are the checks that the user asked for since this process began, by the annotation's value.
	requests map[tenancy.Key]string
	// versions are the credentials that were last seen.
	versions map[tenancy.Key]Version
}

// NewRegistry makes a registry without accounts. wake is called with the key of an object whose account was connected.
func NewRegistry(wake func(key string)) *Registry {
	return &Registry{
		live: map[tenancy.Key]*Live{}, halts: map[tenancy.Key]bool{}, Vanished: NewVanished(),
		waiting: map[tenancy.Key]map[string]bool{}, lastChecks: map[tenancy.Key]lastCheck{}, versions: map[tenancy.Key]Version{},
		requests: map[tenancy.Key]string{},
		wake:     wake,
	}
}

// Halt begins a halt, which is still to be told in the status.
func (a *Registry) Halt(key tenancy.Key) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.halts[key] = false
}

// Halted tells whether the account is halted, and whether its status said so already.
func (a *Registry) Halted(key tenancy.Key) (is, told bool) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	told, is = a.halts[key]
	return is, told
}

// Stopped tells whether nothing that vanished is recreated: the status shows a halt after it began, and its end before it is
// known here.
func (a *Registry) Stopped(acct tenancy.Account) bool {
	is, _ := a.Halted(tenancy.KeyOf(acct))
	return is || tenancy.Halted(acct)
}

// HaltTold notes that the status tells of the halt.
func (a *Registry) HaltTold(key tenancy.Key) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.halts[key] = true
}

// EndHalt lets vanished conversations of the account be recreated again.
func (a *Registry) EndHalt(key tenancy.Key) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.halts, key)
}

// forget ends what is remembered of an account that is gone: one made anew under its name begins without it.
func (a *Registry) forget(key tenancy.Key) {
	a.EndHalt(key)
	a.Vanished.Forget(key)
	a.drop(key)
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.versions, key)
	delete(a.requests, key)
}

// request notes a check that the user asks for.
func (a *Registry) request(key tenancy.Key, at string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.requests[key] = at
}

// Requested tells whether the user asked for that check since this process began.
func (a *Registry) Requested(key tenancy.Key, at string) bool {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.requests[key] == at
}

// seen answers the version under which the credentials are known: labels, annotations and finalizers of a Secret change its
// resource version, and mean nothing. anew forgets what was known of them.
func (a *Registry) seen(key tenancy.Key, version Version, anew bool) Version {
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
func (a *Registry) leadingTo(of string) map[tenancy.Key]bool {
	a.mu.RLock()
	defer a.mu.RUnlock()
	out := a.Vanished.accounts(of)
	for key, live := range a.live {
		if WhoseLoss(key, live) == of {
			out[key] = true
		}
	}
	return out
}

// Lookup answers the connected account; nil: it is not connected.
func (a *Registry) Lookup(key tenancy.Key) *Live {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.live[key]
}

// set connects an account, and wakes who waits for that.
func (a *Registry) set(key tenancy.Key, live *Live) { a.change(key, live) }

// drop disconnects an account. Who waits is woken too: what is wrong with the account is to be told.
func (a *Registry) drop(key tenancy.Key) { a.change(key, nil) }

func (a *Registry) change(key tenancy.Key, live *Live) {
	a.mu.Lock()
	was := a.live[key]
	if live == nil {
		delete(a.live, key)
	} else {
		a.live[key] = live
		a.bound(live.Budget)
	}
	if was != nil {
		a.bound(was.Budget)
	}
	waiting := a.waiting[key]
	delete(a.waiting, key)
	delete(a.lastChecks, key)
	a.mu.Unlock()
	for object := range waiting {
		a.wake(object)
	}
}

// Await lets an object be woken once its account is connected anew; false if that happened since it had the account.
func (a *Registry) Await(key tenancy.Key, had *Live, object string) bool {
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
func (a *Registry) bound(b *budget.Budget) {
	most := 0
	for _, live := range a.live {
		if own := cmp.Or(live.most, budget.DefaultMaxConcurrent); live.Budget == b && (most == 0 || own < most) {
			most = own
		}
	}
	b.SetMaxConcurrent(most)
}

// throttled wakes the accounts that lead to a budget, whose status is to tell that it is held for long.
func (a *Registry) throttled(b *budget.Budget) {
	a.mu.RLock()
	var keys []tenancy.Key
	for key, live := range a.live {
		if live.Budget == b {
			keys = append(keys, key)
		}
	}
	a.mu.RUnlock()
	for _, key := range keys {
		a.wake(kube.QueueKey(string(key.Kind), key.NamespacedName))
	}
}
