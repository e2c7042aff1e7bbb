// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio

import (
	"context"
	"iter"
	"net/url"
	"slices"
	"strconv"
)

// Service is a Conversation Service: the realm in which unique names are unique.
type Service struct {
	// SID of the service, IS….
	SID string `json:"sid"`
	// FriendlyName is the name for people. Several services may have the same name.
	FriendlyName string `json:"friendly_name"`
}

const listService = "ListService"

const errNotServices = flaw("the body is not a list of Conversation Services")

// Services yields every Conversation Service of the account, the default service included. Services requests each page
// of a hundred when the caller asks for the first service of the page. The list ends with the first error: [ErrDenied]
// if the credentials may not list services.
func (c *Client) Services(ctx context.Context) iter.Seq2[*Service, error] {
	return func(yield func(*Service, error) bool) {
		first := c.endpoint("Services")
		first.RawQuery = url.Values{"PageSize": {strconv.Itoa(MaxPageSize)}}.Encode()
		for l := c.newPager(listService, first); l.more(); {
			page, err := l.services(ctx)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, service := range page {
				if !yield(service, nil) {
					return
				}
			}
		}
	}
}

// services requests the next page of a list of services. An entry which is no service spoils the whole page.
func (l *pager) services(ctx context.Context) ([]*Service, error) {
	a, err := l.send(ctx)
	if err != nil {
		return nil, err
	}
	var body struct {
		Services []*Service `json:"services"`
		Meta     *pageMeta  `json:"meta"`
	}
	if err := a.decode(&body, errNotServices); err != nil {
		return nil, err
	}
	strange := func(s *Service) bool { return s == nil || !ValidSID("IS", s.SID) }
	if body.Services == nil || body.Meta == nil || slices.ContainsFunc(body.Services, strange) {
		return nil, a.error(errNotServices)
	}
	l.follow(a, body.Meta.NextPageURL)
	return body.Services, nil
}
