// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"sync"
	"time"
)

// stopwatch times what begins in one place and ends in another. The zero value is ready.
type stopwatch struct {
	mu    sync.Mutex
	since map[string]time.Time
}

// begin starts the time of a key, unless it runs already.
func (s *stopwatch) begin(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, runs := s.since[key]; runs {
		return
	}
	if s.since == nil {
		s.since = map[string]time.Time{}
	}
	s.since[key] = time.Now()
}

// end answers how long it took; false if it did not run.
func (s *stopwatch) end(key string) (time.Duration, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	since, runs := s.since[key]
	if !runs {
		return 0, false
	}
	delete(s.since, key)
	return time.Since(since), true
}

// forget ends the time of a key without an answer.
func (s *stopwatch) forget(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.since, key)
}
