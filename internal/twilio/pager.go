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

// pager reads a list page by page.
type pager struct {
	client *Client
	// operation is the list's operation, by its name in Twilio's OpenAPI document.
	operation string
	// next is the address of the next page; nil at the end.
	next *url.URL
	// err is why the next page can't be requested.
	err  error
	seen map[string]bool
}

const listConversation = "ListConversation"

// newPager begins a list at the first page of a collection.
func (c *Client) newPager(operation string, first *url.URL) *pager {
	return &pager{client: c, operation: operation, next: first, seen: map[string]bool{}}
}

// more tells whether another page, or an error in its place, follows.
func (l *pager) more() bool { return l.next != nil || l.err != nil }

// send requests the next page.
func (l *pager) send(ctx context.Context) (*answer, error) {
	if l.err != nil {
		return nil, l.err
	}
	l.seen[l.next.String()] = true
	return l.client.send(ctx, request{operation: l.operation, method: http.MethodGet, url: l.next, limit: maxPageBody})
}

// follow moves on to the page after the answered page; without an address, to the end.
func (l *pager) follow(a *answer, address string) {
	l.next = nil
	if address == "" {
		return
	}
	next, err := l.client.follow(address)
	switch {
	case err != nil:
		l.err = a.error(err)
	case l.seen[next.String()]:
		l.err = a.error(flaw("its pages go round in a circle"))
	default:
		l.next = next
	}
}

// conversationPager reads a list of conversations page by page.
type conversationPager struct {
	*pager
	// left is how many conversations the list may still have.
	left int
	// lenient: the list leaves out entries which cannot be read.
	lenient bool
}

func (s Conversations) start(o ListOptions) *conversationPager {
	first := s.client.endpoint(s.path...)
	first.RawQuery = o.query().Encode()
	l := &conversationPager{pager: s.client.newPager(listConversation, first), left: math.MaxInt, lenient: o.SkipUnreadable}
	if o.Limit > 0 {
		l.left = o.Limit
	}
	if o.PageURL == "" {
		return l
	}
	next, err := s.client.follow(o.PageURL)
	l.next = next
	if err != nil {
		l.err = invalid(listConversation, err.Error())
	}
	return l
}

// page requests the next page, and finds the address of the page after the next.
func (l *conversationPager) page(ctx context.Context) (*Page, error) {
	a, err := l.send(ctx)
	if err != nil {
		return nil, err
	}
	page, err := a.page(l.lenient)
	if err != nil {
		return nil, err
	}
	page.Conversations = page.Conversations[:min(l.left, len(page.Conversations))]
	if l.left -= len(page.Conversations); l.left == 0 {
		l.next = nil
		return page, nil
	}
	l.follow(a, page.NextPageURL)
	return page, nil
}

// pageMeta is the part of a page about its list.
type pageMeta struct {
	NextPageURL string `json:"next_page_url"`
}

const errNotPage = flaw("the body is not a list of conversations")

// page reads a page. An entry which is not a conversation spoils the whole page, unless lenient leaves the entry out.
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

// pageBody is the body of a page with entries of the type.
type pageBody[T any] struct {
	Conversations []T       `json:"conversations"`
	Meta          *pageMeta `json:"meta"`
}

// readable reads the readable entries of a page.
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

// follow answers the URL of a page from the address in Twilio's answer: its path and query to the byte (tokens hold
// dots and colons), but always on this client's host. Behind a base URL Twilio still writes its own host.
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

// origin is equal for two URLs of one server: the scheme, the host and the port.
func origin(u *url.URL) string {
	port := map[string]string{"http": ":80", "https": ":443"}[u.Scheme]
	return u.Scheme + "://" + strings.TrimSuffix(strings.ToLower(u.Host), port)
}
