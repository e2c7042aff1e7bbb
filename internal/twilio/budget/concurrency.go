// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package budget

import "time"

const (
	// limitStart is the limit at the beginning: low, so that an outage, or wrong credentials, cost few requests.
	limitStart = 2
	// limitRest is the time without a request after which the limit starts anew: the earlier knowledge is too old.
	limitRest = 10 * time.Second
	// limitCutEvery bounds how often the limit is halved: Twilio refuses requests together which were under way together.
	limitCutEvery = time.Second
	// limitMemory is for how long a 429 keeps the limit below the refused number of requests. Afterwards the limit tries
	// the number again.
	limitMemory = 15 * time.Second
)

// concurrencyLimit is how many requests may be under way. The limit adapts as TCP adapts its window (slow start, then
// AIMD): the limit starts small, doubles a round trip, is halved when Twilio answers 429, and grows by one a round trip
// from there.
type concurrencyLimit struct {
	now, most float64
	// refused is the limit at the last 429, cutAt the time of the 429.
	refused float64
	cutAt   time.Time
}

func newConcurrencyLimit(most int) concurrencyLimit {
	return concurrencyLimit{now: min(limitStart, float64(most)), most: float64(most)}
}

func (l *concurrencyLimit) setMost(most int) {
	l.most = float64(most)
	l.now = min(l.now, l.most)
}

// grow notes an answer which came while so many requests were under way. An unused limit does not grow.
func (l *concurrencyLimit) grow(inFlight int, now time.Time) {
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

func (l *concurrencyLimit) halve(now time.Time) {
	if now.Sub(l.cutAt) < limitCutEvery {
		return
	}
	l.cutAt, l.refused = now, max(2, l.now)
	l.now = max(1, l.now/2)
}

// restart forgets the present limit, but not the limit at the last 429.
func (l *concurrencyLimit) restart() { l.now = min(l.now, limitStart) }
