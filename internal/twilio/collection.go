// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio

import (
	"cmp"
	"context"
	"iter"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/conversations-operator/conversations-operator/internal/twilio/form"
)

// Kind says how Twilio calls the resources of a collection.
type Kind struct {
	// Noun ends the names of the operations in Twilio's OpenAPI document: Create, Fetch, Update, Delete or List, and Noun.
	Noun string
	// Name is the name of one resource in the messages of errors, such as "a role".
	Name string
	// List is the name of the entries on a page of a list.
	List string
	// PageSize is how many entries a page has at most.
	PageSize int
}

// Collection are the resources of one kind in one place. P is the struct of their parameters, for [form.Encode].
type Collection[R Resource, P any] struct {
	client *Client
	kind   Kind
	path   []string
}

// NewCollection answers the collection at a path below /v1. Segments of the path are sent percent-encoded.
func NewCollection[R Resource, P any](c *Client, kind Kind, path ...string) Collection[R, P] {
	return Collection[R, P]{client: c, kind: kind, path: path}
}

// Create makes a resource, with one POST. After an [Ambiguous] error, the resource may exist nevertheless.
func (c Collection[R, P]) Create(ctx context.Context, p P) (r R, err error) {
	a, err := c.client.sendTo(ctx, c.kind.Name, c.path, request{
		operation: "Create" + c.kind.Noun, method: http.MethodPost, form: form.Encode(p),
	})
	if err != nil {
		return r, err
	}
	return read[R](a, c.kind.Name)
}

// Fetch answers the resource with the given SID, or the name that is as good; [ErrNotFound] if Twilio does not have the
// resource.
func (c Collection[R, P]) Fetch(ctx context.Context, key string) (r R, err error) {
	a, err := c.client.sendTo(ctx, c.kind.Name, c.one(key), request{operation: "Fetch" + c.kind.Noun, method: http.MethodGet})
	if err != nil {
		return r, err
	}
	return readOf[R](a, c.kind.Name, key)
}

// Delete removes a resource for good, with all that is in the resource; [ErrNotFound] if Twilio does not have the
// resource. Twilio answers no resource, so Delete answers the ID by which Twilio's support finds the request.
func (c Collection[R, P]) Delete(ctx context.Context, key string) (requestID string, err error) {
	a, err := c.client.sendTo(ctx, c.kind.Name, c.one(key), request{operation: "Delete" + c.kind.Noun, method: http.MethodDelete})
	if err != nil {
		return "", err
	}
	return a.deleted()
}

func (c Collection[R, P]) one(key string) []string { return append(slices.Clone(c.path), key) }

// sendTo sends a request to a path. With an empty segment, its address would be the address of something else.
func (c *Client) sendTo(ctx context.Context, name string, path []string, r request) (*answer, error) {
	if slices.Contains(path, "") {
		return nil, invalid(r.operation, name+" is addressed by its SID, but none was given")
	}
	r.url = c.endpoint(path...)
	return c.send(ctx, r)
}

// Updatable is a collection whose resources can be changed.
type Updatable[R Resource, P any] struct{ Collection[R, P] }

// Update changes the set fields of p, with one POST, and answers the resource after the change; [ErrNotFound] if Twilio
// does not have the resource.
func (c Updatable[R, P]) Update(ctx context.Context, key string, p P) (r R, err error) {
	a, err := c.client.sendTo(ctx, c.kind.Name, c.one(key), request{
		operation: "Update" + c.kind.Noun, method: http.MethodPost, form: form.Encode(p),
	})
	if err != nil {
		return r, err
	}
	return readOf[R](a, c.kind.Name, key)
}

// PageOptions choose the entries of a list.
type PageOptions struct {
	// Filter is added to the query of the first page. Twilio carries the query on in the addresses of the later pages.
	Filter url.Values
	// PageSize is how many entries a request asks for, 1 to the most of the kind; zero: the most.
	PageSize int
	// Limit ends the list after so many entries; zero: no limit.
	Limit int
	// PageURL continues a list at the NextPageURL of an earlier page. All options but Limit and SkipUnreadable are then as
	// in the earlier list.
	PageURL string
	// SkipUnreadable leaves out entries which are not well-formed. Without SkipUnreadable they spoil their page.
	SkipUnreadable bool
}

// List yields the entries one by one. List requests each page when the caller asks for the first entry of the page. The
// list ends with the first error.
func (c Collection[R, P]) List(ctx context.Context, o PageOptions) iter.Seq2[R, error] {
	return func(yield func(R, error) bool) {
		for page, err := range c.Pages(ctx, o) {
			if err != nil {
				var none R
				yield(none, err)
				return
			}
			for _, r := range page.Entries {
				if !yield(r, nil) {
					return
				}
			}
		}
	}
}

// Pages yields the entries of List page by page, and requests each page when the caller asks for the page. The list ends
// with the first error; a next page on another host, or a next page which was read before, is an error.
func (c Collection[R, P]) Pages(ctx context.Context, o PageOptions) iter.Seq2[*PageOf[R], error] {
	return func(yield func(*PageOf[R], error) bool) {
		first := c.client.endpoint(c.path...)
		size := min(max(cmp.Or(o.PageSize, c.kind.PageSize), 1), c.kind.PageSize)
		query := url.Values{"PageSize": {strconv.Itoa(size)}}
		maps.Copy(query, o.Filter)
		first.RawQuery = query.Encode()
		l := newListing[R](c.client.newPager("List"+c.kind.Noun, first), c.kind.List, o.PageURL, o.Limit, o.SkipUnreadable)
		l.wrong = flaw("the body is not a list of " + c.kind.List)
		l.run(ctx, yield)
	}
}
