// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package account

import (
	"sync/atomic"
	"time"
)

// clock tells Twilio's time. It goes on from the last answer by the monotonic clock of this process, so that a jump of
// the machine's clock does not move it.
type clock struct{ last atomic.Pointer[reading] }

// reading is what an answer said, and when it came.
type reading struct{ server, at time.Time }

// Observe notes the date of an answer; zero: the answer had none.
func (c *clock) Observe(server time.Time) {
	if !server.IsZero() {
		c.last.Store(&reading{server, time.Now()})
	}
}

// Now is Twilio's time; zero while no answer has told it.
func (c *clock) Now() time.Time {
	r := c.last.Load()
	if r == nil {
		return time.Time{}
	}
	return r.server.Add(time.Since(r.at))
}
