// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package budget

// PriorityLevel orders the requests that wait: what a user has just edited goes first.
type PriorityLevel int

// The priority levels, the highest first.
const (
	Edit PriorityLevel = iota
	Delete
	Backlog
	Drift
	levels
)

// String is the level in lower case: the label class of the metrics.
func (l PriorityLevel) String() string {
	return [levels]string{"edit", "delete", "backlog", "drift"}[l]
}

// Request asks for a seat.
type Request struct {
	// Key names the requester. A requester that asks again keeps its place in the queue.
	Key string
	// Flow is the namespace: the flows of a priority level share its seats fairly.
	Flow          string
	PriorityLevel PriorityLevel
	// Rate names the rate limiter that a write passes: see [ServiceRate] and [ConversationRate]. If it is empty, the seat is
	// good for reads only.
	Rate string
}

// waitKey is one of the two places of a requester: that of its write, and that of its reads.
type waitKey struct {
	key   string
	write bool
}

func (r Request) waitKey() waitKey { return waitKey{r.Key, r.Rate != ""} }
