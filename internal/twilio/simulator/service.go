// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"maps"
	"net/http"
	"slices"
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

func (s *Simulator) serveService(x *exchange) reply {
	if x.route.key == "" {
		return s.servicePage(x)
	}
	v := x.tenant.services[x.route.key]
	if v == nil {
		return refuse(notFound(x.route.path, 20404))
	}
	return answer(http.StatusOK, "", v.view(x))
}

// servicePage answers a page of the services of an account.
func (s *Simulator) servicePage(x *exchange) reply {
	list := catalog{url: x.origin() + "/v1/Services", key: "services", largest: pageSizeMax}
	sids, m, err := list.page(x, s.quirks, slices.Collect(maps.Keys(x.tenant.services)))
	if err != nil {
		return refuse(err)
	}
	page := servicesAnswer{Services: []serviceAnswer{}, Meta: m}
	for _, sid := range sids {
		page.Services = append(page.Services, x.tenant.services[sid].view(x))
	}
	return answer(http.StatusOK, "", page)
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
