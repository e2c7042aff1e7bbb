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

// readiness reports the manager as ready, leading or not, from the moment its caches are filled until the manager ends.
// Before that moment the manager is alive, but a rollout must not replace the old manager yet.
type readiness struct {
	ready atomic.Bool
	// reached is true once the manager has been ready.
	reached atomic.Bool
}

// Start runs once the caches are filled, and returns when the manager ends.
func (r *readiness) Start(ctx context.Context) error {
	// Filling the caches takes more memory than keeping them.
	debug.FreeOSMemory()
	r.reached.Store(true)
	r.ready.Store(true)
	defer r.ready.Store(false)
	<-ctx.Done()
	return nil
}

// NeedLeaderElection returns false, because a standby that is ready can take over.
func (r *readiness) NeedLeaderElection() bool { return false }

func (r *readiness) check(*http.Request) error {
	if !r.ready.Load() {
		return errors.New("the caches are not filled: check that the manager may list and watch its resources")
	}
	return nil
}
