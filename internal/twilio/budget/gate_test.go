// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package budget_test

import (
	"time"

	"github.com/conversations-operator/conversations-operator/internal/twilio/budget"
)

// bucket counts as Twilio may: a bucket of 30 tokens that 30 a second refill.
type bucket struct {
	tokens float64
	last   time.Time
}

func (b *bucket) take(now time.Time) bool {
	if b.last.IsZero() {
		b.tokens = budget.ActionsPerSecond
	}
	b.tokens = min(b.tokens+now.Sub(b.last).Seconds()*budget.ActionsPerSecond, budget.ActionsPerSecond)
	b.last = now
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}

// window counts as Twilio may too: 30 in any second, to the nanosecond.
type window struct{ taken []time.Time }

func (w *window) take(now time.Time) bool {
	for len(w.taken) > 0 && now.Sub(w.taken[0]) > time.Second {
		w.taken = w.taken[1:]
	}
	if len(w.taken) >= budget.ActionsPerSecond {
		return false
	}
	w.taken = append(w.taken, now)
	return true
}

// gate is one of Twilio's limits, counted both ways.
type gate struct {
	bucket  bucket
	window  window
	refused int
	taken   int
}

func (g *gate) take(now time.Time) {
	inBucket, inWindow := g.bucket.take(now), g.window.take(now)
	if !inBucket || !inWindow {
		g.refused++
	}
	g.taken++
}
