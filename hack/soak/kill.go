// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/conversations-operator/conversations-operator/test/testbed"
)

// maxLife is the longest that a manager lives once it is ready; of several, each lives longer, so that together they are ended
// about as often as one.
const maxLife = 3 * time.Second

// kills counts how managers were ended.
type kills struct{ killed, stopped atomic.Int64 }

func (k *kills) total() int { return int(k.killed.Load() + k.stopped.Load()) }

func (k *kills) String() string {
	return fmt.Sprintf("%d SIGKILLs, %d SIGTERMs", k.killed.Load(), k.stopped.Load())
}

// kill ends a manager at random moments and starts it again, until end; then it stays up.
func (s *soak) kill(ctx, end context.Context, m *testbed.Manager, random *rand.Rand) error {
	for {
		select {
		case <-end.Done():
			return nil
		case <-m.Done():
			return fmt.Errorf("the manager ended by itself; its log is %s", m.Log)
		case <-time.After(time.Duration(random.Int64N(int64(maxLife) * int64(len(s.Managers))))):
		}
		if random.IntN(3) > 0 {
			m.Kill()
			s.kills.killed.Add(1)
		} else {
			if err := m.Stop(); err != nil {
				return fmt.Errorf("stopping the manager: %w", err)
			}
			s.kills.stopped.Add(1)
		}
		if err := m.Start(ctx); err != nil {
			return err
		}
	}
}
