// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"maps"
	"sync"

	"k8s.io/apimachinery/pkg/types"
)

// vanished counts the objects whose conversation was found to have vanished, by Twilio account: many account objects may
// lead to one, each with few conversations.
type vanished struct {
	mu sync.Mutex
	by map[string]map[types.UID]loss
}

// loss is an object whose conversation vanished.
type loss struct {
	// account is the object that leads to the Twilio account.
	account accountKey
	// listed: a drift check found it. held: it waits already, with others, for a word of the user.
	listed, held bool
}

func newVanished() *vanished { return &vanished{by: map[string]map[types.UID]loss{}} }

// whoseLoss names the Twilio account that an account object leads to.
func whoseLoss(key accountKey, live *liveAccount) string {
	if live == nil || live.sid == "" {
		return key.index()
	}
	return live.sid + " in " + live.version.region
}

// note adds an object.
func (v *vanished) note(of string, uid types.UID, l loss) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.by[of] == nil {
		v.by[of] = map[types.UID]loss{}
	}
	v.by[of][uid] = l
}

// count answers how many conversations of a Twilio account are gone. Those of this account object that wait already were
// counted before.
func (v *vanished) count(of string, account accountKey) (n int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, l := range v.by[of] {
		if l.account != account || !l.held {
			n++
		}
	}
	return n
}

// accounts are the account objects of which something vanished.
func (v *vanished) accounts(of string) map[accountKey]bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	out := map[accountKey]bool{}
	for _, l := range v.by[of] {
		out[l.account] = true
	}
	return out
}

// begin forgets what the drift check of an account object before this one found.
func (v *vanished) begin(account accountKey) {
	v.drop(func(l loss) bool { return l.account == account && l.listed })
}

// end forgets what looks at single objects found before a drift check of their account object ended.
func (v *vanished) end(account accountKey) {
	v.drop(func(l loss) bool { return l.account == account && !l.listed })
}

// forget drops all that vanished of an account object.
func (v *vanished) forget(account accountKey) {
	v.drop(func(l loss) bool { return l.account == account })
}

func (v *vanished) drop(which func(loss) bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for of, losses := range v.by {
		maps.DeleteFunc(losses, func(_ types.UID, l loss) bool { return which(l) })
		if len(losses) == 0 {
			delete(v.by, of)
		}
	}
}
