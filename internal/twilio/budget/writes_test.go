// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package budget_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/conversations-operator/conversations-operator/internal/twilio/budget"
)

// creators are a crowd of which each object looks, after a create whose answer was lost, whether that took effect.
type creators struct {
	*crowd
	mu   sync.Mutex
	lost map[string]bool
}

func newCreators(t *testing.T, f *fakeTwilio) *creators {
	c := &creators{crowd: &crowd{testBudget: newTestBudget(20), far: f, at: map[string]time.Time{}}, lost: map[string]bool{}}
	stop := make(chan struct{})
	go func() {
		for {
			select {
			case key := <-c.woken:
				go c.pass(t, key)
			case <-stop:
				return
			}
		}
	}()
	t.Cleanup(func() { close(stop) })
	return c
}

func (c *creators) pass(t *testing.T, key string) {
	c.mu.Lock()
	looks := c.lost[key]
	c.mu.Unlock()
	if looks && !c.request(t, key, "") {
		return
	}
	c.request(t, key, budget.ServiceRate(""))
}

// request sends one request if there is a seat for it, and answers whether it was answered.
func (c *creators) request(t *testing.T, key, rate string) bool {
	a := request(key, budget.Edit, rate)
	p := c.budget.Acquire(a)
	if p == nil {
		return false
	}
	answer := send(t, c.testBudget, c.far, p, a)
	p.Release()
	if answer.status != 0 {
		if rate != "" {
			c.left.Add(-1)
		}
		return true
	}
	c.mu.Lock()
	c.lost[key] = true
	c.mu.Unlock()
	go func() {
		select {
		case <-time.After(time.Second):
			c.pass(t, key)
		case <-t.Context().Done():
		}
	}()
	return false
}

func TestAnOutageOfWritesAloneCostsAHandfulOfRequests(t *testing.T) {
	for _, c := range []struct {
		name string
		// reads work, or do not.
		reads func(int) reply
	}{
		{"while reads work", fine},
		{"while nothing works", func(int) reply { return reply{} }},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const objects = 60
				f := &fakeTwilio{latency: 2 * time.Second, answer: c.reads, write: func(int) reply { return reply{} }}
				crowd := newCreators(t, f)
				crowd.left.Add(objects)
				for i := range objects {
					go crowd.pass(t, fmt.Sprintf("a/%d", i))
				}
				elapse(20 * time.Second)
				within(t, "objects whose create failed", len(crowd.lost), 5, 8)
				within(t, "requests in 20 seconds", f.arrived(), 8, 24)
				if s := crowd.budget.Stats(); !s.Open {
					t.Errorf("the breaker is not open: %+v", s)
				}
				f.mu.Lock()
				f.answer, f.write, f.latency = fine, fine, 50*time.Millisecond
				f.mu.Unlock()
				crowd.all(t, 30*time.Second)
				if s := crowd.budget.Stats(); s.Open {
					t.Errorf("the breaker is open still: %+v", s)
				}
			})
		})
	}
}

func TestReadsGoOnWhileWritesHang(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeTwilio{latency: 50 * time.Millisecond, answer: fine, write: func(int) reply { return reply{} }}
		writers := newCreators(t, f)
		writers.left.Add(10)
		for i := range 10 {
			go writers.pass(t, fmt.Sprintf("a/%d", i))
		}
		elapse(time.Second)
		if s := writers.budget.Stats(); !s.Open || s.Held {
			t.Fatalf("not the writes, and they alone, are held: %+v", s)
		}
		start := time.Now()
		for i := range 400 {
			for {
				p := writers.acquire(fmt.Sprintf("reader/%d", i), budget.Drift, "")
				if p != nil {
					send(t, writers.testBudget, f, p, request("", budget.Drift, ""))
					p.Release()
					break
				}
				elapse(time.Millisecond)
			}
		}
		within(t, "milliseconds for 400 reads", int(time.Since(start).Milliseconds()), 400*50, 400*60)
		p := writers.acquire("reader/1", budget.Drift, "")
		if p.Promote(request("reader/1", budget.Drift, budget.ConversationRate("CH1"))) {
			t.Error("a seat to read became one to write")
		}
		p.Release()
		within(t, "writes meanwhile", f.methods[http.MethodPost], 5, 12)
	})
}
