// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package drift

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/controller/conversation"
	"github.com/conversations-operator/conversations-operator/internal/retry"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
	"github.com/conversations-operator/conversations-operator/internal/twilio/budget"
)

const (
	// requestsAtOnce is how many requests a drift check sends before the drift checks of other accounts come first.
	requestsAtOnce = 10
	// listTries is how often a list may fail before the check fetches its conversations one by one.
	listTries = 3
)

// errPaused: other drift checks come first.
var errPaused = errors.New("the drift check goes on after others")

// run carries the check on to its end, and notes the cheapest ways. A failing service goes behind the other services.
// After an error, run can be called again, and goes on at the same place.
func (c *check) run(ctx context.Context, ways map[string]way) error {
	c.left = requestsAtOnce
	var failed []*serviceCheck
	defer func() { c.services = append(c.services, failed...) }()
	for len(c.services) > 0 {
		s := c.services[0]
		s.err = c.read(ctx, s)
		if concernsAccount(ctx, s.err) {
			return s.err
		}
		c.services = c.services[1:]
		if s.err != nil {
			c.errors++
			failed = append(failed, s)
			continue
		}
		s.learn(ways)
	}
	if len(failed) > 0 {
		return failed[0].err
	}
	return nil
}

// concernsAccount tells whether an error stops all services of the account.
func concernsAccount(ctx context.Context, err error) bool {
	return ctx.Err() != nil || errors.Is(err, errPaused) || errors.Is(err, retry.ErrQueued) || errors.Is(err, twilio.ErrThrottled) ||
		errors.Is(err, twilio.ErrDenied)
}

// read reads a service to its end.
func (c *check) read(ctx context.Context, s *serviceCheck) error {
	for {
		if err := c.list(ctx, s); err != nil {
			return err
		}
		if err := c.fetch(ctx, s); err != nil || s.listed {
			return err
		}
	}
}

// list reads pages as long as listing is the cheaper way and does not fail.
func (c *check) list(ctx context.Context, s *serviceCheck) error {
	for !s.listed && !s.enough() {
		asked := time.Now()
		page, err := c.page(ctx, s)
		if errors.Is(err, twilio.ErrNotFound) {
			// The service itself seems to be gone. The check fetches each conversation before believing the answer.
			break
		}
		if err != nil {
			if !concernsAccount(ctx, err) {
				s.fail(err)
			}
			return err
		}
		s.failures = 0
		s.pages++
		s.next = page.NextPageURL
		c.progressed = time.Now()
		c.live.Clock.Observe(page.ServerTime)
		for _, entry := range page.Conversations {
			c.listed++
			objects := s.unseen[entry.SID]
			if slices.ContainsFunc(objects, func(conv *v1alpha1.Conversation) bool { return conversation.Older(entry, conv) }) {
				continue
			}
			delete(s.unseen, entry.SID)
			for _, conv := range objects {
				c.compare(conv, entry, asked)
			}
		}
	}
	s.listed = true
	return nil
}

// page reads the next page, with a seat of its own. The check fetches unreadable entries one by one, if their
// conversations are needed.
func (c *check) page(ctx context.Context, s *serviceCheck) (*twilio.Page, error) {
	ctx, done, err := c.takeSeat(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	o := twilio.ListOptions{StartDate: s.from, EndDate: s.to, PageSize: twilio.MaxPageSize, PageURL: s.next, SkipUnreadable: true}
	for page, err := range c.live.Client.Conversations(s.sid).Pages(ctx, o) {
		if err == nil && page.NextPageURL != "" && page.NextPageURL == s.next {
			return nil, errors.New("the list of conversations goes round in circles")
		}
		return page, err
	}
	return &twilio.Page{}, nil
}

// takeSeat takes a seat in the account's budget for one request. Meanwhile the worker is free for another account.
func (c *check) takeSeat(ctx context.Context) (context.Context, func(), error) {
	if c.left == 0 {
		return nil, nil, errPaused
	}
	seat := c.live.Budget.Acquire(c.request)
	if seat == nil {
		return nil, nil, retry.ErrQueued
	}
	c.left--
	c.requests++
	c.workers.Leave()
	return budget.WithSeat(ctx, seat), func() {
		seat.Release()
		c.workers.Back()
	}, nil
}

// fetch asks for each conversation which no page had. Absence from a list proves nothing.
func (c *check) fetch(ctx context.Context, s *serviceCheck) error {
	if s.rest == nil {
		s.rest = slices.Sorted(maps.Keys(s.unseen))
	}
	for len(s.rest) > 0 {
		sid := s.rest[0]
		objects, unseen := s.unseen[sid]
		if !unseen {
			s.rest = s.rest[1:]
			continue
		}
		asked := time.Now()
		found, err := c.fetchOne(ctx, s, sid)
		switch {
		case errors.Is(err, twilio.ErrNotFound):
			for _, conv := range objects {
				c.missing(conv)
			}
		case err == nil:
			for _, conv := range objects {
				c.compare(conv, found, asked)
			}
		default:
			if !concernsAccount(ctx, err) {
				// Other conversations of the service come first.
				s.rest = append(s.rest[1:], sid)
				s.missed()
			}
			return err
		}
		c.progressed = time.Now()
		s.rest = s.rest[1:]
		delete(s.unseen, sid)
		if s.fetched() {
			return nil
		}
	}
	return nil
}

func (c *check) fetchOne(ctx context.Context, s *serviceCheck, sid string) (*twilio.Conversation, error) {
	ctx, done, err := c.takeSeat(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	return c.live.Client.Conversations(s.sid).Fetch(ctx, sid)
}
