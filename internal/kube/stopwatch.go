// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"sync"
	"time"
)

// Stopwatch times what begins in one place and ends in another. The zero value is ready.
type Stopwatch struct {
	mu    sync.Mutex
	Since map[string]time.Time
}

// Begin starts the time of a key, unless it runs already.
func (s *Stopwatch) Begin(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, runs := s.Since[key]; runs {
		return
	}
	if s.Since == nil {
		s.Since = map[string]time.Time{}
	}
	s.Since[key] = time.Now()
}

// End answers how long it took; false if it did not run.
func (s *Stopwatch) End(key string) (time.Duration, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	since, runs := s.Since[key]
	if !runs {
		return 0, false
	}
	delete(s.Since, key)
	return time.Since(since), true
}

// Forget ends the time of a key without an answer.
func (s *Stopwatch) Forget(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.Since, key)
}
