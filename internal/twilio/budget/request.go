// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package budget

// PriorityLevel orders the waiting requests: a user's latest edit goes first.
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
	// Key names the requester. A requester which asks again keeps its place in the queue.
	Key string
	// Flow is the namespace: the flows of a priority level share its seats fairly.
	Flow          string
	PriorityLevel PriorityLevel
	// Rate names the rate limiter of a write: see [ServiceRate] and [ConversationRate]. With an empty Rate, the seat is
	// good for reads only.
	Rate string
}

// waitKey is one of the two places of a requester: the place of its write, and the place of its reads.
type waitKey struct {
	key   string
	write bool
}

func (r Request) waitKey() waitKey { return waitKey{r.Key, r.Rate != ""} }
