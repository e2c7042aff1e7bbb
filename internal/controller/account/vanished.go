// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package account

import (
	"maps"
	"sync"

	"k8s.io/apimachinery/pkg/types"

	"github.com/conversations-operator/conversations-operator/internal/tenancy"
)

// Vanished counts the objects whose conversation vanished, by Twilio account: many account objects may lead to one
// Twilio account, each with few conversations.
type Vanished struct {
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

// NewVanished makes a count which begins at zero.
func NewVanished() *Vanished { return &Vanished{by: map[string]map[types.UID]Loss{}} }

// WhoseLoss names the Twilio account to which an account object leads.
func WhoseLoss(key tenancy.Key, live *Live) string {
	if live == nil || live.SID == "" {
		return key.Index()
	}
	return live.SID + " in " + live.Version.Region
}

// Note adds an object.
func (v *Vanished) Note(of string, uid types.UID, l Loss) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.by[of] == nil {
		v.by[of] = map[types.UID]Loss{}
	}
	v.by[of][uid] = l
}

// Count answers how many conversations of a Twilio account vanished. Waiting objects of this account object do not
// count again: an earlier halt counted them.
func (v *Vanished) Count(of string, account tenancy.Key) (n int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, l := range v.by[of] {
		if l.Account != account || !l.Held {
			n++
		}
	}
	return n
}

// accounts are the account objects with vanished conversations in the Twilio account.
func (v *Vanished) accounts(of string) map[tenancy.Key]bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	out := map[tenancy.Key]bool{}
	for _, l := range v.by[of] {
		out[l.Account] = true
	}
	return out
}

// Begin forgets the losses found by the drift check of the account object before this check.
func (v *Vanished) Begin(account tenancy.Key) {
	v.drop(func(l Loss) bool { return l.Account == account && l.Listed })
}

// End forgets the losses found by looks at single objects before a drift check of their account object ended.
func (v *Vanished) End(account tenancy.Key) {
	v.drop(func(l Loss) bool { return l.Account == account && !l.Listed })
}

// Forget drops all losses of an account object.
func (v *Vanished) Forget(account tenancy.Key) {
	v.drop(func(l Loss) bool { return l.Account == account })
}

func (v *Vanished) drop(which func(Loss) bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for of, losses := range v.by {
		maps.DeleteFunc(losses, func(_ types.UID, l Loss) bool { return which(l) })
		if len(losses) == 0 {
			delete(v.by, of)
		}
	}
}
