// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// catalog is a list of everything but conversations, sorted by SID. Twilio does not document the order of such lists.
type catalog struct {
	// url is the address of the list, and key the name of its entries in the answer.
	url, key string
	// largest is how many entries a page has at most.
	largest int
	// filters are the parameters of the query, besides those of a page.
	filters []string
}

// catalogToken is a position in a catalog. The page begins after the SID, or, with back, ends before the SID.
type catalogToken struct {
	SID  string `json:"sid"`
	Back bool   `json:"back,omitempty"`
}

// String is like the tokens of Twilio's list of services, which are PT and JSON in base64 (twilio-labs/dev-phone#220).
func (t catalogToken) String() string { return "PT" + base64.StdEncoding.EncodeToString(encode(t)) }

func parseCatalogToken(text string) (t catalogToken, ok bool) {
	if len(text) < 2 || text[:2] != "PT" {
		return t, false
	}
	b, err := base64.StdEncoding.DecodeString(text[2:])
	return t, err == nil && json.Unmarshal(b, &t) == nil && t.SID != ""
}

// page returns the SIDs on the page that a request asks for, and the description of the page.
func (c catalog) page(x *exchange, q Quirks, sids []string) (shown []string, m meta, err *apiError) {
	query := x.entry.Query
	m.Key = c.key
	if m.PageSize, m.Page, err = q.parsePage(query, c.largest); err != nil {
		return nil, m, err
	}
	slices.Sort(sids)
	token, ok := parseCatalogToken(query.Get("PageToken"))
	switch {
	case query.Get("PageToken") == "" && m.Page > 0:
		return nil, m, errPageWithoutToken
	case query.Get("PageToken") != "" && !ok:
		return nil, m, badRequest(20001, "PageToken is invalid")
	}
	shown, more := token.cut(sids, m.PageSize)
	c.describe(query, &m, shown, more)
	return shown, m, nil
}

// cut returns a page of sorted SIDs, and whether the list continues behind the page.
func (t catalogToken) cut(sids []string, size int) (page []string, more bool) {
	at, found := slices.BinarySearch(sids, t.SID)
	if t.Back {
		return sids[max(at-size, 0):at], true
	}
	if found {
		at++
	}
	end := min(at+size, len(sids))
	return sids[at:end], end < len(sids)
}

// describe adds the addresses of a page and its neighbours, with the host of the client's request.
func (c catalog) describe(query url.Values, m *meta, shown []string, more bool) {
	page := func(number int, token string) string {
		var u strings.Builder
		u.WriteString(c.url + "?")
		for _, key := range c.filters {
			if value := query.Get(key); value != "" {
				fmt.Fprintf(&u, "%s=%s&", key, url.QueryEscape(value))
			}
		}
		fmt.Fprintf(&u, "PageSize=%d&Page=%d", m.PageSize, number)
		if token != "" {
			u.WriteString("&PageToken=" + url.QueryEscape(token))
		}
		return u.String()
	}
	m.FirstPageURL, m.URL = page(0, ""), page(m.Page, query.Get("PageToken"))
	if len(shown) == 0 {
		return
	}
	if more {
		m.NextPageURL = new(page(m.Page+1, catalogToken{SID: shown[len(shown)-1]}.String()))
	}
	if m.Page > 0 {
		m.PreviousPageURL = new(page(m.Page-1, catalogToken{SID: shown[0], Back: true}.String()))
	}
}

// parsePage reads the size and the number of a page.
func (q Quirks) parsePage(v url.Values, largest int) (size, page int, err *apiError) {
	size = pageSizeDefault
	for _, p := range []struct {
		key string
		min int
		to  *int
	}{{"PageSize", 1, &size}, {"Page", 0, &page}} {
		if text := v.Get(p.key); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil || n < p.min {
				return 0, 0, badRequest(20001, p.key+" is invalid")
			}
			*p.to = n
		}
	}
	if size > largest && q.RefuseLargePages {
		return 0, 0, errPageSize
	}
	return min(size, largest), page, nil
}
