// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"maps"
	"net/http"
	"slices"
)

type configurationAnswer struct {
	AccountSID           string            `json:"account_sid"`
	ServiceSID           string            `json:"default_chat_service_sid"`
	MessagingServiceSID  string            `json:"default_messaging_service_sid"`
	DefaultInactiveTimer *string           `json:"default_inactive_timer"`
	DefaultClosedTimer   *string           `json:"default_closed_timer"`
	URL                  string            `json:"url"`
	Links                map[string]string `json:"links"`
}

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

func (s *Simulator) fetchConfiguration(x *exchange) reply {
	cfg, url := x.tenant.configuration, x.origin()+"/v1/Configuration"
	return answer(http.StatusOK, "", configurationAnswer{
		AccountSID: x.tenant.sid, ServiceSID: cfg.DefaultServiceSID, MessagingServiceSID: cfg.DefaultMessagingServiceSID,
		DefaultInactiveTimer: orNull(cfg.DefaultInactiveTimer), DefaultClosedTimer: orNull(cfg.DefaultClosedTimer),
		URL: url,
		Links: map[string]string{
			"service":  x.origin() + "/v1/Services/" + cfg.DefaultServiceSID + "/Configuration",
			"webhooks": url + "/Webhooks",
		},
	})
}

// fetchServices answers one service, or all of an account on one page.
func (s *Simulator) fetchServices(x *exchange) reply {
	if x.route.key != "" {
		v := x.tenant.services[x.route.key]
		if v == nil {
			return refuse(notFound(x.route.path, 20404))
		}
		return answer(http.StatusOK, "", v.view(x))
	}
	all := servicesAnswer{Services: []serviceAnswer{}, Meta: meta{PageSize: 50, Key: "services"}}
	all.Meta.URL = x.origin() + "/v1/Services?PageSize=50&Page=0"
	all.Meta.FirstPageURL = all.Meta.URL
	for _, sid := range slices.Sorted(maps.Keys(x.tenant.services)) {
		all.Services = append(all.Services, x.tenant.services[sid].view(x))
	}
	return answer(http.StatusOK, "", all)
}

func (v *service) view(x *exchange) serviceAnswer {
	url := x.origin() + "/v1/Services/" + v.sid
	return serviceAnswer{
		SID: v.sid, AccountSID: x.tenant.sid, FriendlyName: "Service " + v.sid[len(v.sid)-4:],
		DateCreated: second(v.created), DateUpdated: second(v.created), URL: url,
		Links: map[string]string{
			"conversations": url + "/Conversations", "users": url + "/Users", "roles": url + "/Roles",
			"bindings": url + "/Bindings", "configuration": url + "/Configuration",
			"participant_conversations":      url + "/ParticipantConversations",
			"conversation_with_participants": url + "/ConversationWithParticipants",
		},
	}
}
