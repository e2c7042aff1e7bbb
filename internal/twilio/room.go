// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio

import "sync/atomic"

// Room is what the budgets of all accounts share: there is room for so many turns at a time. Once half of it is taken,
// each account has at most two turns at a time, so that accounts that do not answer leave room for those that do. It is
// safe for concurrent use.
type Room struct {
	most  int64
	taken atomic.Int64
}

// roomShare is how many turns each account may have while room is scarce. Two are enough for the pace of a service while
// Twilio answers within 66 ms.
const roomShare = 2

// NewRoom makes room for so many turns at a time.
func NewRoom(turns int) *Room { return &Room{most: int64(turns)} }

func (r *Room) scarce() bool { return r.taken.Load() >= r.most/2 }

// count takes as much room as the account has turns now, given ones included.
func (b *Budget) count() {
	turns := b.turns.out + len(b.grants)
	b.o.Room.taken.Add(int64(turns - b.turns.counted))
	b.turns.counted = turns
}
