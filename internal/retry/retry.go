// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package retry is the retry policy of the operator and of its plugin: every wait, what ends it sooner, and what follows
// from an error of Twilio. docs/retries.md is printed from it.
package retry

import (
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
)

// jitter is the part of a wait by which it may be longer, so that objects that began to wait together do not come back
// together.
const jitter = 0.2

// Wait is how long something waits before it is looked at again by itself.
type Wait struct {
	// Name is that of the variable.
	Name string
	// For is the wait. A wait that grows begins with For, and ends with Most.
	For, Most time.Duration
	// Jittered waits may be up to a fifth longer, never shorter.
	Jittered bool
	// When says what waits, and Sooner what ends the wait before its time; empty: nothing does.
	When, Sooner string
}

// After is the wait of this time.
func (w *Wait) After() time.Duration { return w.From(w.For) }

// From is the wait of this time where it is d before jitter, as of a wait that grows.
func (w *Wait) From(d time.Duration) time.Duration {
	if w.Jittered {
		return wait.Jitter(d, jitter)
	}
	return d
}

// Doubled is the wait before jitter after so many failures in a row: it doubles each time, up to Most.
func (w *Wait) Doubled(times int) time.Duration {
	pause := w.For
	for n := 1; n < times && pause < w.Most; n++ {
		pause *= 2
	}
	return min(pause, w.Most)
}
