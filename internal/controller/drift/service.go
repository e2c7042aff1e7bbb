// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package drift

import (
	"errors"
	"slices"
	"time"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
	"github.com/conversations-operator/conversations-operator/internal/walk"
)

// probeShare is the part of a check's cost which later checks spend on further pages, to notice when listing further
// pays by now.
const probeShare = 10

// serviceCheck is the part of a check for one Conversation Service.
type serviceCheck struct {
	sid     string
	managed int
	// unseen are the objects whose conversation the check has not read yet, by sid.
	unseen map[string][]*v1alpha1.Conversation
	// from and to bound the creation times of the conversations.
	from, to time.Time
	// pages is how many pages the check has read; next continues the list; listed: the check reads no more pages.
	pages  int
	next   string
	listed bool
	// failures of the list in a row; renewed is how often the list began anew; unread: the list failed so often that the
	// check fetches the remaining conversations one by one.
	failures, renewed int
	unread            bool
	// rest are the conversations to fetch singly, in order. If a later list has a conversation, the conversation drops out.
	rest []string
	// err is the last error.
	err error
	// known is the cheapest way by the last check, best the cheapest way by this check so far.
	known, best way
}

// way is how to read the conversations of a service: so many pages of the list, and then the remaining conversations
// one by one.
type way struct {
	// managed is how many conversations the service had when a check found the way; zero: no way yet.
	managed int
	pages   int
	// cost in requests.
	cost int
}

// holds tells whether the way still counts for another number of conversations: the number may be a tenth off.
func (w way) holds(managed int) bool {
	return w.managed > 0 && max(managed-w.managed, w.managed-managed)*probeShare <= managed
}

func newServiceCheck(sid string) *serviceCheck {
	return &serviceCheck{sid: sid, unseen: map[string][]*v1alpha1.Conversation{}}
}

// add puts an object's conversation into the check.
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

// younger are the objects which manage a conversation although an older object manages the same conversation: each
// needs a look.
func (s *serviceCheck) younger() (out []*v1alpha1.Conversation) {
	for _, objects := range s.unseen {
		managers := slices.DeleteFunc(slices.Clone(objects), func(o *v1alpha1.Conversation) bool { return o.Status.Origin == "" })
		if len(managers) < 2 {
			continue
		}
		oldest := managers[0]
		for _, o := range managers[1:] {
			if walk.Precedes(o, oldest) {
				oldest = o
			}
		}
		out = append(out, slices.DeleteFunc(managers, func(o *v1alpha1.Conversation) bool { return o == oldest })...)
	}
	return out
}

// fail counts a failure of the list. The next try continues the list, or begins the list anew if Twilio may have
// forgotten the page. After listTries failures the check gives the list up.
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

// missed notes a failed fetch of a conversation after failures of the list: perhaps every request fails, and then the
// list is the cheaper way once requests succeed again.
func (s *serviceCheck) missed() {
	if s.unread {
		s.again(listTries - 1)
	}
}

// fetched notes a conversation which was fetched after failures of the list, and tells whether to try the list once
// more: the list may work again too.
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

// learn notes the cheapest way. A failed list does not tell the cheapest way.
func (s *serviceCheck) learn(ways map[string]way) {
	if s.unread {
		delete(ways, s.sid)
		return
	}
	ways[s.sid] = s.best
}

// enough tells whether to stop listing, before the first page and after each page: at the end of the list, or where
// fetching the remaining conversations one by one is the cheaper way.
//
// The first check of a service stops listing when the number of read pages reaches the number of unread conversations,
// so the check costs at most twice the better way. Later checks read the best number of pages of the check before. They
// then go on while the cost in prospect, if the list shows no more of the conversations, is within a tenth of the best
// cost so far.
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
