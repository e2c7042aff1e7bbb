// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio

import "time"

const (
	// DefaultMaxConcurrent is how many requests of an account are under way at most unless told otherwise. Twilio
	// publishes no number; about 100 was seen, and others use the account too.
	DefaultMaxConcurrent = 20
	// limitStart is how many may be under way before anything is known: few, so that few are lost on an outage, or on
	// credentials that are wrong.
	limitStart = 2
	// limitRest is how long nothing was sent when what was known is no longer believed.
	limitRest = 10 * time.Second
	// limitCutEvery bounds how often the limit is halved: requests that were under way together are refused together.
	limitCutEvery = time.Second
	// limitMemory is for how long a 429 keeps the limit below what was refused: it is tried again, but not all the time.
	limitMemory = 15 * time.Second
)

// limit is how many requests may be under way. Like TCP's window it starts small, doubles a round trip, is halved when
// Twilio answers 429, and grows by one a round trip from there.
type limit struct {
	now, most float64
	// refused is the limit at the last 429, cutAt its time.
	refused float64
	cutAt   time.Time
}

func newLimit(most int) limit { return limit{now: min(limitStart, float64(most)), most: float64(most)} }

func (l *limit) setMost(most int) {
	l.most = float64(most)
	l.now = min(l.now, l.most)
}

// grow follows an answer while so many requests were under way, if that many make use of the limit.
func (l *limit) grow(inFlight int, now time.Time) {
	if float64(inFlight) < l.now/2 {
		return
	}
	step, top := 1.0, l.most
	if l.refused > 0 && l.now >= l.refused/2 {
		step = 1 / l.now
	}
	if l.refused > 0 && now.Sub(l.cutAt) < limitMemory {
		top = min(top, l.refused-1)
	}
	l.now = max(l.now, min(l.now+step, top))
}

func (l *limit) halve(now time.Time) {
	if now.Sub(l.cutAt) < limitCutEvery {
		return
	}
	l.cutAt, l.refused = now, max(2, l.now)
	l.now = max(1, l.now/2)
}

// restart forgets what was known, but for where the last 429 was.
func (l *limit) restart() { l.now = min(l.now, limitStart) }
