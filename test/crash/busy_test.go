// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package crash

import "sync"

// busy counts what is under way. Unlike a WaitGroup's, its count may begin to rise while somebody waits.
type busy struct {
	mu      sync.Mutex
	n       int
	waiting []chan struct{}
}

func (b *busy) Add(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.n += n
	if b.n == 0 {
		for _, w := range b.waiting {
			close(w)
		}
		b.waiting = nil
	}
}

func (b *busy) Done() { b.Add(-1) }

// Wait returns once nothing is under way.
func (b *busy) Wait() {
	b.mu.Lock()
	if b.n == 0 {
		b.mu.Unlock()
		return
	}
	idle := make(chan struct{})
	b.waiting = append(b.waiting, idle)
	b.mu.Unlock()
	<-idle
}
