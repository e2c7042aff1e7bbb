// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"errors"
	"regexp"
	"time"

	"github.com/sosodev/duration"
)

// Twilio's shortest timers.
const (
	shortestInactiveTimer = time.Minute
	shortestClosedTimer   = 10 * time.Minute
)

// longestTimer replaces every longer timer, because the year of a later date could have more than four digits.
const longestTimer = 100 * 365 * 24 * time.Hour

var errNotDuration = errors.New("not an ISO 8601 duration")

// durationShape accepts every unit at most once, in order, and each with a number. It also accepts a duration without
// any unit, which parseDuration refuses.
var durationShape = regexp.MustCompile(`^P(\d+(\.\d+)?Y)?(\d+(\.\d+)?M)?(\d+(\.\d+)?W)?(\d+(\.\d+)?D)?` +
	`(T(\d+(\.\d+)?H)?(\d+(\.\d+)?M)?(\d+(\.\d+)?S)?)?$`)

// parseDuration parses an ISO 8601 duration. It refuses negative durations, and durations without a number.
func parseDuration(text string) (time.Duration, error) {
	if !durationShape.MatchString(text) || text[len(text)-1] == 'P' || text[len(text)-1] == 'T' {
		return 0, errNotDuration
	}
	d, err := duration.Parse(text)
	if err != nil {
		return 0, errNotDuration
	}
	days := d.Years*365 + d.Months*30 + d.Weeks*7 + d.Days + d.Hours/24 + d.Minutes/(24*60) + d.Seconds/(24*60*60)
	if days > longestTimer.Hours()/24 {
		return longestTimer, nil
	}
	return d.ToTimeDuration(), nil
}

// nextDeadline returns when the next timer of a conversation is due, or the zero time if no timer runs.
func nextDeadline(c *Conversation) time.Time {
	var next time.Time
	for _, at := range []time.Time{c.Timers.Inactive.Deadline, c.Timers.Closed.Deadline, c.Settles} {
		if !at.IsZero() && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	return next
}

// expire fires the timer of a conversation that is due at the time at, or ends its initialization.
func (s *Simulator) expire(c *Conversation, at time.Time) {
	next := *c
	switch at {
	case c.Timers.Closed.Deadline:
		next.close()
	case c.Timers.Inactive.Deadline:
		next.Timers.Inactive.Deadline = time.Time{}
		if c.State == Active {
			next.State = Inactive
		}
	case c.Settles:
		next.Settles = time.Time{}
		next.State = Active
	}
	if next.State != c.State {
		next.DateUpdated = at
		s.sendStateUpdated(c, &next, "TIMER", at)
	}
	s.put(&next, at)
}

// close closes the conversation, which is final, and stops its timers.
func (c *Conversation) close() {
	c.State = Closed
	c.Timers.Inactive.Deadline = time.Time{}
	c.Timers.Closed.Deadline = time.Time{}
	c.Settles = time.Time{}
}

// start starts a timer, if its duration is not empty.
func (t *Timer) start(now time.Time) {
	t.Deadline = time.Time{}
	if d, err := parseDuration(t.Duration); err == nil && d > 0 {
		t.Deadline = now.Add(d)
	}
}

// set replaces and starts a timer. PT0S removes the timer.
func (t *Timer) set(text string, now time.Time) {
	t.Duration = text
	if t.start(now); t.Deadline.IsZero() {
		t.Duration = ""
	}
}

// restart restarts both timers, as a message does.
func (t *Timers) restart(now time.Time) {
	t.Inactive.start(now)
	t.Closed.start(now)
}
