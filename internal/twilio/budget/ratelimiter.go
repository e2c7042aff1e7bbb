// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package budget

import (
	"slices"
	"time"
)

const (
	// ActionsPerSecond is how many creates and deletes one service takes a second, and how many updates one
	// conversation (https://www.twilio.com/docs/conversations/conversations-limits, 30 APS).
	ActionsPerSecond = 30
	// rateWindow is the time for ActionsPerSecond actions: a fiftieth more than a second, since a request may be under way
	// for a little less time than the request before.
	rateWindow = 1020 * time.Millisecond
	// rateStep is the time between two actions of an even stream.
	rateStep = rateWindow / ActionsPerSecond
	// rateSlack lets a stream catch up after a late action: three actions at once, at most.
	rateSlack = 2 * rateStep
)

// rateLimiter keeps one kind of action within Twilio's limit. Its stream is even. Whether Twilio counts with a token
// bucket or strictly in every second, Twilio never counts more than [ActionsPerSecond], in all shares together.
type rateLimiter struct {
	// shares is how many managers share the rate, this manager included; at least 1.
	shares int
	// sent are the times of the last actions, a ring with the oldest at next.
	sent [ActionsPerSecond]time.Time
	next int
	// due is when the next action of an even stream comes.
	due time.Time
}

// ready is when the next action may be sent.
func (l *rateLimiter) ready() time.Time {
	share := ActionsPerSecond / l.shares
	return later(l.due.Add(-rateSlack), l.sent[(l.next+ActionsPerSecond-share)%ActionsPerSecond].Add(rateWindow))
}

// take notes an action.
func (l *rateLimiter) take(now time.Time) {
	l.due = later(l.due, now).Add(rateWindow / time.Duration(ActionsPerSecond/l.shares))
	l.sent[l.next] = now
	l.next = (l.next + 1) % ActionsPerSecond
}

// idle: no remembered action delays another action.
func (l *rateLimiter) idle(now time.Time) bool {
	last := l.sent[(l.next+ActionsPerSecond-1)%ActionsPerSecond]
	return !now.Before(l.due) && !now.Before(last.Add(rateWindow))
}

// merge takes over the actions of another rate limiter: both rate limiters were of the same service.
func (l *rateLimiter) merge(other *rateLimiter) {
	l.due = later(l.due, other.due)
	all := slices.SortedFunc(slices.Values(slices.Concat(l.sent[:], other.sent[:])), time.Time.Compare)
	copy(l.sent[:], all[len(all)-ActionsPerSecond:])
	l.next = 0
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
