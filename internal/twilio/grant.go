// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio

import "time"

// grantLife is how long a turn that was given is kept for who asked for it.
const grantLife = 5 * time.Second

// place is where somebody waits: for what is paced or for what is not.
type place struct {
	key   string
	paced bool
}

func (a Ask) place() place { return place{a.Key, a.Pace != ""} }

// grant is a turn that was given and not yet taken.
type grant struct {
	ask  Ask
	ends time.Time
	// lent: whoever has the turn reads before it writes.
	lent bool
}

// expire takes back turns that nobody came for.
func (b *Budget) expire(now time.Time) {
	for at, g := range b.grants {
		if !g.lent && !now.Before(g.ends) {
			delete(b.grants, at)
		}
	}
}

// hold sends nothing until then: who has a turn and has not asked for it yet is the first to have the next.
func (b *Budget) hold(until, now time.Time) {
	b.held = later(b.held, until)
	b.revoke(now, func(*grant) bool { return true })
}

// revoke takes back turns that were given: whoever has one is the first to have the next.
func (b *Budget) revoke(now time.Time, concerns func(*grant) bool) {
	for at, g := range b.grants {
		if concerns(g) {
			delete(b.grants, at)
			b.queue(g.ask, now, true)
		}
	}
}
