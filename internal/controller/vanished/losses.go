// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package vanished has the count of the conversations that vanished at Twilio, and the halt: if too many vanish at once, none of them is
// recreated before the user consents.
package vanished

import (
	"maps"
	"sync"

	"k8s.io/apimachinery/pkg/types"

	"github.com/conversations-operator/conversations-operator/internal/tenancy"
)

// Losses counts the objects whose conversation vanished, by Twilio account: many account objects may lead to one
// Twilio account, each with few conversations.
type Losses struct {
	mu sync.Mutex
	by map[string]map[types.UID]Loss
}

// Loss is an object whose conversation vanished.
type Loss struct {
	// Account is the account object of the conversation.
	Account tenancy.Key
	// Listed: a drift check found the loss. Held: the object waits already, with other objects, for the user's consent.
	Listed, Held bool
}

// NewLosses makes a count which begins at zero.
func NewLosses() *Losses { return &Losses{by: map[string]map[types.UID]Loss{}} }

// Note adds an object.
func (v *Losses) Note(of string, uid types.UID, l Loss) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.by[of] == nil {
		v.by[of] = map[types.UID]Loss{}
	}
	v.by[of][uid] = l
}

// Count answers how many conversations of a Twilio account vanished. Waiting objects of this account object do not
// count again: an earlier halt counted them.
func (v *Losses) Count(of string, account tenancy.Key) (n int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, l := range v.by[of] {
		if l.Account != account || !l.Held {
			n++
		}
	}
	return n
}

// Accounts are the account objects with vanished conversations in the Twilio account.
func (v *Losses) Accounts(of string) map[tenancy.Key]bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	out := map[tenancy.Key]bool{}
	for _, l := range v.by[of] {
		out[l.Account] = true
	}
	return out
}

// Begin forgets the losses found by the drift check of the account object before this check.
func (v *Losses) Begin(account tenancy.Key) {
	v.drop(func(l Loss) bool { return l.Account == account && l.Listed })
}

// End forgets the losses found by looks at single objects before a drift check of their account object ended.
func (v *Losses) End(account tenancy.Key) {
	v.drop(func(l Loss) bool { return l.Account == account && !l.Listed })
}

// Forget drops all losses of an account object.
func (v *Losses) Forget(account tenancy.Key) {
	v.drop(func(l Loss) bool { return l.Account == account })
}

func (v *Losses) drop(which func(Loss) bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for of, losses := range v.by {
		maps.DeleteFunc(losses, func(_ types.UID, l Loss) bool { return which(l) })
		if len(losses) == 0 {
			delete(v.by, of)
		}
	}
}
