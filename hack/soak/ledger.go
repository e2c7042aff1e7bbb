// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"sync"

	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

// ledger is what happened at Twilio, read from the simulator's log before that forgets it.
type ledger struct {
	mu sync.Mutex
	// seen are the numbers of the requests so far: the log has them in the order in which they ended. last is the highest.
	seen map[int64]bool
	last int64
	// failed are how many of them met a fault.
	failed int
	// made are the conversations that were created, by unique name: each name is one object's.
	made map[string]map[string]bool
}

func newLedger() *ledger { return &ledger{seen: map[int64]bool{}, made: map[string]map[string]bool{}} }

func (l *ledger) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return fmt.Sprintf("%d requests to Twilio, %d of them with a fault", len(l.seen), l.failed)
}

// follow reads the log until end.
func (s *soak) follow(ctx, end context.Context) error {
	return every(end, logPeriod, func() error { return s.read(ctx) })
}

func (s *soak) read(ctx context.Context) error {
	requests, err := s.Twilio.Requests(ctx)
	if err != nil {
		return err
	}
	s.ledger.enter(requests)
	return nil
}

func (l *ledger) enter(requests []simulator.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range requests {
		if l.seen[r.N] {
			continue
		}
		l.seen[r.N] = true
		l.last = max(l.last, r.N)
		if r.Fault != "" {
			l.failed++
		}
		if name := r.Form.Get("UniqueName"); r.Operation == simulator.OperationCreate && r.SID != "" {
			if l.made[name] == nil {
				l.made[name] = map[string]bool{}
			}
			l.made[name][r.SID] = true
		}
	}
}

// missed are how many requests the log forgot before they were read.
func (l *ledger) missed() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return int(l.last) - len(l.seen)
}

// created are how many conversations there ever were, and twice the unique names that had more than one.
func (l *ledger) created() (n int, twice []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for name, sids := range l.made {
		n += len(sids)
		if len(sids) > 1 {
			twice = append(twice, fmt.Sprintf("%s was created %d times", name, len(sids)))
		}
	}
	return n, twice
}
