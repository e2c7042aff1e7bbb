// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package budget_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/conversations-operator/conversations-operator/internal/twilio"
	"github.com/conversations-operator/conversations-operator/internal/twilio/budget"
)

// crowd sends a request for each of its keys, as the operator does: whoever has no seat waits to be woken, whoever is
// refused or gets no answer comes back later.
type crowd struct {
	*testBudget
	far     *fakeTwilio
	request func(key string) budget.Request
	// at is the fake time at which each was served.
	mu   sync.Mutex
	at   map[string]time.Time
	left atomic.Int64
}

func newCrowd(t *testing.T, most int, f *fakeTwilio) *crowd {
	t.Helper()
	c := &crowd{testBudget: newTestBudget(most), far: f, at: map[string]time.Time{}}
	c.request = func(key string) budget.Request { return request(key, budget.Edit, budget.ConversationRate(key)) }
	t.Cleanup(c.attend(t))
	return c
}

// attend lets everybody have the seat who is woken, until the returned function is called.
func (c *crowd) attend(t *testing.T) (stop func()) {
	end := make(chan struct{})
	go func() {
		for {
			select {
			case key := <-c.woken:
				go c.attempt(t, key, 0)
			case <-end:
				return
			}
		}
	}()
	return func() { close(end) }
}

// come lets so many ask, all at once.
func (c *crowd) come(t *testing.T, flow string, n int) {
	t.Helper()
	c.left.Add(int64(n))
	for i := range n {
		go c.attempt(t, fmt.Sprintf("%s/%d", flow, i), 0)
	}
}

func (c *crowd) attempt(t *testing.T, key string, failures int) {
	a := c.request(key)
	p := c.budget.Acquire(a)
	if p == nil {
		return
	}
	answer := send(t, c.testBudget, c.far, p, a)
	p.Release()
	switch {
	case answer.status == 0, answer.status >= http.StatusInternalServerError:
		c.later(t, key, min(failures+1, 10), min(500*time.Millisecond<<failures, time.Minute))
	case answer.status == http.StatusTooManyRequests:
		after, _ := strconv.Atoi(answer.header.Get("Retry-After"))
		c.later(t, key, failures, max(time.Second, time.Duration(after)*time.Second))
	default:
		c.mu.Lock()
		c.at[key] = time.Now()
		c.mu.Unlock()
		c.left.Add(-1)
	}
}

func (c *crowd) later(t *testing.T, key string, failures int, after time.Duration) {
	select {
	case <-time.After(after):
		c.attempt(t, key, failures)
	case <-t.Context().Done():
	}
}

// send sends on a seat what was asked for: a write, or a read where that has no rate.
func send(t *testing.T, d *testBudget, f *fakeTwilio, p *budget.Seat, a budget.Request) reply {
	method := http.MethodPost
	if a.Rate == "" {
		method = http.MethodGet
	}
	answer, err := try(budget.WithSeat(t.Context(), p), d, f, method)
	if _, refused := errors.AsType[*twilio.Error](err); refused {
		t.Errorf("a request on a seat was refused: %v", err)
	}
	return answer
}

// try sends a request.
func try(ctx context.Context, d *testBudget, f *fakeTwilio, method string) (reply, error) {
	r, err := http.NewRequestWithContext(ctx, method, "https://conversations.twilio.com/v1/Conversations", nil)
	if err != nil {
		return reply{}, err
	}
	resp, err := d.budget.Transport(f).RoundTrip(r)
	if err != nil {
		return reply{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	return reply{resp.StatusCode, resp.Header}, nil
}

// all waits until nobody is left, and fails the test if that takes longer.
func (c *crowd) all(t *testing.T, within time.Duration) time.Duration {
	t.Helper()
	start := time.Now()
	for c.left.Load() > 0 {
		if time.Since(start) > within {
			t.Fatalf("%d are left after %s: %+v", c.left.Load(), within, c.budget.Stats())
		}
		elapse(10 * time.Millisecond)
	}
	return time.Since(start)
}
