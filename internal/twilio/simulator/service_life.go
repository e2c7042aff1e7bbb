// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
)

// Service is a snapshot of a Conversation Service with its roles and its settings.
type Service struct {
	SID           string               `json:"sid"`
	AccountSID    string               `json:"accountSid"`
	FriendlyName  string               `json:"friendlyName"`
	Roles         []Role               `json:"roles"`
	Configuration ServiceConfiguration `json:"configuration"`
	Webhooks      ServiceWebhooks      `json:"webhooks"`
	Notifications Notifications        `json:"notifications"`
}

// ServiceConfiguration is the configuration of a Conversation Service.
type ServiceConfiguration struct {
	CreatorRoleSID      string `json:"defaultConversationCreatorRoleSid"`
	ConversationRoleSID string `json:"defaultConversationRoleSid"`
	ServiceRoleSID      string `json:"defaultChatServiceRoleSid"`
	Reachability        bool   `json:"reachabilityEnabled"`
}

// Services returns snapshots of the Conversation Services of an account, sorted by SID, and nil for an unknown account.
func (s *Simulator) Services(account string) []Service {
	defer s.enter()()
	a, err := s.account(account)
	if err != nil {
		return nil
	}
	all := make([]Service, 0, len(a.services))
	for _, v := range a.services {
		one := Service{
			SID: v.sid, AccountSID: a.sid, FriendlyName: v.friendlyName, Roles: slices.Clone(v.roles),
			Configuration: v.configuration, Webhooks: v.webhooks, Notifications: v.notifications,
		}
		one.Webhooks.Filters = slices.Clone(v.webhooks.Filters)
		all = append(all, one)
	}
	slices.SortFunc(all, func(a, b Service) int { return strings.Compare(a.SID, b.SID) })
	return all
}

func (a *tenant) add(v *service) {
	a.services[v.sid] = v
	a.listedServices.put(v.sid, v, v.created)
}

func (s *Simulator) createService(x *exchange) reply {
	name := x.form.Get("FriendlyName")
	switch most := s.quirks.Services.Most; {
	case name == "":
		return refuse(badRequest(50000, "FriendlyName not provided"))
	case len([]rune(name)) > friendlyNameMax:
		return refuse(errFriendlyNameLength)
	case most > 0 && len(x.tenant.services) >= most:
		return refuse(&apiError{http.StatusForbidden, 20403, "Too many services"})
	}
	v := newService(newSID("IS"), s.now())
	v.friendlyName = name
	x.tenant.services[v.sid] = v
	x.tenant.listedServices.put(v.sid, v, v.created.Add(s.listing.Lag))
	return answer(http.StatusCreated, v.sid, v.view(x, s.quirks))
}

// ofService serves requests about one service.
func ofService(serve func(*Simulator, *exchange, *service) reply) func(*Simulator, *exchange) reply {
	return func(s *Simulator, x *exchange) reply {
		v := x.tenant.services[cmp.Or(x.route.service, x.route.key)]
		if v == nil {
			return refuse(notFound(x.route.path, 20404))
		}
		if err := s.ending(x, v); err != nil {
			return refuse(err)
		}
		rep := serve(s, x, v)
		rep.sid = v.sid
		return rep
	}
}

// ending returns the error of a request to a service whose deletion is under way, or nil.
func (s *Simulator) ending(x *exchange, v *service) *apiError {
	switch {
	case v.ends.IsZero():
		return nil
	case x.request.Method != http.MethodGet:
		return &apiError{http.StatusConflict, 50002, "Resource is being deleted"}
	case s.quirks.Services.DeletingIsGone:
		return notFound(x.route.path, 20404)
	}
	return nil
}

func (s *Simulator) deleteService(x *exchange, v *service) reply {
	q := s.quirks.Services
	if q.RefuseDeletingDefault != 0 && v.sid == x.tenant.configuration.DefaultServiceSID {
		return refuse(&apiError{q.RefuseDeletingDefault, 20001, "The default service cannot be deleted"})
	}
	v.ends = s.now().Add(q.DeletionTakes)
	s.dying = append(s.dying, deletion{x.tenant, v})
	s.bury()
	return reply{status: http.StatusNoContent}
}

// deletion is a service whose deletion is under way.
type deletion struct {
	tenant *tenant
	v      *service
}

// bury ends the deletions that are due.
func (s *Simulator) bury() {
	now := s.now()
	s.dying = slices.DeleteFunc(s.dying, func(d deletion) bool {
		if d.v.ends.After(now) {
			return false
		}
		s.purge(d.v)
		delete(d.tenant.services, d.v.sid)
		d.tenant.listedServices.put(d.v.sid, nil, now.Add(s.listing.Lag))
		s.orphan(d.tenant, d.v.sid)
		return true
	})
}

// purge deletes the conversations of a service, without webhooks.
func (s *Simulator) purge(v *service) {
	for sid, e := range s.entries {
		if c := cmp.Or(e.now, e.listed); c == nil || c.ServiceSID != v.sid {
			continue
		}
		if e.now != nil {
			s.unindex(e.now)
		}
		delete(s.entries, sid)
	}
	s.unlisted = slices.DeleteFunc(s.unlisted, func(change listChange) bool { return s.entries[change.sid] == nil })
}

// orphan changes the addresses whose conversations went to a service that is gone.
func (s *Simulator) orphan(a *tenant, serviceSID string) {
	for _, address := range a.addresses {
		switch q := s.quirks.Services; {
		case address.AutoCreation.ServiceSID != serviceSID:
		case q.DeletionRemovesAddresses:
			s.dropAddress(a, address)
		case q.DeletionClearsAddresses:
			next := address.clone()
			next.AutoCreation.ServiceSID = ""
			s.putAddress(a, next)
		}
	}
}

type serviceConfigurationAnswer struct {
	ServiceSID          string            `json:"chat_service_sid"`
	CreatorRoleSID      string            `json:"default_conversation_creator_role_sid"`
	ConversationRoleSID string            `json:"default_conversation_role_sid"`
	ServiceRoleSID      string            `json:"default_chat_service_role_sid"`
	Reachability        bool              `json:"reachability_enabled"`
	URL                 string            `json:"url"`
	Links               map[string]string `json:"links"`
}

func (s *Simulator) fetchServiceConfiguration(x *exchange, v *service) reply {
	address := v.address(x) + "/Configuration"
	c := serviceConfigurationAnswer{
		ServiceSID: v.sid, CreatorRoleSID: v.configuration.CreatorRoleSID, ConversationRoleSID: v.configuration.ConversationRoleSID,
		ServiceRoleSID: v.configuration.ServiceRoleSID, Reachability: v.configuration.Reachability, URL: address,
		Links: map[string]string{"notifications": address + "/Notifications", "webhooks": address + "/Webhooks"},
	}
	if s.quirks.SparseAnswers {
		delete(c.Links, "webhooks")
	}
	return answer(http.StatusOK, v.sid, c)
}

func (s *Simulator) updateServiceConfiguration(x *exchange, v *service) reply {
	next := v.configuration
	for _, role := range []struct {
		key, kind string
		to        *string
	}{
		{"DefaultConversationCreatorRoleSid", roleConversation, &next.CreatorRoleSID},
		{"DefaultConversationRoleSid", roleConversation, &next.ConversationRoleSID},
		{"DefaultChatServiceRoleSid", roleService, &next.ServiceRoleSID},
	} {
		if !x.form.Has(role.key) {
			continue
		}
		if *role.to = x.form.Get(role.key); v.roleOf(*role.to) != role.kind {
			q := s.quirks.Services
			return refuse(&apiError{cmp.Or(q.RoleStatus, http.StatusBadRequest), cmp.Or(q.RoleCode, 50109), "Role not found"})
		}
	}
	if x.form.Has("ReachabilityEnabled") {
		if err := parseBool("ReachabilityEnabled", x.form.Get("ReachabilityEnabled"), &next.Reachability); err != nil {
			return refuse(err)
		}
	}
	v.configuration = next
	return s.fetchServiceConfiguration(x, v)
}

func (v *service) address(x *exchange) string { return x.origin() + "/v1/Services/" + v.sid }
