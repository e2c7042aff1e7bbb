// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"net/http"
	"runtime/debug"
	"sync/atomic"
)

// readiness tells whether the manager, leading or not, has filled its caches and is not about to end. Until then it lives,
// but a rollout should not count on it.
type readiness struct {
	ready atomic.Bool
	// reached: it was ready once.
	reached atomic.Bool
}

// Start is called once the caches are filled, and returns when the manager ends.
func (r *readiness) Start(ctx context.Context) error {
	// Reading all that is watched takes more memory than keeping it.
	debug.FreeOSMemory()
	r.reached.Store(true)
	r.ready.Store(true)
	defer r.ready.Store(false)
	<-ctx.Done()
	return nil
}

// NeedLeaderElection is false: a standby is ready to take over.
func (r *readiness) NeedLeaderElection() bool { return false }

func (r *readiness) check(*http.Request) error {
	if !r.ready.Load() {
		return errors.New("the caches are not filled: can the manager list what it watches?")
	}
	return nil
}
