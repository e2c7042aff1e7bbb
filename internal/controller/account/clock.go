// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package account

import (
	"sync/atomic"
	"time"
)

// clock tells Twilio's time. The clock goes on from the last answer by the monotonic clock of this process, so a jump
// of the machine's clock does not move Twilio's time.
type clock struct{ last atomic.Pointer[reading] }

// reading is the date of an answer, and the time at which the answer came.
type reading struct{ server, at time.Time }

// Observe notes the date of an answer; zero: an answer without a date.
func (c *clock) Observe(server time.Time) {
	if !server.IsZero() {
		c.last.Store(&reading{server, time.Now()})
	}
}

// Now is Twilio's time; zero before the first answer with a date.
func (c *clock) Now() time.Time {
	r := c.last.Load()
	if r == nil {
		return time.Time{}
	}
	return r.server.Add(time.Since(r.at))
}
