// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package budget

import "time"

// reservationLife is how long a dispatched seat is reserved for its requester.
const reservationLife = 5 * time.Second

// reservation is a dispatched seat which its requester has not taken yet.
type reservation struct {
	Request
	ends time.Time
	// borrowed: the requester reads on the seat before the write.
	borrowed bool
}

// expire takes back the seats for which no requester came.
func (b *Budget) expire(now time.Time) {
	for key, v := range b.reservations {
		if !v.borrowed && !now.Before(v.ends) {
			delete(b.reservations, key)
		}
	}
}

// hold gives no seats until the given time. Requests with a reservation go to the head of their queues.
func (b *Budget) hold(until, now time.Time) {
	b.held = later(b.held, until)
	b.revoke(now, func(*reservation) bool { return true })
}

// revoke ends reservations, and puts their requests at the head of their queues.
func (b *Budget) revoke(now time.Time, which func(*reservation) bool) {
	for key, v := range b.reservations {
		if which(v) {
			delete(b.reservations, key)
			b.enqueue(v.Request, now, true)
		}
	}
}
