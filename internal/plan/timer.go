// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"time"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

// noTimer is Twilio's "no timer" (error 50379's text and the help article on default timers).
const noTimer = "PT0S"

// sameTimer tells whether two ISO 8601 durations are equally long: PT60M is PT1H. An empty text is no duration: without
// an applied timer, an account's default timer may run, and PT0S stops the default timer.
func sameTimer(a, b string) bool {
	if a == b {
		return true
	}
	sa, okA := v1alpha1.TimerSeconds(a)
	sb, okB := v1alpha1.TimerSeconds(b)
	return okA && okB && sa == sb
}

// sameTime compares RFC 3339 texts by the second, because Twilio keeps whole seconds only.
func sameTime(a, b string) bool {
	if a == b {
		return true
	}
	ta, errA := time.Parse(time.RFC3339, a)
	tb, errB := time.Parse(time.RFC3339, b)
	return errA == nil && errB == nil && ta.Truncate(time.Second).Equal(tb.Truncate(time.Second))
}
