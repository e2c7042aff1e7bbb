// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator

import "time"

// shortestAlarm limits how often the alarm rings, in case the base clock stands still.
const shortestAlarm = 10 * time.Millisecond

// Now returns the time of the simulator's clock, to the millisecond.
func (s *Simulator) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now()
}

// Advance moves the clock forward. Timers that become due meanwhile fire in order, each at its own time.
func (s *Simulator) Advance(d time.Duration) {
	defer s.enter()()
	s.offset += d
	s.settle()
}

// SetTime sets the clock, which continues from the new time. Setting the clock back undoes no event.
func (s *Simulator) SetTime(t time.Time) {
	defer s.enter()()
	s.offset = t.Sub(s.clock())
	s.settle()
}

// enter locks the simulator and fires everything due by its clock. The result is leave.
func (s *Simulator) enter() (leave func()) {
	s.mu.Lock()
	s.settle()
	return s.leave
}

func (s *Simulator) now() time.Time {
	return s.clock().Add(s.offset).UTC().Truncate(time.Millisecond)
}

// settle fires all due timers, and applies all due changes of lists.
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
	s.bury()
}

// leave unlocks the simulator, and sets an alarm that calls settle when the next timer is due by the real clock. So the
// webhook of a timer is sent even without a request.
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
