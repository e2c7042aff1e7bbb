// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// Permit is a turn: it is good for reads, one after another, and for one write if a pace was asked for, and must be
// released.
type Permit struct {
	b   *Budget
	ask Ask
	// lent is the turn that a read is on, if it has yet to be taken.
	lent *grant
	// wrote: the write was sent.
	wrote, released atomic.Bool
}

// permit begins a turn.
func (b *Budget) permit(a Ask, lent *grant) *Permit {
	b.inFlight++
	b.turns.out++
	if a.Pace != "" {
		b.turns.writes++
	}
	return &Permit{b: b, ask: a, lent: lent}
}

// Class is what the turn was asked as.
func (p *Permit) Class() Class { return p.ask.Class }

// Take makes the turn one for an update of a conversation, and answers whether it is now: not if that conversation's
// pace, or anything else, does not allow it at once. Who read to find out what to write need not queue and read again.
func (p *Permit) Take(a Ask) bool {
	if !strings.HasPrefix(a.Pace, pacedConversation) || p.ask.Pace != "" || p.lent != nil {
		return false
	}
	p.b.mu.Lock()
	defer p.b.mu.Unlock()
	now := time.Now()
	if p.b.closed || now.Before(p.b.held) || !p.b.mayWrite(now) || now.Before(p.b.ready(a.Pace)) {
		return false
	}
	p.b.unqueue(a.place())
	p.b.paceOf(a.Pace, now).take(now)
	p.b.turns.writes++
	p.ask = a
	return true
}

// Release ends the turn.
func (p *Permit) Release() {
	if p.released.Swap(true) {
		return
	}
	p.b.change(func(now time.Time) {
		p.b.turns.out--
		if p.ask.Pace != "" {
			p.b.turns.writes--
		}
		if p.lent != nil {
			p.lent.lent, p.lent.ends = false, now.Add(grantLife)
		}
		p.b.leave(now)
	})
}

// enter and leave count a request.
func (b *Budget) enter(time.Time) { b.inFlight++ }

func (b *Budget) leave(now time.Time) {
	b.inFlight--
	b.rested = now
}

type permitKey struct{}

// WithPermit lets requests under the context go out on the permit.
func WithPermit(ctx context.Context, p *Permit) context.Context {
	return context.WithValue(ctx, permitKey{}, p)
}

// PermitOf is the permit that a request under the context goes out on; nil if there is none.
func PermitOf(ctx context.Context) *Permit {
	p, _ := ctx.Value(permitKey{}).(*Permit)
	return p
}

// Transport counts every request of the account, whoever sends it, and learns from the answers. A write without a permit
// for one, and a second one on the same permit, are refused as [ErrThrottled]; a read without one, as a check of credentials is,
// goes out at once.
func (b *Budget) Transport(next http.RoundTripper) http.RoundTripper { return budgeted{b, next} }

type budgeted struct {
	b    *Budget
	next http.RoundTripper
}

func (t budgeted) RoundTrip(r *http.Request) (*http.Response, error) {
	p := PermitOf(r.Context())
	reads := r.Method == http.MethodGet
	switch {
	case p != nil && p.b == t.b && !p.released.Load() && (reads || p.ask.Pace != "" && !p.wrote.Swap(true)):
	case p == nil && reads:
		p = &Permit{}
		t.b.change(t.b.enter)
		defer t.b.change(t.b.leave)
	default:
		if r.Body != nil {
			_ = r.Body.Close()
		}
		return nil, &Error{Status: http.StatusTooManyRequests, Message: "the request has no turn", unsent: true}
	}
	resp, err := t.next.RoundTrip(r)
	if err == nil || !errors.Is(r.Context().Err(), context.Canceled) {
		t.b.learn(p.ask.Key, !reads, resp)
	}
	return resp, err
}
