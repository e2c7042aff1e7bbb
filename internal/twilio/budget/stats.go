// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package budget

import "time"

// Stats are the budget's values now, and its counts since the start.
type Stats struct {
	// Limit is how many requests may be under way now, MaxConcurrent the upper bound of Limit, InFlight how many requests
	// are under way.
	Limit, MaxConcurrent, InFlight int
	// Waiting is how many requests wait for a seat, by priority level.
	Waiting map[PriorityLevel]int
	// Held: no request is sent for now. Open: a breaker is open, because Twilio did not answer, or did not answer writes.
	Held, Open bool
	// Throttled counts the answers 429, Failures the answers 5xx and the requests without an answer.
	Throttled, Failures int64
}

// Stats answers the values for the metrics.
func (b *Budget) Stats() Stats {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := Stats{
		Limit: b.concurrency(), MaxConcurrent: int(b.limit.most), InFlight: b.inFlight, Waiting: map[PriorityLevel]int{},
		Held: time.Now().Before(b.held), Open: b.outage.open || b.writes.open, Throttled: b.throttles, Failures: b.failures,
	}
	for level := range levels {
		s.Waiting[level] = b.levels[level].waiting
	}
	return s
}
