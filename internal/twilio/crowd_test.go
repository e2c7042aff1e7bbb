// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// far is Twilio on the other side of a slow line.
type far struct {
	// answer of a request that arrives when so many are under way, itself included; write, if set, that of a write.
	answer, write func(underWay int) reply
	latency       time.Duration

	mu       sync.Mutex
	underWay int
	most     int
	times    []time.Time
	statuses map[int]int
	// methods of the requests.
	methods map[string]int
}

func (f *far) RoundTrip(r *http.Request) (*http.Response, error) {
	f.mu.Lock()
	f.underWay++
	f.most = max(f.most, f.underWay)
	f.times = append(f.times, time.Now())
	answering := f.answer
	if f.write != nil && r.Method != http.MethodGet {
		answering = f.write
	}
	answer := answering(f.underWay)
	if f.statuses == nil {
		f.statuses, f.methods = map[int]int{}, map[string]int{}
	}
	f.methods[r.Method]++
	f.statuses[answer.status]++
	f.mu.Unlock()
	select {
	case <-time.After(f.latency):
	case <-r.Context().Done():
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.underWay--
	if answer.status == 0 || r.Context().Err() != nil {
		return nil, errors.New("connection refused")
	}
	return &http.Response{StatusCode: answer.status, Header: answer.header, Body: http.NoBody}, nil
}

// between is how many requests arrived in a span since start.
func (f *far) between(start time.Time, from, to time.Duration) (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, at := range f.times {
		if since := at.Sub(start); since >= from && since < to {
			n++
		}
	}
	return n
}

// reply is an answer; the zero value is none.
type reply struct {
	status int
	header http.Header
}

func status(code int, header ...string) reply {
	r := reply{status: code, header: http.Header{}}
	for i := 0; i < len(header); i += 2 {
		r.header.Set(header[i], header[i+1])
	}
	return r
}

func fine(int) reply { return status(http.StatusCreated) }

// crowd sends a request for each of its keys, as the operator does: whoever has no turn waits to be woken, whoever is
// refused or gets no answer comes back later.
type crowd struct {
	*desk
	far *far
	ask func(key string) twilio.Ask
	// at is the fake time at which each was served.
	mu   sync.Mutex
	at   map[string]time.Time
	left atomic.Int64
}

func newCrowd(t *testing.T, most int, f *far) *crowd {
	t.Helper()
	c := &crowd{desk: newDesk(most), far: f, at: map[string]time.Time{}}
	c.ask = func(key string) twilio.Ask { return asking(key, twilio.ClassEdit, twilio.PaceConversation(key)) }
	t.Cleanup(c.attend(t))
	return c
}

// attend lets everybody have the turn who is woken, until the returned function is called.
func (c *crowd) attend(t *testing.T) (stop func()) {
	end := make(chan struct{})
	go func() {
		for {
			select {
			case key := <-c.woken:
				go c.turn(t, key, 0)
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
		go c.turn(t, fmt.Sprintf("%s/%d", flow, i), 0)
	}
}

func (c *crowd) turn(t *testing.T, key string, failures int) {
	a := c.ask(key)
	p := c.budget.Acquire(a)
	if p == nil {
		return
	}
	answer := send(t, c.desk, c.far, p, a)
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
		c.turn(t, key, failures)
	case <-t.Context().Done():
	}
}

// send sends on a permit what was asked for: a write, or a read where that has no pace.
func send(t *testing.T, d *desk, f *far, p *twilio.Permit, a twilio.Ask) reply {
	method := http.MethodPost
	if a.Pace == "" {
		method = http.MethodGet
	}
	answer, err := try(twilio.WithPermit(t.Context(), p), d, f, method)
	if _, refused := errors.AsType[*twilio.Error](err); refused {
		t.Errorf("a request on a permit was refused: %v", err)
	}
	return answer
}

// try sends a request.
func try(ctx context.Context, d *desk, f *far, method string) (reply, error) {
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

func TestTheLimitFindsWhatTwilioBears(t *testing.T) {
	for _, c := range []struct {
		name        string
		most, bears int
		header      []string
		wantMost    int
	}{
		{name: "where it bears more than is allowed, all that is allowed is used", most: 20, bears: 100, wantMost: 20},
		{name: "where it bears less, few are refused", most: 100, bears: 12, wantMost: 24},
		{name: "where it bears one, few are refused", most: 100, bears: 1, wantMost: 3},
		{name: "where it says when to come back, few are refused", most: 100, bears: 12, header: []string{"Retry-After", "2"}, wantMost: 24},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &far{latency: 50 * time.Millisecond, answer: func(underWay int) reply {
					if underWay > c.bears {
						return status(http.StatusTooManyRequests, c.header...)
					}
					return status(http.StatusOK)
				}}
				crowd := newCrowd(t, c.most, f)
				crowd.come(t, "a", 10_000)
				crowd.all(t, 20*time.Minute)
				if f.most > c.wantMost {
					t.Errorf("%d were under way at once, want at most %d", f.most, c.wantMost)
				}
				refused := f.statuses[http.StatusTooManyRequests]
				if refused > 100 {
					t.Errorf("%d of 10,000 were refused, more than one in a hundred", refused)
				}
				if got := crowd.budget.Stats().Throttled; got != int64(refused) {
					t.Errorf("%d throttled answers were counted, want %d", got, refused)
				}
			})
		})
	}
}

func TestTheLimitLeavesRoomForOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &far{latency: 50 * time.Millisecond, answer: func(underWay int) reply {
			return status(http.StatusOK, "Twilio-Concurrent-Requests", strconv.Itoa(underWay+50))
		}}
		c := newCrowd(t, 20, f)
		c.come(t, "a", 500)
		c.all(t, 20*time.Minute)
		if f.most > 2 {
			t.Errorf("%d were under way beside 50 of others", f.most)
		}
	})
}

func TestTheLimitStartsSmallAgainAfterARest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &far{latency: 50 * time.Millisecond, answer: fine}
		c := newCrowd(t, 20, f)
		c.come(t, "a", 200)
		c.all(t, time.Minute)
		if f.most != 20 {
			t.Fatalf("%d were under way at most, want 20", f.most)
		}
		elapse(10 * time.Second)
		f.latency, f.most = time.Hour, 0
		c.come(t, "b", 200)
		elapse(time.Minute)
		if f.most != 2 {
			t.Errorf("%d were sent before the first was answered, want 2", f.most)
		}
	})
}

func TestA429HoldsTheWholeAccount(t *testing.T) {
	for _, c := range []struct {
		name   string
		header []string
		want   time.Duration
	}{
		{"for as long as it says", []string{"Retry-After", "7"}, 7 * time.Second},
		{"until the date that it says", []string{"Retry-After", "Sat, 01 Jan 2000 00:00:07 GMT"}, 7 * time.Second},
		{"until the date that it says by its own clock, which is late",
			[]string{"Retry-After", "Fri, 31 Dec 1999 23:00:07 GMT", "Date", "Fri, 31 Dec 1999 23:00:00 GMT"}, 7 * time.Second},
		{"until the date that it says by its own clock, which is early",
			[]string{"Retry-After", "Sat, 01 Jan 2000 01:00:07 GMT", "Date", "Sat, 01 Jan 2000 01:00:00 GMT"}, 7 * time.Second},
		{"for half a second where it says nothing", nil, 500 * time.Millisecond},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				f := &far{answer: func(int) reply {
					if time.Now().Equal(start) {
						return status(http.StatusTooManyRequests, c.header...)
					}
					return status(http.StatusOK)
				}}
				crowd := newCrowd(t, 20, f)
				crowd.come(t, "a", 50)
				elapse(time.Minute)
				if n := f.between(start, time.Nanosecond, c.want); n > 0 {
					t.Errorf("%d were sent in the meantime", n)
				}
				if n := f.between(start, c.want, c.want+time.Millisecond); n == 0 {
					t.Error("nothing was sent after that")
				}
				crowd.all(t, 0)
			})
		})
	}
}

func TestATurnThatWasGivenBeforeA429IsNotUsedBeforeItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(2)
		permits := d.fill(t)
		d.ask("a/1", twilio.ClassEdit, "")
		d.ask("a/2", twilio.ClassEdit, "")
		permits[0].Release()
		if got := d.calls(); len(got) != 1 || got[0] != "a/1" {
			t.Fatalf("%v were woken", got)
		}
		send(t, d, &far{answer: func(int) reply { return status(http.StatusTooManyRequests) }}, permits[1], asking("", twilio.ClassEdit, ""))
		permits[1].Release()
		if d.ask("a/1", twilio.ClassEdit, "") != nil {
			t.Error("a/1 had a turn while the account is held")
		}
		elapse(time.Second)
		if got := d.calls(); len(got) != 1 || got[0] != "a/1" {
			t.Errorf("%v had the next turn, want a/1", got)
		}
	})
}

func TestPermits(t *testing.T) {
	none := func(*desk) *twilio.Permit { return nil }
	turn := func(d *desk) *twilio.Permit { return d.ask("a/1", twilio.ClassEdit, twilio.PaceConversation("CH1")) }
	toRead := func(d *desk) *twilio.Permit { return d.ask("a/1", twilio.ClassEdit, "") }
	released := func(d *desk) *twilio.Permit {
		p := turn(d)
		p.Release()
		return p
	}
	foreign := func(*desk) *twilio.Permit { return turn(newDesk(1)) }
	for _, c := range []struct {
		name, method string
		permit       func(*desk) *twilio.Permit
		want         int
	}{
		{"a turn is good for one write", http.MethodPost, turn, 1},
		{"a turn is good for reads that follow", http.MethodGet, turn, 3},
		{"a turn to read is good for reads", http.MethodGet, toRead, 3},
		{"a turn to read is good for no write", http.MethodPost, toRead, 0},
		{"a write without a turn is not sent", http.MethodPost, none, 0},
		{"a deletion without a turn is not sent", http.MethodDelete, none, 0},
		{"a read without a turn is sent, as a check of credentials is", http.MethodGet, none, 3},
		{"a turn that was released is good for nothing", http.MethodPost, released, 0},
		{"a turn that was released is not good for reads either", http.MethodGet, released, 0},
		{"a turn of another account is good for nothing", http.MethodPost, foreign, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, f := newDesk(1), &far{answer: fine}
			p, ctx := c.permit(d), t.Context()
			if p != nil {
				ctx = twilio.WithPermit(ctx, p)
			}
			sent, refused := attempts(ctx, d, f, c.method)
			if sent != c.want || refused != 3-c.want || len(f.times) != c.want {
				t.Errorf("of 3 requests %d were sent and %d refused, want %d sent; %d arrived", sent, refused, c.want, len(f.times))
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
func attempts(ctx context.Context, d *desk, f *far, method string) (sent, refused int) {
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
