// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

type serviceAnswer struct {
	SID          string            `json:"sid"`
	AccountSID   string            `json:"account_sid"`
	FriendlyName string            `json:"friendly_name"`
	DateCreated  string            `json:"date_created"`
	DateUpdated  string            `json:"date_updated"`
	URL          string            `json:"url"`
	Links        map[string]string `json:"links"`
}

type servicesAnswer struct {
	Services []serviceAnswer `json:"services"`
	Meta     meta            `json:"meta"`
}

func (s *Simulator) fetchService(x *exchange) reply {
	v := x.tenant.services[x.route.key]
	if v == nil {
		return refuse(notFound(x.route.path, 20404))
	}
	return answer(http.StatusOK, "", v.view(x))
}

// servicePage answers a page of the services of an account, sorted by SID. Twilio does not document the order of its
// list.
func (s *Simulator) servicePage(x *exchange) reply {
	q, token, err := s.quirks.parseServiceQuery(x.entry.Query)
	if err != nil {
		return refuse(err)
	}
	sids := slices.Sorted(maps.Keys(x.tenant.services))
	from := 0
	if token != "" {
		at, found := slices.BinarySearch(sids, token[2:])
		switch {
		case strings.HasPrefix(token, "PB"):
			from = max(at-q.size, 0)
			sids = sids[:at]
		case found:
			from = at + 1
		default:
			from = at
		}
	}
	all := sids[from:]
	page := servicesAnswer{Services: []serviceAnswer{}}
	for _, sid := range all[:min(q.size, len(all))] {
		page.Services = append(page.Services, x.tenant.services[sid].view(x))
	}
	page.Meta = q.serviceMeta(x, page.Services, len(all) > q.size || strings.HasPrefix(token, "PB"))
	return answer(http.StatusOK, "", page)
}

// parseServiceQuery reads the parameters of a list of services. A page token is a SID with the prefix PT or PB: the
// page begins after this SID, or ends before it.
func (q Quirks) parseServiceQuery(v url.Values) (l listQuery, token string, err *apiError) {
	if err := q.parsePage(v, &l); err != nil {
		return l, "", err
	}
	token = v.Get("PageToken")
	switch {
	case token == "" && l.page > 0:
		return l, "", errPageWithoutToken
	case token != "" && (!strings.HasPrefix(token, "PT") && !strings.HasPrefix(token, "PB") || !serviceSID.MatchString(token[2:])):
		return l, "", badRequest(20001, "PageToken is invalid")
	}
	return l, token, nil
}

// serviceMeta returns the description of a page of services. Its URLs are absolute, with the host of the client's
// request.
func (l *listQuery) serviceMeta(x *exchange, found []serviceAnswer, more bool) meta {
	page := func(number int, token string) string {
		u := fmt.Sprintf("%s/v1/Services?PageSize=%d&Page=%d", x.origin(), l.size, number)
		if token != "" {
			u += "&PageToken=" + url.QueryEscape(token)
		}
		return u
	}
	m := meta{Page: l.page, PageSize: l.size, Key: "services", FirstPageURL: page(0, ""), URL: page(l.page, x.entry.Query.Get("PageToken"))}
	if more && len(found) > 0 {
		m.NextPageURL = new(page(l.page+1, "PT"+found[len(found)-1].SID))
	}
	if l.page > 0 && len(found) > 0 {
		m.PreviousPageURL = new(page(l.page-1, "PB"+found[0].SID))
	}
	return m
}

func (v *service) view(x *exchange) serviceAnswer {
	address := x.origin() + "/v1/Services/" + v.sid
	return serviceAnswer{
		SID: v.sid, AccountSID: x.tenant.sid, FriendlyName: "Service " + v.sid[len(v.sid)-4:],
		DateCreated: second(v.created), DateUpdated: second(v.created), URL: address,
		Links: map[string]string{
			"conversations": address + "/Conversations", "users": address + "/Users", "roles": address + "/Roles",
			"bindings": address + "/Bindings", "configuration": address + "/Configuration",
			"participant_conversations":      address + "/ParticipantConversations",
			"conversation_with_participants": address + "/ConversationWithParticipants",
		},
	}
}
