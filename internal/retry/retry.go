// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package retry is the retry policy of the operator and of its plugin: every wait, the event which ends the wait
// sooner, and how to go on after an error of Twilio. docs/retries.md is printed from this package.
package retry

import (
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
)

// jitter is the part of a wait by which the wait may be longer, so that objects which began to wait together do not
// come back together.
const jitter = 0.2

// Wait is how long an object, an account or a drift check waits before the operator looks again unasked.
type Wait struct {
	// Name of the variable.
	Name string
	// For is the wait. A growing wait begins with For, and ends with Most.
	For, Most time.Duration
	// Jittered waits may be up to a fifth longer, never shorter.
	Jittered bool
	// When says which case waits. Sooner says which event ends the wait before its time; empty: no event does.
	When, Sooner string
}

// After is how long to wait this time.
func (w *Wait) After() time.Duration { return w.From(w.For) }

// From is how long to wait this time if the wait before jitter is d, as for a growing wait.
func (w *Wait) From(d time.Duration) time.Duration {
	if w.Jittered {
		return wait.Jitter(d, jitter)
	}
	return d
}

// Doubled is the wait before jitter after so many failures in a row: each failure doubles the wait, up to Most.
func (w *Wait) Doubled(times int) time.Duration {
	pause := w.For
	for n := 1; n < times && pause < w.Most; n++ {
		pause *= 2
	}
	return min(pause, w.Most)
}
