// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package budget

import "sync/atomic"

// SeatPool is the number of seats which the budgets of all accounts share. Once half of the seats are occupied, each
// account has at most two, so that accounts without answers leave seats for accounts with answers. A SeatPool is safe
// for concurrent use.
type SeatPool struct {
	most     int64
	occupied atomic.Int64
}

// scarceSeats is how many seats each account may have while seats are scarce. Two are enough for the rate limit of a
// service as long as Twilio answers within 66 ms.
const scarceSeats = 2

// NewSeatPool makes a pool of so many seats.
func NewSeatPool(seats int) *SeatPool { return &SeatPool{most: int64(seats)} }

func (p *SeatPool) scarce() bool { return p.occupied.Load() >= p.most/2 }

// countSeats tells the pool how many seats the account has now, reserved seats included.
func (b *Budget) countSeats() {
	now := b.seats.occupied + len(b.reservations)
	b.o.Pool.occupied.Add(int64(now - b.seats.counted))
	b.seats.counted = now
}
