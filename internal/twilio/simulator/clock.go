// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator

import "time"

// shortestAlarm keeps a base clock that stands still from being asked all the time.
const shortestAlarm = 10 * time.Millisecond

// Now is the time by the simulator's clock, in milliseconds.
func (s *Simulator) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now()
}

// Advance moves the clock forward; what falls due in between happens in its order, each at its own time.
func (s *Simulator) Advance(d time.Duration) {
	defer s.enter()()
	s.offset += d
	s.settle()
}

// SetTime sets the clock, which runs on from there. Setting it back undoes nothing.
func (s *Simulator) SetTime(t time.Time) {
	defer s.enter()()
	s.offset = t.Sub(s.clock())
	s.settle()
}

// enter locks the simulator and brings it up to date with its clock; the result is leave.
func (s *Simulator) enter() (leave func()) {
	s.mu.Lock()
	s.settle()
	return s.leave
}

func (s *Simulator) now() time.Time {
	return s.clock().Add(s.offset).UTC().Truncate(time.Millisecond)
}

// settle lets everything happen that is due.
func (s *Simulator) settle() {
	now := s.now()
	for c := s.deadline.first(); c != nil; c = s.deadline.first() {
		at := nextDeadline(c)
		if at.After(now) {
			break
		}
		s.expire(c, at)
	}
	s.relist(now)
}

// leave unlocks the simulator, and sees to it that settle is called when the next timer is due by the real clock: its
// webhook is sent without anybody asking.
func (s *Simulator) leave() {
	defer s.mu.Unlock()
	if s.alarm != nil {
		s.alarm.Stop()
	}
	c := s.deadline.first()
	if c == nil {
		return
	}
	select {
	case <-s.closed:
		return
	default:
	}
	wait := max(nextDeadline(c).Sub(s.now()), shortestAlarm)
	s.alarm = time.AfterFunc(wait, func() { s.enter()() })
}
