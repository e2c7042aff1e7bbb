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

// driftCheck is one check of one account, under way. It can be interrupted and carried on.
type driftCheck struct {
	live *liveAccount
	// ask is for a turn of the account's budget.
	ask     twilio.Ask
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
	// behind are objects whose status speaks of an earlier spec.
	behind []*v1alpha1.Conversation
	// vanished are those that Twilio had until now and has no more.
	vanished []*v1alpha1.Conversation
	// managed are checked, skipped are not although they have a conversation. missed counts the 404s.
	managed, skipped, missed int
	// denials are how often Twilio rejected the credentials during the check.
	denials int
}

// look is an object that the conversation controller is to look at; the hint may tell it all it needs.
type look struct {
	conv *v1alpha1.Conversation
	hint
}

// plan sorts the conversations to be checked by service. ways are what earlier checks learned of each.
func (c *driftCheck) plan(used []v1alpha1.Conversation, ways map[string]way) {
	by := map[string]*serviceCheck{}
	for i := range used {
		conv := &used[i]
		if !c.checkable(conv) {
			if conv.OwnSID() != "" && conv.DeletionTimestamp.IsZero() {
				c.skipped++
				c.lags(conv)
			}
			continue
		}
		c.managed++
		s := by[conv.Status.ChatServiceSID]
		if s == nil {
			s = newServiceCheck(conv.Status.ChatServiceSID)
			s.known = ways[s.sid]
			by[s.sid] = s
			c.services = append(c.services, s)
		}
		s.add(conv)
	}
}

// checkable leaves out what has nothing to compare, or is being worked on anyway.
func (c *driftCheck) checkable(conv *v1alpha1.Conversation) bool {
	s := &conv.Status
	return conv.OwnSID() != "" && conv.DeletionTimestamp.IsZero() && !conv.Spec.Suspend && s.ObservedGeneration == conv.Generation &&
		(c.account.SID == "" || s.AccountSID == c.account.SID) && (s.ObjectUID == "" || s.Region == c.account.Region)
}

// lags notes an object whose status speaks of an earlier spec: it may be under way, or a manager wrote an old status.
func (c *driftCheck) lags(conv *v1alpha1.Conversation) {
	if !conv.Spec.Suspend && conv.Status.ObservedGeneration != conv.Generation {
		c.behind = append(c.behind, conv)
	}
}

// run carries the check on until it is complete, and notes which way was the cheapest. After an error it can be run
// again, and goes on where it was.
func (c *driftCheck) run(ctx context.Context, ways map[string]way) error {
	for len(c.services) > 0 {
		s := c.services[0]
		if err := c.list(ctx, s); err != nil {
			return err
		}
		if err := c.fetch(ctx, s); err != nil {
			return err
		}
		ways[s.sid] = s.best
		c.services = c.services[1:]
	}
	return nil
}

// list reads pages while they are the cheaper way.
func (c *driftCheck) list(ctx context.Context, s *serviceCheck) error {
	for !s.listed && !s.enough() {
		asked := time.Now()
		page, err := c.page(ctx, s)
		if errors.Is(err, twilio.ErrNotFound) {
			// The service itself is gone, as it seems; each conversation is asked for before that is believed.
			break
		}
		if err != nil {
			return err
		}
		s.pages++
		s.next = page.NextPageURL
		c.live.clock.observe(page.ServerTime)
		for _, entry := range page.Conversations {
			c.listed++
			if conv, ok := s.unseen[entry.SID]; ok && !older(entry, conv) {
				delete(s.unseen, entry.SID)
				c.compare(conv, entry, asked)
			}
		}
	}
	s.listed = true
	return nil
}

// page reads the next page, on a turn of its own.
func (c *driftCheck) page(ctx context.Context, s *serviceCheck) (*twilio.Page, error) {
	ctx, done, err := c.turn(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	c.requests++
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
	permit := c.live.budget.Acquire(c.ask)
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
			c.missing(conv)
		case err != nil:
			return err
		default:
			c.compare(conv, found, asked)
		}
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
	c.requests++
	return c.live.client.Conversations(s.sid).Fetch(ctx, sid)
}

// missing notes a conversation that Twilio does not have. It is believed only of the account that held it, and counts
// as vanished only if it was there before, and nothing was done about it since the check began.
func (c *driftCheck) missing(conv *v1alpha1.Conversation) {
	c.checked++
	c.missed++
	now := c.current(conv)
	if now == nil || !c.checkable(now) || now.Status.SID != conv.Status.SID || c.writes.since(conv.UID, c.started) {
		return
	}
	switch {
	case c.account.SID == "":
		if readyOf(now.Status.Conditions).Reason != v1alpha1.ReasonAccountMismatch {
			// The object says that the account may be another.
			c.looks = append(c.looks, look{conv: now})
		}
	case present(now):
		c.vanished = append(c.vanished, now)
	}
}

// present tells whether the conversation was there as far as its object knows.
func present(conv *v1alpha1.Conversation) bool {
	switch readyOf(conv.Status.Conditions).Reason {
	case v1alpha1.ReasonSynced, v1alpha1.ReasonClosed, v1alpha1.ReasonConversationClosed, v1alpha1.ReasonRejected:
		return conv.Status.SID != ""
	}
	return false
}

// compare notes the object if what was read differs from what is recorded or wanted. What was asked for before our
// own last write says nothing.
func (c *driftCheck) compare(conv *v1alpha1.Conversation, entry *twilio.Conversation, asked time.Time) {
	c.checked++
	if c.writes.since(conv.UID, asked) {
		return
	}
	drifted, differs, mere := c.differs(conv, entry)
	if differs || drifted {
		// The object may have moved on since the check began.
		now := c.current(conv)
		if now == nil || !c.checkable(now) || now.Status.SID != entry.SID {
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
		c.looks = append(c.looks, look{conv, hint{listed: entry, asked: asked}})
	default:
		c.looks = append(c.looks, look{conv: conv})
	}
}

// differs compares one object. mere: the status does not show what was read, and nothing else is to be done.
func (c *driftCheck) differs(conv *v1alpha1.Conversation, entry *twilio.Conversation) (drifted, differs, mere bool) {
	ready := readyOf(conv.Status.Conditions)
	if ready.Reason == v1alpha1.ReasonRejected {
		return false, false, false
	}
	facts := plan.Facts{
		Object: conv, Generated: plan.GeneratedName(c.cluster, conv.Namespace, conv.Name), Now: time.Now(), Account: c.account, Observed: entry, Listed: true,
		Intent: plan.ParseIntent(conv.Annotations[v1alpha1.CreateIntentAnnotation]),
		Doubt:  plan.ParseDoubt(conv.Annotations[v1alpha1.UpdateIntentAnnotation]),
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

// older tells whether a list shows a version from before the one that is recorded. It then says nothing, as if the
// conversation were not in it.
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
