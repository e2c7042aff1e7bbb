// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package drift

import (
	"errors"
	"slices"
	"time"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/controller/conversation"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// probeShare is the part of a check's cost that later checks spend on listing on, to notice when that pays by now.
const probeShare = 10

// serviceCheck is the part of a check that concerns one Conversation Service.
type serviceCheck struct {
	sid     string
	managed int
	// unseen are the objects of conversations of which nothing was read yet, by sid.
	unseen map[string][]*v1alpha1.Conversation
	// from and to bound their creation.
	from, to time.Time
	// pages were read; next continues the list, listed says that no more are to be read.
	pages  int
	next   string
	listed bool
	// failures of the list in a row, and how often it began anew; unread: it failed so often that the rest is asked for.
	failures, renewed int
	unread            bool
	// rest are those to be asked for one by one, in order, unless a list has them after all.
	rest []string
	// err is what last stood in the way.
	err error
	// known is the way that the last check found cheapest, best the one that this check would have found so.
	known, best way
}

// way is how to read the conversations of a service: so many pages of the list, and then the rest one by one.
type way struct {
	// managed conversations that it was found with; zero: none was found yet.
	managed int
	pages   int
	// cost in requests.
	cost int
}

// holds tells whether what was found with another number of conversations still says something: it may be a tenth off.
func (w way) holds(managed int) bool {
	return w.managed > 0 && max(managed-w.managed, w.managed-managed)*probeShare <= managed
}

func newServiceCheck(sid string) *serviceCheck {
	return &serviceCheck{sid: sid, unseen: map[string][]*v1alpha1.Conversation{}}
}

// add has an object's conversation checked.
func (s *serviceCheck) add(conv *v1alpha1.Conversation) {
	s.unseen[conv.Status.SID] = append(s.unseen[conv.Status.SID], conv)
	s.managed = len(s.unseen)
	if conv.Status.DateCreated == nil {
		return
	}
	at := conv.Status.DateCreated.Time
	if s.from.IsZero() || at.Before(s.from) {
		s.from = at
	}
	if at.After(s.to) {
		s.to = at
	}
}

// younger are the objects that manage a conversation which an older one manages, too: each is to be looked at.
func (s *serviceCheck) younger() (out []*v1alpha1.Conversation) {
	for _, objects := range s.unseen {
		managers := slices.DeleteFunc(slices.Clone(objects), func(o *v1alpha1.Conversation) bool { return o.Status.Origin == "" })
		if len(managers) < 2 {
			continue
		}
		oldest := managers[0]
		for _, o := range managers[1:] {
			if conversation.Precedes(o, oldest) {
				oldest = o
			}
		}
		out = append(out, slices.DeleteFunc(managers, func(o *v1alpha1.Conversation) bool { return o == oldest })...)
	}
	return out
}

// fail follows a failure of the list: it is tried again where it was, or from its beginning where Twilio may have forgotten
// that, and given up in the end.
func (s *serviceCheck) fail(err error) {
	s.failures++
	if errors.Is(err, twilio.ErrInvalid) && s.next != "" {
		s.renewed++
		s.next, s.pages, s.best = "", 0, way{}
	}
	if s.failures >= listTries || s.renewed >= listTries {
		s.listed, s.unread = true, true
	}
}

// missed follows a failure of a conversation after those of the list: it may be that nothing works, and then the list is
// the cheaper way once something does.
func (s *serviceCheck) missed() {
	if s.unread {
		s.again(listTries - 1)
	}
}

// fetched follows a conversation that was read after failures of the list, and tells whether that is to be tried once more:
// by now it may work too.
func (s *serviceCheck) fetched() bool {
	if !s.unread || s.failures != listTries {
		return false
	}
	s.again(listTries)
	return true
}

func (s *serviceCheck) again(failures int) {
	s.listed, s.unread, s.failures = false, false, failures
}

// learn notes the way that was the cheapest. A list that failed says nothing of that.
func (s *serviceCheck) learn(ways map[string]way) {
	if s.unread {
		delete(ways, s.sid)
		return
	}
	ways[s.sid] = s.best
}

// enough tells whether to stop listing, before the first page and after each: at the end of the list, or where asking
// for the rest one by one is the cheaper way.
//
// The first check of a service stops once it has read as many pages as there are conversations left, so that it costs at
// most twice the better way. Later ones read as many pages as were best before, and then go on while the cost in
// prospect, if nothing else turns up, is within a tenth of the best so far.
func (s *serviceCheck) enough() bool {
	cost := s.pages + len(s.unseen)
	if s.pages == 0 || cost <= s.best.cost {
		s.best = way{managed: s.managed, pages: s.pages, cost: cost}
	}
	switch {
	case len(s.unseen) == 0, s.pages > 0 && s.next == "":
		return true
	case !s.known.holds(s.managed):
		return s.pages >= len(s.unseen)
	case s.pages < s.known.pages:
		return false
	}
	return cost+1 > s.best.cost+s.best.cost/probeShare
}
