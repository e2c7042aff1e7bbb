// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Twilio's page sizes.
const (
	pageSizeDefault = 50
	pageSizeMax     = 100
)

// farFuture is later than every conversation.
var farFuture = place{at: time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), sid: "D"}

type meta struct {
	Page            int     `json:"page"`
	PageSize        int     `json:"page_size"`
	FirstPageURL    string  `json:"first_page_url"`
	PreviousPageURL *string `json:"previous_page_url"`
	URL             string  `json:"url"`
	NextPageURL     *string `json:"next_page_url"`
	Key             string  `json:"key"`
}

type pageAnswer struct {
	Conversations []conversationAnswer `json:"conversations"`
	Meta          meta                 `json:"meta"`
}

// listQuery holds the parameters of a page.
type listQuery struct {
	state      string
	dated      bool      // sorted by creation, else by activity
	from, to   time.Time // dates of creation: from inclusive, to exclusive; zero: no limit
	size, page int
	grouped    bool
	token      *pageToken
}

// parseListQuery reads the parameters of a list.
func (q Quirks) parseListQuery(v url.Values) (l listQuery, err *apiError) {
	if l.size, l.page, err = q.parsePage(v, pageSizeMax); err != nil {
		return l, err
	}
	if text := v.Get("PageToken"); text != "" {
		token, ok := parseToken(text)
		if !ok {
			return l, badRequest(20001, "PageToken is invalid")
		}
		l.token = token
	} else if l.page > 0 {
		return l, errPageWithoutToken
	}
	l.state = v.Get("State")
	if l.state != "" && (l.state == Initializing || !slices.Contains(states, l.state)) {
		return l, errState
	}
	return l, q.parseDates(v, &l)
}

func (q Quirks) parseDates(v url.Values, l *listQuery) *apiError {
	start, end := v.Get("StartDate"), v.Get("EndDate")
	l.dated = start != "" || end != ""
	l.grouped = q.GroupListsByState && !l.dated
	var from, to time.Time
	for _, d := range []struct {
		key, text, day string
		to             *time.Time
	}{{"StartDate", start, "T00:00:00Z", &from}, {"EndDate", end, "T23:59:59Z", &to}} {
		if d.text == "" {
			continue
		}
		t, err := time.Parse(time.RFC3339, d.text)
		if err != nil || (q.RefusePartialDays && !strings.HasSuffix(d.text, d.day)) {
			return badRequest(20001, d.key+" is invalid")
		}
		*d.to = t.UTC()
	}
	if start != "" && end != "" && !to.After(from) {
		return errDateOrder
	}
	l.from = from
	if end != "" {
		l.to = to.Truncate(time.Second).Add(time.Second)
		if q.CompareEndDateExactly {
			l.to = to.Add(time.Millisecond)
		}
	}
	return nil
}

// listPage answers a page of a service's conversations.
func (s *Simulator) listPage(x *exchange, v *service) reply {
	l, err := s.quirks.parseListQuery(x.entry.Query)
	if err != nil {
		return s.refuse(err)
	}
	found, more := l.collect(v)
	page := pageAnswer{Conversations: make([]conversationAnswer, 0, len(found)), Meta: l.meta(x, v, found, more)}
	for _, c := range found {
		if s.listing.Omit > 0 && s.random.Float64() < s.listing.Omit {
			continue
		}
		page.Conversations = append(page.Conversations, s.quirks.view(c, x.collection()))
	}
	s.shuffle(v)
	return answer(http.StatusOK, "", page)
}

// collect returns the conversations of a page, and whether the list continues beyond the page. The conversations of
// every state are kept in order, so a page costs a few binary searches, and sorts at most size+1 conversations of each
// state.
func (l *listQuery) collect(v *service) (found []*Conversation, more bool) {
	orders := l.orders(v)
	for _, state := range states {
		if l.state != "" && l.state != state {
			continue
		}
		if l.token != nil && l.token.back {
			found = append(found, l.newer(state, orders[state])...)
		} else {
			found = append(found, l.older(state, orders[state])...)
		}
	}
	slices.SortFunc(found, func(a, b *Conversation) int {
		if rank := slices.Index(states, a.State) - slices.Index(states, b.State); l.grouped && rank != 0 {
			return rank
		}
		o := orders[a.State]
		return o.placeOf(b).compare(o.placeOf(a))
	})
	switch {
	case len(found) <= l.size:
		return found, false
	case l.token != nil && l.token.back:
		return found[len(found)-l.size:], true
	}
	return found[:l.size], true
}

// orders returns the orders of the list, by state. Lists show an order from its end to its start.
func (l *listQuery) orders(v *service) map[string]*order {
	if l.dated {
		return v.byCreation
	}
	return v.byActivity
}

// older returns the conversations of one state that a page may need when the client reads forward, the nearest first:
// they precede the position of the token.
func (l *listQuery) older(state string, o *order) (cs []*Conversation) {
	end := l.place(state)
	if to := (place{at: l.to}); !l.to.IsZero() && to.compare(end) < 0 {
		end = to
	}
	for c := range o.descend(end) {
		if len(cs) > l.size || o.at(c).Before(l.from) {
			break
		}
		cs = append(cs, c)
	}
	return cs
}

// newer does the same as older when the client reads backward.
func (l *listQuery) newer(state string, o *order) (cs []*Conversation) {
	for c := range o.ascend(l.place(state)) {
		if len(cs) > l.size || (!l.to.IsZero() && !o.at(c).Before(l.to)) {
			break
		}
		if c.SID != l.token.sid {
			cs = append(cs, c)
		}
	}
	return cs
}

// place returns the position of the token in the order of a state: before, at or after all conversations that the page
// may contain.
func (l *listQuery) place(state string) place {
	switch t := l.token; {
	case t == nil:
		return farFuture
	case !l.grouped || state == t.state:
		return place{t.at, t.sid}
	case slices.Index(states, state) < slices.Index(states, t.state):
		return place{}
	}
	return farFuture
}

// meta returns the description of a page. Its URLs are absolute, with the host of the client's request.
func (l *listQuery) meta(x *exchange, v *service, found []*Conversation, more bool) meta {
	page := func(number int, token string) string {
		var u strings.Builder
		u.WriteString(x.collection() + "?")
		for _, key := range []string{"StartDate", "EndDate", "State"} {
			if value := x.entry.Query.Get(key); value != "" {
				fmt.Fprintf(&u, "%s=%s&", key, url.QueryEscape(value))
			}
		}
		fmt.Fprintf(&u, "PageSize=%d&Page=%d", l.size, number)
		if token != "" {
			u.WriteString("&PageToken=" + url.QueryEscape(token))
		}
		return u.String()
	}
	m := meta{Page: l.page, PageSize: l.size, Key: "conversations", FirstPageURL: page(0, "")}
	m.URL = page(l.page, x.entry.Query.Get("PageToken"))
	if len(found) == 0 {
		return m
	}
	back := l.token != nil && l.token.back
	if more || back {
		m.NextPageURL = new(page(l.page+1, l.tokenOf(v, found[len(found)-1], false)))
	}
	if l.page > 0 && (more || !back) {
		m.PreviousPageURL = new(page(l.page-1, l.tokenOf(v, found[0], true)))
	}
	return m
}

func (l *listQuery) tokenOf(v *service, c *Conversation, back bool) string {
	return pageToken{back: back, state: c.State, at: l.orders(v)[c.State].at(c), sid: c.SID}.String()
}

// shuffle gives random conversations a new activity, as messages would between two pages.
func (s *Simulator) shuffle(v *service) {
	now := s.now()
	for range s.listing.Shuffle {
		o := v.byActivity[Active]
		if o.first() == nil {
			return
		}
		block := o.blocks[s.random.IntN(len(o.blocks))]
		c := s.find(block[s.random.IntN(len(block))].SID)
		if c == nil {
			continue
		}
		next := *c
		next.LastActivity = now
		s.put(&next, now)
	}
}

func (s *Simulator) setListing(l Listing) {
	s.listing = l
	s.random = rand.New(rand.NewPCG(l.Seed, 0))
	for _, change := range s.unlisted {
		s.list(change)
	}
	s.unlisted = nil
	for _, a := range s.accounts {
		a.listedAddresses.flush()
		a.listedServices.flush()
	}
}
