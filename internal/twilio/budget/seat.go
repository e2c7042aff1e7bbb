// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package budget

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// Seat is the right to have one request under way. A Seat is good for reads, one after another, and for one write if
// the request named a rate limiter. The holder must release the Seat.
type Seat struct {
	b *Budget
	r Request
	// borrowedFrom is the reservation of a write whose seat a read uses.
	borrowedFrom *reservation
	// wrote: the write was sent.
	wrote, released atomic.Bool
}

// seat occupies a seat.
func (b *Budget) seat(r Request, borrowedFrom *reservation) *Seat {
	b.inFlight++
	b.seats.occupied++
	if r.Rate != "" {
		b.seats.writes++
	}
	return &Seat{b: b, r: r, borrowedFrom: borrowedFrom}
}

// PriorityLevel is the level in which the seat was dispatched.
func (s *Seat) PriorityLevel() PriorityLevel { return s.r.PriorityLevel }

// Promote makes a seat for reads good for an update of a conversation, and reports whether the seat is good for the
// update: not if the rate limiter of the conversation, the breaker or a hold does not allow the update at once. A
// requester whose reads lead to an update then need not queue and read again.
func (s *Seat) Promote(r Request) bool {
	if !strings.HasPrefix(r.Rate, conversationRate) || s.r.Rate != "" || s.borrowedFrom != nil {
		return false
	}
	s.b.mu.Lock()
	defer s.b.mu.Unlock()
	now := time.Now()
	if s.b.closed || now.Before(s.b.held) || !s.b.mayWrite(now) || now.Before(s.b.ready(r.Rate)) {
		return false
	}
	s.b.dequeue(r.waitKey())
	s.b.rateLimiter(r.Rate, now).take(now)
	s.b.seats.writes++
	s.r = r
	return true
}

// Release frees the seat.
func (s *Seat) Release() {
	if s.released.Swap(true) {
		return
	}
	s.b.change(func(now time.Time) {
		s.b.seats.occupied--
		if s.r.Rate != "" {
			s.b.seats.writes--
		}
		if s.borrowedFrom != nil {
			s.borrowedFrom.borrowed, s.borrowedFrom.ends = false, now.Add(reservationLife)
		}
		s.b.leave(now)
	})
}

// enter and leave count a request.
func (b *Budget) enter(time.Time) { b.inFlight++ }

func (b *Budget) leave(now time.Time) {
	b.inFlight--
	b.idleSince = now
}

type seatKey struct{}

// WithSeat lets requests under the context go out on the seat.
func WithSeat(ctx context.Context, s *Seat) context.Context {
	return context.WithValue(ctx, seatKey{}, s)
}

// SeatOf is the seat of a request under the context; nil without a seat.
func SeatOf(ctx context.Context) *Seat {
	s, _ := ctx.Value(seatKey{}).(*Seat)
	return s
}

// Transport counts every request of the account, and learns from the answers. Transport refuses a write without a seat
// for a write, and a second write on the same seat, as [twilio.ErrThrottled]. A read without a seat, such as a check of
// credentials, goes out at once.
func (b *Budget) Transport(next http.RoundTripper) http.RoundTripper { return transport{b, next} }

type transport struct {
	b    *Budget
	next http.RoundTripper
}

// RoundTrip sends the request if the request has a seat.
func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	s := SeatOf(r.Context())
	reads := r.Method == http.MethodGet
	switch {
	case s != nil && s.b == t.b && !s.released.Load() && (reads || s.r.Rate != "" && !s.wrote.Swap(true)):
	case s == nil && reads:
		s = &Seat{}
		t.b.change(t.b.enter)
		defer t.b.change(t.b.leave)
	default:
		if r.Body != nil {
			_ = r.Body.Close()
		}
		return nil, twilio.NotSent("the request has no seat")
	}
	resp, err := t.next.RoundTrip(r)
	if err == nil || !errors.Is(r.Context().Err(), context.Canceled) {
		t.b.observe(s.r.Key, !reads, resp)
	}
	return resp, err
}
