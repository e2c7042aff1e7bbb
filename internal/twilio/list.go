// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio

import (
	"cmp"
	"context"
	"iter"
	"net/url"
	"strconv"
	"time"
)

// ListOptions choose what a list holds. Twilio sorts a list with dates by creation, latest first, and one without by
// recent activity, so that the latter shifts while it is read.
type ListOptions struct {
	// StartDate and EndDate bound the creation date, both inclusive, in whole days of UTC; zero: no bound.
	StartDate, EndDate time.Time
	// State is active, inactive or closed; empty: all.
	State State
	// PageSize is how many conversations a request asks for, 1 to MaxPageSize; zero: MaxPageSize.
	PageSize int
	// Limit ends the list after so many conversations; zero: no limit.
	Limit int
	// PageURL continues a list at the NextPageURL of an earlier page; everything but Limit and SkipUnreadable is then as it was
	// there.
	PageURL string
	// SkipUnreadable leaves out entries that are not conversations as they should be. Without it they spoil their page.
	SkipUnreadable bool
}

// Page is what one request for a list answered.
type Page struct {
	Conversations []*Conversation
	// ServerTime is Twilio's clock when it answered, in whole seconds; zero if it was not told.
	ServerTime time.Time
	// NextPageURL is empty on the last page. After a page that Limit cut short it skips what was cut.
	NextPageURL string
}

// List yields the conversations one by one, each page requested when its first conversation is asked for. It ends
// with the first error.
func (s Conversations) List(ctx context.Context, o ListOptions) iter.Seq2[*Conversation, error] {
	return func(yield func(*Conversation, error) bool) {
		for page, err := range s.Pages(ctx, o) {
			if err != nil {
				yield(nil, err)
				return
			}
			for _, conv := range page.Conversations {
				if !yield(conv, nil) {
					return
				}
			}
		}
	}
}

// Pages yields what [Conversations.List] does page by page, each requested when it is asked for. It ends with the
// first error; a next page on another host, or one that was there before, is one.
func (s Conversations) Pages(ctx context.Context, o ListOptions) iter.Seq2[*Page, error] {
	return func(yield func(*Page, error) bool) {
		l := s.start(o)
		for l.more() {
			page, err := l.page(ctx)
			if !yield(page, err) || err != nil {
				return
			}
		}
	}
}

// query is the query of the first page, which Twilio carries on in the addresses of the others.
func (o ListOptions) query() url.Values {
	size := min(max(cmp.Or(o.PageSize, MaxPageSize), 1), MaxPageSize)
	if o.Limit > 0 {
		size = min(size, o.Limit)
	}
	q := url.Values{"PageSize": {strconv.Itoa(size)}}
	// Twilio takes no other times of day than these two.
	if !o.StartDate.IsZero() {
		q.Set("StartDate", o.StartDate.UTC().Format(time.DateOnly)+"T00:00:00Z")
	}
	if !o.EndDate.IsZero() {
		q.Set("EndDate", o.EndDate.UTC().Format(time.DateOnly)+"T23:59:59Z")
	}
	if o.State != "" {
		q.Set("State", string(o.State))
	}
	return q
}
