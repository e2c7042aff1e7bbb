// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package account

import (
	"cmp"
	"context"
	"sync"

	"github.com/conversations-operator/conversations-operator/internal/controller/vanished"
	"github.com/conversations-operator/conversations-operator/internal/kube"
	"github.com/conversations-operator/conversations-operator/internal/tenancy"
	"github.com/conversations-operator/conversations-operator/internal/twilio/budget"
)

// Registry is this process' knowledge of the accounts, in one entry for each account. The account controllers fill the
// entries, the other controllers read them. An entry ends when its account is gone.
type Registry struct {
	mu      sync.RWMutex
	entries map[tenancy.Key]*entry
	// Vanished counts the vanished conversations of the Twilio accounts.
	Vanished *vanished.Losses
	wake     func(key string)
}

// entry is this process' knowledge of one account object.
type entry struct {
	// live is the connected account; nil: not connected. waiting has the keys of the objects to wake once the account is
	// connected.
	live    *Live
	waiting map[string]bool
	// halted: the account's vanished conversations wait for the user's consent; haltTold: the account's status says so.
	halted, haltTold bool
	// lastCheck is the finding about credentials which Twilio did not take; nil: no finding.
	lastCheck *lastCheck
	// requested is the check that the user requested last since this process began, by the annotation's value.
	requested string
	// version is the last seen version of the credentials; nil: never seen.
	version *Version

	fresh                  kube.Freshness
	setback, statusSetback kube.Setback
	warning                kube.Warning
}

// NewRegistry makes a registry without accounts. The registry calls wake with the key of an object whose account was
// connected.
func NewRegistry(wake func(key string)) *Registry {
	return &Registry{entries: map[tenancy.Key]*entry{}, Vanished: vanished.NewLosses(), wake: wake}
}

// note changes the entry of an account.
func (a *Registry) note(key tenancy.Key, change func(*entry)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	change(a.entryOf(key))
}

// recall answers the entry of an account.
func (a *Registry) recall(key tenancy.Key) entry {
	a.mu.RLock()
	defer a.mu.RUnlock()
	if e := a.entries[key]; e != nil {
		return *e
	}
	return entry{}
}

func (a *Registry) entryOf(key tenancy.Key) *entry {
	e := a.entries[key]
	if e == nil {
		e = &entry{}
		a.entries[key] = e
	}
	return e
}

// Halt begins a halt, which the status does not show yet.
func (a *Registry) Halt(key tenancy.Key) {
	a.note(key, func(e *entry) { e.halted, e.haltTold = true, false })
}

// Halted tells whether the account is halted, and whether its status shows the halt already.
func (a *Registry) Halted(key tenancy.Key) (is, told bool) {
	e := a.recall(key)
	return e.halted, e.haltTold
}

// Stopped tells whether vanished conversations stay uncreated. The status shows a halt later than this process knows
// the halt, and shows the end of the halt sooner: both sources count.
func (a *Registry) Stopped(acct tenancy.Account) bool {
	return a.recall(tenancy.KeyOf(acct)).halted || tenancy.Halted(acct)
}

// HaltTold notes a status which shows the halt.
func (a *Registry) HaltTold(key tenancy.Key) {
	a.note(key, func(e *entry) { e.halted, e.haltTold = true, true })
}

// EndHalt lets vanished conversations of the account be recreated again.
func (a *Registry) EndHalt(key tenancy.Key) {
	a.note(key, func(e *entry) { e.halted, e.haltTold = false, false })
}

// TooMany tells whether more conversations of a Twilio account vanished than the operator recreates unasked.
func (a *Registry) TooMany(ctx context.Context, r tenancy.Resolver, key tenancy.Key, of string) (bool, error) {
	gone, managed := a.Vanished.Count(of, key), 0
	if !vanished.Mishap(gone, managed) {
		// So few are no mishap, however many there are.
		return false, nil
	}
	for key := range a.leadingTo(of) {
		used, err := r.UsedBy(ctx, key)
		if err != nil {
			return false, err
		}
		managed += len(used)
	}
	return vanished.Mishap(gone, managed), nil
}

// forget ends the entry of a deleted account: a new account under the same name begins without the entry.
func (a *Registry) forget(key tenancy.Key) {
	a.Vanished.Forget(key)
	a.drop(key)
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.entries, key)
}

// request notes a check requested by the user.
func (a *Registry) request(key tenancy.Key, at string) {
	a.note(key, func(e *entry) { e.requested = at })
}

// Requested tells whether the user requested the check with this annotation value since this process began.
func (a *Registry) Requested(key tenancy.Key, at string) bool { return a.recall(key).requested == at }

// seen answers the version under which this process knows the credentials: labels, annotations and finalizers of a
// Secret change its resource version without a meaning for the credentials. anew begins with a new version in any case.
func (a *Registry) seen(key tenancy.Key, version Version, anew bool) Version {
	a.mu.Lock()
	defer a.mu.Unlock()
	e := a.entryOf(key)
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

// leadingTo are the account objects which lead to a Twilio account.
func (a *Registry) leadingTo(of string) map[tenancy.Key]bool {
	a.mu.RLock()
	defer a.mu.RUnlock()
	out := a.Vanished.Accounts(of)
	for key, e := range a.entries {
		if WhoseLoss(key, e.live) == of {
			out[key] = true
		}
	}
	return out
}

// Lookup answers the connected account; nil: not connected.
func (a *Registry) Lookup(key tenancy.Key) *Live { return a.recall(key).live }

// set connects an account, and wakes the objects waiting for the account.
func (a *Registry) set(key tenancy.Key, live *Live) { a.change(key, live) }

// drop disconnects an account. drop wakes the waiting objects too, so that their status names the fault of the account.
func (a *Registry) drop(key tenancy.Key) { a.change(key, nil) }

func (a *Registry) change(key tenancy.Key, live *Live) {
	a.mu.Lock()
	e := a.entryOf(key)
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

// Await lets an object be woken once its account is connected anew; false if the account was connected anew since the
// object looked the account up.
func (a *Registry) Await(key tenancy.Key, had *Live, object string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	e := a.entryOf(key)
	if e.live != had {
		return false
	}
	if e.waiting == nil {
		e.waiting = map[string]bool{}
	}
	e.waiting[object] = true
	return true
}

// bound gives a budget the smallest limit of the account objects which lead to the budget.
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

// throttled wakes the accounts which lead to a budget, so that their status shows a long hold of the budget, or its
// end.
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
		a.wakeAccount(key)
	}
}

// wakeAccount lets the account's reconciler look at the account.
func (a *Registry) wakeAccount(key tenancy.Key) {
	a.wake(kube.QueueKey(string(key.Kind), key.NamespacedName))
}

// WroteTo notes a write of an account object by this process.
func (a *Registry) WroteTo(acct tenancy.Account) {
	a.note(tenancy.KeyOf(acct), func(e *entry) { e.fresh.Wrote(acct) })
}

// Stale tells whether the copy of an account object is older than this process' last write of the object.
func (a *Registry) Stale(acct tenancy.Account) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	e := a.entries[tenancy.KeyOf(acct)]
	return e != nil && e.fresh.Stale(acct)
}
