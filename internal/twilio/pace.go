// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio

import (
	"slices"
	"time"
)

const (
	// ActionsPerSecond is how many creates and deletes one service takes a second, and how many updates one
	// conversation (https://www.twilio.com/docs/conversations/conversations-limits, 30 APS).
	ActionsPerSecond = 30
	// paceWindow is the time in which that many actions are sent: a fiftieth more than a second, since not every request
	// is as long under way as the one before.
	paceWindow = 1020 * time.Millisecond
	// paceStep is the time between two actions at an even pace.
	paceStep = paceWindow / ActionsPerSecond
	// paceSlack lets a turn that came late be caught up with: three actions at once, at most.
	paceSlack = 2 * paceStep
)

// pace keeps one kind of action within Twilio's limit. It is even, and however Twilio counts, by a bucket of tokens or
// strictly in every second, there are never more than [ActionsPerSecond], in all shares together.
type pace struct {
	// shares is how many there are, this one included; at least 1.
	shares int
	// sent are the times of the last actions, a ring with the oldest at next.
	sent [ActionsPerSecond]time.Time
	next int
	// due is when the next action comes at an even pace.
	due time.Time
}

// ready is when the next action may be sent.
func (p *pace) ready() time.Time {
	share := ActionsPerSecond / p.shares
	return later(p.due.Add(-paceSlack), p.sent[(p.next+ActionsPerSecond-share)%ActionsPerSecond].Add(paceWindow))
}

// take notes an action.
func (p *pace) take(now time.Time) {
	p.due = later(p.due, now).Add(paceWindow / time.Duration(ActionsPerSecond/p.shares))
	p.sent[p.next] = now
	p.next = (p.next + 1) % ActionsPerSecond
}

// idle: nothing is remembered that matters.
func (p *pace) idle(now time.Time) bool {
	last := p.sent[(p.next+ActionsPerSecond-1)%ActionsPerSecond]
	return !now.Before(p.due) && !now.Before(last.Add(paceWindow))
}

// merge takes over what another pace sent: both were of the same service.
func (p *pace) merge(other *pace) {
	p.due = later(p.due, other.due)
	all := slices.SortedFunc(slices.Values(slices.Concat(p.sent[:], other.sent[:])), time.Time.Compare)
	copy(p.sent[:], all[len(all)-ActionsPerSecond:])
	p.next = 0
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
