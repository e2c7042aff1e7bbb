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

// Registry is what this process knows of the accounts, in one entry for each, filled by the account controllers and read by the
// others. An entry ends when its account is gone.
type Registry struct {
	mu      sync.RWMutex
	entries map[tenancy.Key]*entry
	// Vanished counts the conversations that vanished of the Twilio accounts.
	Vanished *Vanished
	wake     func(key string)
}

// entry is what is known of one account object.
type entry struct {
	// live is the connected account; nil: it is not connected. waiting are the keys of those who are woken once it is.
	live    *Live
	waiting map[string]bool
	// halted: the account's vanished conversations wait for a word of the user; haltTold: its status says so.
	halted, haltTold bool
	// lastCheck is what was found of credentials that Twilio did not take; nil: nothing.
	lastCheck *lastCheck
	// requested is the check that the user asked for last since this process began, by the annotation's value.
	requested string
	// version is the version of the credentials that was last seen; nil: none was.
	version *Version

	fresh                  kube.Freshness
	setback, statusSetback kube.Setback
	warning                kube.Warning
}

// NewRegistry makes a registry without accounts. wake is called with the key of an object whose account was connected.
func NewRegistry(wake func(key string)) *Registry {
	return &Registry{entries: map[tenancy.Key]*entry{}, Vanished: NewVanished(), wake: wake}
}

// note changes what is known of an account.
func (a *Registry) note(key tenancy.Key, change func(*entry)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	change(a.of(key))
}

// recall answers what is known of an account.
func (a *Registry) recall(key tenancy.Key) entry {
	a.mu.RLock()
	defer a.mu.RUnlock()
	if e := a.entries[key]; e != nil {
		return *e
	}
	return entry{}
}

func (a *Registry) of(key tenancy.Key) *entry {
	e := a.entries[key]
	if e == nil {
		e = &entry{}
		a.entries[key] = e
	}
	return e
}

// Halt begins a halt, which is still to be told in the status.
func (a *Registry) Halt(key tenancy.Key) {
	a.note(key, func(e *entry) { e.halted, e.haltTold = true, false })
}

// Halted tells whether the account is halted, and whether its status said so already.
func (a *Registry) Halted(key tenancy.Key) (is, told bool) {
	e := a.recall(key)
	return e.halted, e.haltTold
}

// Stopped tells whether nothing that vanished is recreated: the status shows a halt after it began, and its end before it is
// known here.
func (a *Registry) Stopped(acct tenancy.Account) bool {
	return a.recall(tenancy.KeyOf(acct)).halted || tenancy.Halted(acct)
}

// HaltTold notes that the status tells of the halt.
func (a *Registry) HaltTold(key tenancy.Key) {
	a.note(key, func(e *entry) { e.halted, e.haltTold = true, true })
}

// EndHalt lets vanished conversations of the account be recreated again.
func (a *Registry) EndHalt(key tenancy.Key) {
	a.note(key, func(e *entry) { e.halted, e.haltTold = false, false })
}

// forget ends what is known of an account that is gone: one made anew under its name begins without it.
func (a *Registry) forget(key tenancy.Key) {
	a.Vanished.Forget(key)
	a.drop(key)
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.entries, key)
}

// request notes a check that the user asks for.
func (a *Registry) request(key tenancy.Key, at string) {
	a.note(key, func(e *entry) { e.requested = at })
}

// Requested tells whether the user asked for that check since this process began.
func (a *Registry) Requested(key tenancy.Key, at string) bool { return a.recall(key).requested == at }

// seen answers the version under which the credentials are known: labels, annotations and finalizers of a Secret change its
// resource version, and mean nothing. anew forgets what was known of them.
func (a *Registry) seen(key tenancy.Key, version Version, anew bool) Version {
	a.mu.Lock()
	defer a.mu.Unlock()
	e := a.of(key)
	if e.version != nil && !anew {
		same := *e.version
		same.secret.SecretResourceVersion = version.secret.SecretResourceVersion
		if same == version {
			return *e.version
		}
	}
	e.version = &version
	return version
}

// leadingTo are the account objects that lead to a Twilio account.
func (a *Registry) leadingTo(of string) map[tenancy.Key]bool {
	a.mu.RLock()
	defer a.mu.RUnlock()
	out := a.Vanished.accounts(of)
	for key, e := range a.entries {
		if WhoseLoss(key, e.live) == of {
			out[key] = true
		}
	}
	return out
}

// Lookup answers the connected account; nil: it is not connected.
func (a *Registry) Lookup(key tenancy.Key) *Live { return a.recall(key).live }

// set connects an account, and wakes who waits for that.
func (a *Registry) set(key tenancy.Key, live *Live) { a.change(key, live) }

// drop disconnects an account. Who waits is woken too: what is wrong with the account is to be told.
func (a *Registry) drop(key tenancy.Key) { a.change(key, nil) }

func (a *Registry) change(key tenancy.Key, live *Live) {
	a.mu.Lock()
	e := a.of(key)
	was, waiting := e.live, e.waiting
	e.live, e.waiting, e.lastCheck = live, nil, nil
	for _, l := range []*Live{live, was} {
		if l != nil {
			a.bound(l.Budget)
		}
	}
	a.mu.Unlock()
	for object := range waiting {
		a.wake(object)
	}
}

// Await lets an object be woken once its account is connected anew; false if that happened since it had the account.
func (a *Registry) Await(key tenancy.Key, had *Live, object string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	e := a.of(key)
	if e.live != had {
		return false
	}
	if e.waiting == nil {
		e.waiting = map[string]bool{}
	}
	e.waiting[object] = true
	return true
}

// bound lets a budget have the least of what the objects that lead to it allow.
func (a *Registry) bound(b *budget.Budget) {
	most := 0
	for _, e := range a.entries {
		if e.live == nil || e.live.Budget != b {
			continue
		}
		if own := cmp.Or(e.live.most, budget.DefaultMaxConcurrent); most == 0 || own < most {
			most = own
		}
	}
	b.SetMaxConcurrent(most)
}

// throttled wakes the accounts that lead to a budget, whose status is to tell that it is held for long.
func (a *Registry) throttled(b *budget.Budget) {
	a.mu.RLock()
	var keys []tenancy.Key
	for key, e := range a.entries {
		if e.live != nil && e.live.Budget == b {
			keys = append(keys, key)
		}
	}
	a.mu.RUnlock()
	for _, key := range keys {
		a.wake(kube.QueueKey(string(key.Kind), key.NamespacedName))
	}
}

// WroteTo notes a write of an account object by this process.
func (a *Registry) WroteTo(acct tenancy.Account) {
	a.note(tenancy.KeyOf(acct), func(e *entry) { e.fresh.Wrote(acct) })
}

// Stale tells whether the copy of an account object is older than this process' last write of it.
func (a *Registry) Stale(acct tenancy.Account) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	e := a.entries[tenancy.KeyOf(acct)]
	return e != nil && e.fresh.Stale(acct)
}
