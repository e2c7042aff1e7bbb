// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio

import (
	"context"
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

// listing reads a list page by page, from its start or from a page in its middle.
type listing[R Resource] struct {
	*pager
	// key is the name of the entries on a page.
	key string
	// left is how many entries the list may still have.
	left int
	// lenient: the list leaves out entries which cannot be read.
	lenient bool
	// wrong is the flaw of a page which is none.
	wrong flaw
}

func newListing[R Resource](p *pager, key, pageURL string, limit int, lenient bool) *listing[R] {
	l := &listing[R]{pager: p, key: key, left: math.MaxInt, lenient: lenient}
	if limit > 0 {
		l.left = limit
	}
	if pageURL == "" {
		return l
	}
	next, err := p.client.follow(pageURL)
	p.next = next
	if err != nil {
		p.err = invalid(p.operation, err.Error())
	}
	return l
}

// run yields the pages, to the end or the first error.
func (l *listing[R]) run(ctx context.Context, yield func(*PageOf[R], error) bool) {
	for l.more() {
		page, err := l.page(ctx)
		if !yield(page, err) || err != nil {
			return
		}
	}
}

// page requests the next page, and finds the address of the page after the next.
func (l *listing[R]) page(ctx context.Context) (*PageOf[R], error) {
	a, err := l.send(ctx)
	if err != nil {
		return nil, err
	}
	page, err := readPage[R](a, l.key, l.lenient, l.wrong)
	if err != nil {
		return nil, err
	}
	page.Entries = page.Entries[:min(l.left, len(page.Entries))]
	if l.left -= len(page.Entries); l.left == 0 {
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
