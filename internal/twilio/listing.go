// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// listing is a list that is being read.
type listing struct {
	client *Client
	// next is where the next page is; nil at the end.
	next *url.URL
	// err is why the next page can't be asked for.
	err  error
	left int
	seen map[string]bool
	// lenient lists leave out what cannot be read.
	lenient bool
}

const listConversation = "ListConversation"

func (s Conversations) start(o ListOptions) *listing {
	l := &listing{client: s.client, left: math.MaxInt, seen: map[string]bool{}, lenient: o.SkipUnreadable}
	if o.Limit > 0 {
		l.left = o.Limit
	}
	if o.PageURL == "" {
		l.next = s.client.endpoint(s.path...)
		l.next.RawQuery = o.query().Encode()
		return l
	}
	next, err := s.client.follow(o.PageURL)
	if err != nil {
		l.err = invalid(listConversation, err.Error())
		return l
	}
	l.next = next
	return l
}

// page requests the next page, and finds out where the one after it is.
func (l *listing) page(ctx context.Context) (*Page, error) {
	if l.err != nil {
		return nil, l.err
	}
	l.seen[l.next.String()] = true
	r := request{operation: listConversation, method: http.MethodGet, url: l.next, limit: maxPageBody}
	a, err := l.client.send(ctx, r)
	if err != nil {
		return nil, err
	}
	page, err := a.page(l.lenient)
	if err != nil {
		return nil, err
	}
	page.Conversations = page.Conversations[:min(l.left, len(page.Conversations))]
	l.left -= len(page.Conversations)
	if l.next, err = l.after(page); err != nil {
		l.err = a.error(err)
	}
	return page, nil
}

func (l *listing) after(page *Page) (*url.URL, error) {
	if page.NextPageURL == "" || l.left == 0 {
		return nil, nil
	}
	next, err := l.client.follow(page.NextPageURL)
	if err == nil && l.seen[next.String()] {
		return nil, flaw("its pages go round in a circle")
	}
	return next, err
}

const errNotPage = flaw("the body is not a list of conversations")

// page reads a page. One with anything in it that is not a conversation is refused as a whole, unless it may be left out.
func (a *answer) page(lenient bool) (*Page, error) {
	var body pageBody[*Conversation]
	err := a.decode(&body, errNotPage)
	if err != nil && lenient && a.flaw == nil {
		body, err = a.readable()
	}
	if err != nil {
		return nil, err
	}
	strange := func(c *Conversation) bool { return c == nil || !c.valid() }
	if body.Conversations == nil || body.Meta == nil || !lenient && slices.ContainsFunc(body.Conversations, strange) {
		return nil, a.error(errNotPage)
	}
	page := &Page{
		Conversations: slices.DeleteFunc(body.Conversations, strange), ServerTime: a.serverTime(), NextPageURL: body.Meta.NextPageURL,
	}
	for _, conv := range page.Conversations {
		conv.ServerTime, conv.AnsweredAt, conv.RequestID = page.ServerTime, a.at, a.requestID()
	}
	return page, nil
}

// pageBody is the body of a page with entries of that type.
type pageBody[T any] struct {
	Conversations []T `json:"conversations"`
	Meta          *struct {
		NextPageURL string `json:"next_page_url"`
	} `json:"meta"`
}

// readable reads of a page what can be read.
func (a *answer) readable() (body pageBody[*Conversation], err error) {
	var raw pageBody[json.RawMessage]
	if err := a.decode(&raw, errNotPage); err != nil || raw.Conversations == nil {
		return body, err
	}
	body.Meta, body.Conversations = raw.Meta, []*Conversation{}
	for _, entry := range raw.Conversations {
		conv := &Conversation{}
		if json.Unmarshal(entry, conv) == nil {
			body.Conversations = append(body.Conversations, conv)
		}
	}
	return body, nil
}

// follow answers where a page is, given the address Twilio wrote: its path and query to the byte (tokens hold dots
// and colons), but always on this client's host. Behind a base URL Twilio still writes its own host.
func (c *Client) follow(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, flaw("the address of the page is not a URL")
	}
	at := slices.Index(c.origins, origin(u))
	if at < 0 {
		return nil, flaw(fmt.Sprintf("the page is on another host, %q", oneLine(u.Host)))
	}
	next := *c.base
	next.Path, next.RawPath, next.RawQuery = u.Path, u.EscapedPath(), u.RawQuery
	if at > 0 {
		next.Path, next.RawPath = c.base.Path+u.Path, c.base.EscapedPath()+u.EscapedPath()
	}
	return &next, nil
}

// origin is what has to be the same for two URLs to be of one server: the scheme, the host and the port.
func origin(u *url.URL) string {
	port := map[string]string{"http": ":80", "https": ":443"}[u.Scheme]
	return u.Scheme + "://" + strings.TrimSuffix(strings.ToLower(u.Host), port)
}
