// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"testing"
	"testing/synctest"
)

func TestReadyFromFullCachesToTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &readiness{}
		if r.check(nil) == nil {
			t.Error("it is ready with empty caches")
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- r.Start(ctx) }()
		synctest.Wait()
		if err := r.check(nil); err != nil {
			t.Errorf("it is not ready with full caches: %v", err)
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if r.check(nil) == nil {
			t.Error("it is ready at its end")
		}
		if r.NeedLeaderElection() {
			t.Error("a standby is never ready")
		}
	})
}
