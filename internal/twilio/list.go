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

// ListOptions choose the conversations of a list. Twilio sorts a list with dates by creation, latest first, and a list
// without dates by recent activity, so that a list without dates shifts while the client reads the list.
type ListOptions struct {
	// StartDate and EndDate bound the creation date, both inclusive, in whole days of UTC; zero: no bound.
	StartDate, EndDate time.Time
	// State is active, inactive or closed; empty: all.
	State State
	// PageSize is how many conversations a request asks for, 1 to MaxPageSize; zero: MaxPageSize.
	PageSize int
	// Limit ends the list after so many conversations; zero: no limit.
	Limit int
	// PageURL continues a list at the NextPageURL of an earlier page. All options but Limit and SkipUnreadable are then as
	// in the earlier list.
	PageURL string
	// SkipUnreadable leaves out entries which are not well-formed conversations. Without SkipUnreadable they spoil their
	// page.
	SkipUnreadable bool
}

// Page is the answer to one request for a list.
type Page struct {
	Conversations []*Conversation
	// ServerTime is Twilio's clock at the answer, in whole seconds; zero if the answer has no date.
	ServerTime time.Time
	// NextPageURL is empty on the last page. If Limit cut a page short, NextPageURL skips the conversations cut off.
	NextPageURL string
}

// List yields the conversations one by one. List requests each page when the caller asks for the first conversation of
// the page. The list ends with the first error.
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

// Pages yields the conversations of [Conversations.List] page by page, and requests each page when the caller asks for
// the page. The list ends with the first error; a next page on another host, or a next page which was read before, is
// an error.
func (s Conversations) Pages(ctx context.Context, o ListOptions) iter.Seq2[*Page, error] {
	return func(yield func(*Page, error) bool) {
		first := s.client.endpoint(s.path...)
		first.RawQuery = o.query().Encode()
		l := newListing[*Conversation](s.client.newPager(listConversation, first), listKey, o.PageURL, o.Limit, o.SkipUnreadable)
		l.wrong = errNotPage
		l.run(ctx, func(page *PageOf[*Conversation], err error) bool {
			if err != nil {
				return yield(nil, err)
			}
			return yield(&Page{Conversations: page.Entries, ServerTime: page.ServerTime, NextPageURL: page.NextPageURL}, nil)
		})
	}
}

const (
	listConversation = "ListConversation"
	listKey          = "conversations"
	errNotPage       = flaw("the body is not a list of conversations")
)

// query is the query of the first page. Twilio carries the query on in the addresses of the later pages.
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
