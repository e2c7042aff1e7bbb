// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package budget_test

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/conversations-operator/conversations-operator/internal/twilio"
	"github.com/conversations-operator/conversations-operator/internal/twilio/budget"
)

func TestWhatASeatIsGoodFor(t *testing.T) {
	none := func(*testBudget) *budget.Seat { return nil }
	seat := func(d *testBudget) *budget.Seat { return d.acquire("a/1", budget.Edit, budget.ConversationRate("CH1")) }
	toRead := func(d *testBudget) *budget.Seat { return d.acquire("a/1", budget.Edit, "") }
	released := func(d *testBudget) *budget.Seat {
		p := seat(d)
		p.Release()
		return p
	}
	foreign := func(*testBudget) *budget.Seat { return seat(newTestBudget(1)) }
	for _, c := range []struct {
		name, method string
		seat         func(*testBudget) *budget.Seat
		want         int
	}{
		{"a seat is good for one write", http.MethodPost, seat, 1},
		{"a seat is good for reads that follow", http.MethodGet, seat, 3},
		{"a seat to read is good for reads", http.MethodGet, toRead, 3},
		{"a seat to read is good for no write", http.MethodPost, toRead, 0},
		{"a write without a seat is not sent", http.MethodPost, none, 0},
		{"a deletion without a seat is not sent", http.MethodDelete, none, 0},
		{"a read without a seat is sent, as a check of credentials is", http.MethodGet, none, 3},
		{"a seat that was released is good for nothing", http.MethodPost, released, 0},
		{"a seat that was released is not good for reads either", http.MethodGet, released, 0},
		{"a seat of another account is good for nothing", http.MethodPost, foreign, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, f := newTestBudget(1), &fakeTwilio{answer: fine}
			p, ctx := c.seat(d), t.Context()
			if p != nil {
				ctx = budget.WithSeat(ctx, p)
			}
			sent, refused := attempts(ctx, d, f, c.method)
			if sent != c.want || refused != 3-c.want || f.arrived() != c.want {
				t.Errorf("of 3 requests %d were sent and %d refused, want %d sent; %d arrived", sent, refused, c.want, f.arrived())
			}
			if p != nil {
				p.Release()
				p.Release()
			}
			if got := d.budget.Stats().InFlight; got != 0 {
				t.Errorf("%d are under way at the end", got)
			}
		})
	}
}

// attempts sends three requests, and counts those that were sent and those that were refused.
func attempts(ctx context.Context, d *testBudget, f *fakeTwilio, method string) (sent, refused int) {
	for range 3 {
		_, err := try(ctx, d, f, method)
		switch e, _ := errors.AsType[*twilio.Error](err); {
		case err == nil:
			sent++
		case errors.Is(err, twilio.ErrThrottled) && !e.Sent():
			refused++
		}
	}
	return sent, refused
}
