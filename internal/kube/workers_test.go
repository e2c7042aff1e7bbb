// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// crew runs a controller's workers on a queue until the queue ends.
type crew struct {
	*Workers
	queue workqueue.TypedRateLimitingInterface[reconcile.Request]
	all   sync.WaitGroup
	mu    sync.Mutex
	begun []string
}

// newCrew has so many workers, and room for so many who wait for Twilio. Each object is worked on by do.
func newCrew(most, away int, do func(c *crew, name string)) *crew {
	c := &crew{Workers: NewWorkers(most)}
	o := c.Options(away)
	c.queue = o.NewQueue("test", backoff())
	for range o.MaxConcurrentReconciles {
		c.all.Go(func() {
			for {
				item, shutdown := c.queue.Get()
				if shutdown {
					return
				}
				c.mu.Lock()
				c.begun = append(c.begun, item.Name)
				c.mu.Unlock()
				do(c, item.Name)
				c.queue.Done(item)
			}
		})
	}
	return c
}

// end shuts the queue down, and waits for the workers.
func (c *crew) end() {
	c.queue.ShutDown()
	c.all.Wait()
	// What the queue runs in the background ends at its next tick.
	<-time.After(time.Minute)
}

func (c *crew) seen() []string {
	synctest.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Sorted(slices.Values(c.begun))
}

func TestWhoWaitsForTwilioLeavesTheWorkerToOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		answer := make(chan struct{})
		c := newCrew(1, 2, func(c *crew, name string) {
			if name[:4] == "hang" {
				c.Leave()
				<-answer
				c.Back()
			}
		})
		for _, name := range []string{"hang-1", "hang-2", "quick"} {
			c.queue.Add(object(name))
		}
		if diff := cmp.Diff([]string{"hang-1", "hang-2", "quick"}, c.seen()); diff != "" {
			t.Errorf("before any answer: %s", diff)
		}
		close(answer)
		c.queue.Add(object("later"))
		if diff := cmp.Diff([]string{"hang-1", "hang-2", "later", "quick"}, c.seen()); diff != "" {
			t.Errorf("after the answers: %s", diff)
		}
		c.end()
	})
}

func TestNoMoreWorkAtATimeThanThereAreWorkers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const most = 3
		var mu sync.Mutex
		working, peak := 0, 0
		c := newCrew(most, 10, func(*crew, string) {
			mu.Lock()
			working++
			peak = max(peak, working)
			mu.Unlock()
			<-time.After(time.Second)
			mu.Lock()
			working--
			mu.Unlock()
		})
		for _, name := range []string{"a", "b", "c", "d", "e", "f", "g"} {
			c.queue.Add(object(name))
		}
		<-time.After(10 * time.Second)
		if got := c.seen(); len(got) != 7 || peak != most {
			t.Errorf("%d of 7 were worked on, %d at a time, want %d", len(got), peak, most)
		}
		c.end()
	})
}

func TestWorkersEndThatWaitForAPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		finish := make(chan struct{})
		c := newCrew(1, 5, func(*crew, string) { <-finish })
		c.queue.Add(object("long"))
		c.seen()
		time.AfterFunc(time.Second, func() { close(finish) })
		c.end()
	})
}
