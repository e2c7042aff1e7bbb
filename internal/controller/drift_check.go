// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"context"
	"errors"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// probeShare is the part of the cost of asking one by one that a check may spend on listing after listing was found
// dearer: later checks cost no more than a tenth above the cheaper way.
const probeShare = 10

// driftCheck is one check of one account, under way. It can be interrupted and carried on.
type driftCheck struct {
	live    *liveAccount
	account plan.Account
	// current reads an object as it is now; the check began with how it was.
	current func(*v1alpha1.Conversation) *v1alpha1.Conversation
	cluster string
	writes  *recentWrites
	started time.Time
	// services still to be checked, the first is under way.
	services []*serviceCheck

	requests, listed, checked, drifted int32
	// looks are the objects that differ; seen ones come with what was listed of them.
	looks []look
	// vanished are those that Twilio had until now and has no more.
	vanished []*v1alpha1.Conversation
	managed  int
}

// look is an object that the conversation controller is to look at; listed may tell it all it needs.
type look struct {
	conv   *v1alpha1.Conversation
	listed *twilio.Conversation
}

// serviceCheck is the part of a check that concerns one Conversation Service.
type serviceCheck struct {
	sid string
	// unseen are the managed conversations of which nothing was read yet, by sid.
	unseen map[string]*v1alpha1.Conversation
	// from and to bound their creation.
	from, to time.Time
	// pages read, of at most maxPages (0: as the rule says); next continues the list.
	pages, maxPages int
	next            string
	// listed: no more pages are to be read; skipped: none was.
	listed, skipped bool
	managed         int
}

// plan sorts the conversations to be checked by service.
func (c *driftCheck) plan(used []v1alpha1.Conversation, dear map[string]bool) {
	by := map[string]*serviceCheck{}
	for i := range used {
		conv := &used[i]
		if !checkable(conv, c.account.SID) {
			continue
		}
		c.managed++
		s := by[conv.Status.ChatServiceSID]
		if s == nil {
			s = &serviceCheck{sid: conv.Status.ChatServiceSID, unseen: map[string]*v1alpha1.Conversation{}}
			by[s.sid] = s
			c.services = append(c.services, s)
		}
		s.add(conv)
	}
	for _, s := range c.services {
		s.managed = len(s.unseen)
		if dear[s.sid] {
			s.maxPages = s.managed / probeShare
			s.skipped = s.maxPages == 0
			s.listed = s.skipped
		}
	}
}

// checkable leaves out what has nothing to compare, or is being worked on anyway.
func checkable(conv *v1alpha1.Conversation, account string) bool {
	s := &conv.Status
	return s.SID != "" && conv.DeletionTimestamp.IsZero() && !conv.Spec.Suspend && s.ObservedGeneration == conv.Generation &&
		(account == "" || s.AccountSID == account)
}

func (s *serviceCheck) add(conv *v1alpha1.Conversation) {
	s.unseen[conv.Status.SID] = conv
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

// run carries the check on until it is complete. After an error it can be run again, and goes on where it was.
func (c *driftCheck) run(ctx context.Context, dear map[string]bool) error {
	for len(c.services) > 0 {
		s := c.services[0]
		if err := c.list(ctx, s); err != nil {
			return err
		}
		rest := len(s.unseen)
		if err := c.fetch(ctx, s); err != nil {
			return err
		}
		// Listing to the end costs its pages; asking one by one costs as many requests as there are conversations.
		dear[s.sid] = s.skipped || rest > 0 && s.next != ""
		c.services = c.services[1:]
	}
	return nil
}

// list reads pages while they are the cheaper way: once as many were read as conversations are still unseen, asking
// for those one by one costs no more than what was spent.
func (c *driftCheck) list(ctx context.Context, s *serviceCheck) error {
	if s.listed {
		return nil
	}
	for !s.enough() {
		asked := time.Now()
		page, err := c.page(ctx, s)
		if errors.Is(err, twilio.ErrNotFound) {
			// The service itself is gone, as it seems; each conversation is asked for before that is believed.
			break
		}
		if err != nil {
			return err
		}
		c.requests++
		s.pages++
		s.next = page.NextPageURL
		c.live.observeClock(page.ServerTime)
		for _, entry := range page.Conversations {
			c.listed++
			if conv, ok := s.unseen[entry.SID]; ok {
				delete(s.unseen, entry.SID)
				c.compare(conv, entry, asked)
			}
		}
	}
	s.listed = true
	return nil
}

// enough: the list is at its end, or asking for the rest is the cheaper way.
func (s *serviceCheck) enough() bool {
	switch {
	case len(s.unseen) == 0, s.pages > 0 && s.next == "":
		return true
	case s.maxPages > 0:
		return s.pages >= s.maxPages
	}
	return s.pages >= len(s.unseen)
}

// page reads the next page, on a turn of its own.
func (c *driftCheck) page(ctx context.Context, s *serviceCheck) (*twilio.Page, error) {
	ctx, done, err := c.turn(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	o := twilio.ListOptions{StartDate: s.from, EndDate: s.to, PageSize: twilio.MaxPageSize, PageURL: s.next}
	for page, err := range c.live.client.Conversations(s.sid).Pages(ctx, o) {
		if err == nil && page.NextPageURL != "" && page.NextPageURL == s.next {
			return nil, errors.New("the list of conversations goes round in circles")
		}
		return page, err
	}
	return &twilio.Page{}, nil
}

// turn is the account's leave to send one request; users go first.
func (c *driftCheck) turn(ctx context.Context) (context.Context, func(), error) {
	permit := c.live.budget.Acquire(twilio.Ask{Class: twilio.ClassDrift})
	if permit == nil {
		return nil, nil, errQueued
	}
	return twilio.WithPermit(ctx, permit), permit.Release, nil
}

// fetch asks for what no page had, one by one. Absence from a list proves nothing.
func (c *driftCheck) fetch(ctx context.Context, s *serviceCheck) error {
	for _, sid := range sortedKeys(s.unseen) {
		conv := s.unseen[sid]
		asked := time.Now()
		found, err := c.one(ctx, s, sid)
		switch {
		case errors.Is(err, twilio.ErrNotFound):
			c.missing(conv, asked)
		case err != nil:
			return err
		default:
			c.compare(conv, found, asked)
		}
		c.requests++
		delete(s.unseen, sid)
	}
	return nil
}

func (c *driftCheck) one(ctx context.Context, s *serviceCheck, sid string) (*twilio.Conversation, error) {
	ctx, done, err := c.turn(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	return c.live.client.Conversations(s.sid).Fetch(ctx, sid)
}

// missing notes a conversation that Twilio does not have. It is believed only of the account that held it, and counts
// as vanished only if it was there before.
func (c *driftCheck) missing(conv *v1alpha1.Conversation, asked time.Time) {
	c.checked++
	if c.account.SID == "" || c.writes.since(conv.UID, asked) || readyOf(conv.Status.Conditions).Status != "True" {
		return
	}
	c.vanished = append(c.vanished, conv)
}

// compare notes the object if what was read differs from what is recorded or wanted. What was asked for before our
// own last write, or shows an older version than it, says nothing.
func (c *driftCheck) compare(conv *v1alpha1.Conversation, entry *twilio.Conversation, asked time.Time) {
	c.checked++
	if c.writes.since(conv.UID, asked) {
		return
	}
	drifted, differs, mere := c.differs(conv, entry)
	if differs || drifted {
		// The object may have moved on since the check began.
		now := c.current(conv)
		if now == nil || !checkable(now, c.account.SID) {
			return
		}
		conv = now
		drifted, differs, mere = c.differs(conv, entry)
	}
	if drifted {
		c.drifted++
	}
	switch {
	case !differs:
	case mere:
		c.looks = append(c.looks, look{conv: conv, listed: entry})
	default:
		c.looks = append(c.looks, look{conv: conv})
	}
}

// differs compares one object. mere: the status does not show what was read, and nothing else is to be done.
func (c *driftCheck) differs(conv *v1alpha1.Conversation, entry *twilio.Conversation) (drifted, differs, mere bool) {
	ready := readyOf(conv.Status.Conditions)
	if older(entry, conv) || ready.Reason == v1alpha1.ReasonRejected {
		return false, false, false
	}
	facts := plan.Facts{
		Object: conv, Generated: plan.GeneratedName(c.cluster, conv.Namespace, conv.Name), Now: time.Now(), Account: c.account, Observed: entry,
		Intent: plan.ParseIntent(conv.Annotations[v1alpha1.CreateIntentAnnotation]),
	}
	step := plan.For(&facts)
	drifted = len(step.Drift) > 0
	if step.Verb != plan.Keep {
		return drifted, step.Reason != ready.Reason, false
	}
	next := &v1alpha1.Conversation{TypeMeta: conv.TypeMeta, ObjectMeta: conv.ObjectMeta, Spec: conv.Spec}
	conv.Status.DeepCopyInto(&next.Status)
	facts.Object = next
	facts.Record(step)
	return drifted, step.Reason != ready.Reason || !equality.Semantic.DeepEqual(conv.Status, next.Status), true
}

func older(entry *twilio.Conversation, conv *v1alpha1.Conversation) bool {
	return entry.DateUpdated != nil && conv.Status.DateUpdated != nil && entry.DateUpdated.Before(conv.Status.DateUpdated.Time)
}

func sortedKeys(m map[string]*v1alpha1.Conversation) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
