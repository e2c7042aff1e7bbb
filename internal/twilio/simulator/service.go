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
	DateUpdated  *string           `json:"date_updated"`
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
	return ofService((*Simulator).fetchService)(s, x)
}

func (s *Simulator) fetchService(x *exchange, v *service) reply {
	return answer(http.StatusOK, v.sid, v.view(x, s.quirks))
}

// servicePage answers a page of the services of an account.
func (s *Simulator) servicePage(x *exchange) reply {
	listed := x.tenant.listedServices.at(s.now())
	list := catalog{url: x.origin() + "/v1/Services", key: "services", largest: pageSizeMax}
	sids, m, err := list.page(x, s.quirks, slices.Collect(maps.Keys(listed)))
	if err != nil {
		return refuse(err)
	}
	page := servicesAnswer{Services: []serviceAnswer{}, Meta: m}
	for _, sid := range sids {
		page.Services = append(page.Services, listed[sid].view(x, s.quirks))
	}
	return answer(http.StatusOK, "", page)
}

func (v *service) view(x *exchange, q Quirks) serviceAnswer {
	address := v.address(x)
	return serviceAnswer{
		SID: v.sid, AccountSID: x.tenant.sid, FriendlyName: v.friendlyName,
		DateCreated: second(v.created), DateUpdated: q.updated(v.created, v.created), URL: address,
		Links: map[string]string{
			"conversations": address + "/Conversations", "users": address + "/Users", "roles": address + "/Roles",
			"bindings": address + "/Bindings", "configuration": address + "/Configuration",
			"participant_conversations":      address + "/ParticipantConversations",
			"conversation_with_participants": address + "/ConversationWithParticipants",
		},
	}
}
