// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"time"

	"github.com/sosodev/duration"
)

// noTimer is Twilio's "no timer" (error 50379's text and the help article on default timers).
const noTimer = "PT0S"

const (
	secondsPerMinute = 60
	secondsPerHour   = 60 * secondsPerMinute
	secondsPerDay    = 24 * secondsPerHour
)

// sameTimer tells whether two ISO 8601 durations are equally long: PT60M is PT1H. An empty one is no duration: where
// none was applied, an account's default may run, and PT0S is what stops that.
func sameTimer(a, b string) bool {
	if a == b {
		return true
	}
	sa, okA := timerSeconds(a)
	sb, okB := timerSeconds(b)
	return okA && okB && sa == sb
}

// timerSeconds is how long a duration of days, hours, minutes and seconds is, and whether it is one: a week, a month
// and a year are nothing that admission lets through.
func timerSeconds(s string) (float64, bool) {
	d, err := duration.Parse(s)
	if err != nil || d.Negative || d.Years != 0 || d.Months != 0 || d.Weeks != 0 {
		return 0, false
	}
	// Not d.ToTimeDuration: it overflows for what the CRD allows.
	return d.Days*secondsPerDay + d.Hours*secondsPerHour + d.Minutes*secondsPerMinute + d.Seconds, true
}

// sameTime compares RFC 3339 texts by the second, which is all that Twilio keeps.
func sameTime(a, b string) bool {
	if a == b {
		return true
	}
	ta, errA := time.Parse(time.RFC3339, a)
	tb, errB := time.Parse(time.RFC3339, b)
	return errA == nil && errB == nil && ta.Truncate(time.Second).Equal(tb.Truncate(time.Second))
}
