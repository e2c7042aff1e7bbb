// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator

import "time"

// entry is a conversation: its current version (now), and the version in lists (listed). The versions are replaced,
// never changed. Either may be nil.
type entry struct {
	now, listed *Conversation
	pace        bucket
}

// listChange is the version that lists show from due on. c is nil for a deleted conversation.
type listChange struct {
	due time.Time
	sid string
	c   *Conversation
}

// find returns the conversation with a SID, or nil.
func (s *Simulator) find(sid string) *Conversation {
	if e := s.entries[sid]; e != nil {
		return e.now
	}
	return nil
}

// put makes c the current version of its conversation. at is the time of the change.
func (s *Simulator) put(c *Conversation, at time.Time) {
	s.store(c)
	s.show(listChange{due: at.Add(s.listing.Lag), sid: c.SID, c: c})
}

// remove deletes a conversation.
func (s *Simulator) remove(c *Conversation, at time.Time) {
	s.unindex(c)
	s.entries[c.SID].now = nil
	if held := s.quirks.NameHeldAfterDelete; held > 0 && c.UniqueName != "" {
		s.service(c).hold(c.UniqueName, at, at.Add(held))
	}
	s.show(listChange{due: at.Add(s.listing.Lag), sid: c.SID})
}

// store does the same as put, without the change of lists.
func (s *Simulator) store(c *Conversation) {
	e := s.entries[c.SID]
	if e == nil {
		e = &entry{}
		s.entries[c.SID] = e
	}
	if e.now != nil {
		s.unindex(e.now)
	}
	e.now = c
	if !nextDeadline(c).IsZero() {
		s.deadline.insert(c)
	}
	if c.UniqueName != "" {
		s.service(c).names[c.UniqueName] = c.SID
	}
}

func (s *Simulator) unindex(c *Conversation) {
	if !nextDeadline(c).IsZero() {
		s.deadline.remove(c)
	}
	// Another conversation may have taken the name of a closed conversation: Quirks.ClosedFreesUniqueName.
	if names := s.service(c).names; names[c.UniqueName] == c.SID {
		delete(names, c.UniqueName)
	}
}

func (s *Simulator) service(c *Conversation) *service {
	return s.accounts[c.AccountSID].services[c.ServiceSID]
}

// show queues a change for the lists. Without a lag, the change applies at once.
func (s *Simulator) show(change listChange) {
	s.unlisted = append(s.unlisted, change)
	s.relist(s.now())
}

// relist applies the queued changes of lists that are due.
func (s *Simulator) relist(now time.Time) {
	for len(s.unlisted) > 0 && !s.unlisted[0].due.After(now) {
		s.list(s.unlisted[0])
		s.unlisted = s.unlisted[1:]
	}
	if len(s.unlisted) == 0 {
		s.unlisted = nil
	}
}

func (s *Simulator) list(change listChange) {
	e := s.entries[change.sid]
	if c := e.listed; c != nil {
		s.service(c).byActivity[c.State].remove(c)
		s.service(c).byCreation[c.State].remove(c)
	}
	e.listed = change.c
	if c := change.c; c != nil {
		s.service(c).byActivity[c.State].insert(c)
		s.service(c).byCreation[c.State].insert(c)
	} else if e.now == nil {
		delete(s.entries, change.sid)
	}
}

// SetListing changes how lists misbehave. Lists show all pending changes at once.
func (s *Simulator) SetListing(l Listing) {
	defer s.enter()()
	s.setListing(l)
}

// named returns the conversation of a service with a unique name, or nil.
func (s *Simulator) named(v *service, name string) *Conversation {
	if name == "" {
		return nil
	}
	return s.find(v.names[name])
}

// hold reserves a name until a time, so that no conversation can take the name before.
func (v *service) hold(name string, now, until time.Time) {
	for other, end := range v.taken {
		if !end.After(now) {
			delete(v.taken, other)
		}
	}
	v.taken[name] = until
}
