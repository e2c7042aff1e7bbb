// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package account

import (
	"maps"
	"sync"

	"k8s.io/apimachinery/pkg/types"

	"github.com/conversations-operator/conversations-operator/internal/tenancy"
)

// Vanished counts the objects whose conversation was found to have vanished, by Twilio account: many account objects may
// lead to one, each with few conversations.
type Vanished struct {
	mu sync.Mutex
	by map[string]map[types.UID]Loss
}

// Loss is an object whose conversation vanished.
type Loss struct {
	// Account is the object that leads to the Twilio account.
	Account tenancy.Key
	// Listed: a drift check found it. held: it waits already, with others, for a word of the user.
	Listed, Held bool
}

// NewVanished makes a count of conversations of which none vanished.
func NewVanished() *Vanished { return &Vanished{by: map[string]map[types.UID]Loss{}} }

// WhoseLoss names the Twilio account that an account object leads to.
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

// Count answers how many conversations of a Twilio account are gone. Those of this account object that wait already were
// counted before.
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

// accounts are the account objects of which something vanished.
func (v *Vanished) accounts(of string) map[tenancy.Key]bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	out := map[tenancy.Key]bool{}
	for _, l := range v.by[of] {
		out[l.Account] = true
	}
	return out
}

// Begin forgets what the drift check of an account object before this one found.
func (v *Vanished) Begin(account tenancy.Key) {
	v.drop(func(l Loss) bool { return l.Account == account && l.Listed })
}

// End forgets what looks at single objects found before a drift check of their account object ended.
func (v *Vanished) End(account tenancy.Key) {
	v.drop(func(l Loss) bool { return l.Account == account && !l.Listed })
}

// Forget drops all that vanished of an account object.
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
