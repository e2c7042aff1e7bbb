// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// addressPageMax is the largest page of address configurations, and the default.
const addressPageMax = 50

type addressAnswer struct {
	SID          string  `json:"sid"`
	AccountSID   string  `json:"account_sid"`
	Type         string  `json:"type"`
	Address      string  `json:"address"`
	Country      *string `json:"address_country"`
	FriendlyName *string `json:"friendly_name"`
	AutoCreation any     `json:"auto_creation"`
	DateCreated  string  `json:"date_created"`
	DateUpdated  *string `json:"date_updated"`
	URL          string  `json:"url"`
}

type addressesAnswer struct {
	Addresses []addressAnswer `json:"address_configurations"`
	Meta      meta            `json:"meta"`
}

func (s *Simulator) createAddress(x *exchange) reply {
	now := s.now()
	a := &Address{
		SID: newSID("IG"), AccountSID: x.tenant.sid, AutoCreation: AutoCreation{Type: autoDefault}, DateCreated: now, DateUpdated: now,
	}
	e := addressEdit{a: a, tenant: x.tenant, quirks: s.quirks.Addresses}
	if err := e.create(x); err != nil {
		return refuse(err)
	}
	s.putAddress(x.tenant, a)
	return answer(http.StatusCreated, a.SID, s.quirks.viewAddress(a, x))
}

func (e *addressEdit) create(x *exchange) *apiError {
	for _, key := range []string{"Type", "Address"} {
		if !x.form.Has(key) {
			return missingParameter(key)
		}
	}
	if err := e.apply(addressIdentity, x.form); err != nil {
		return err
	}
	if err := e.apply(addressFields, x.form); err != nil {
		return err
	}
	return cmp.Or(e.complete(), e.owned(), e.unique())
}

// owned returns an error if the account does not own the address.
func (e *addressEdit) owned() *apiError {
	own := e.tenant.configuration.Addresses
	foreign := len(own) > 0 && !slices.Contains(own, e.a.Address) || e.quirks.RefuseReleased && e.tenant.released[e.a.Address]
	if foreign && !e.quirks.AcceptForeign {
		return &apiError{cmp.Or(e.quirks.ForeignStatus, http.StatusBadRequest), 20001, "Address does not belong to the account"}
	}
	return nil
}

// unique returns an error if the address is configured already. Twilio documents neither the status nor the code.
func (e *addressEdit) unique() *apiError {
	for _, other := range e.tenant.addresses {
		if other.Address != e.a.Address || e.quirks.UniquePerType && !strings.EqualFold(other.Type, e.a.Type) {
			continue
		}
		code := cmp.Or(e.quirks.DuplicateCode, 20409)
		return &apiError{cmp.Or(e.quirks.DuplicateStatus, http.StatusConflict), max(code, 0), "Address is configured already"}
	}
	return nil
}

// ofAddress serves requests about one address configuration.
func ofAddress(serve func(*Simulator, *exchange, *Address) reply) func(*Simulator, *exchange) reply {
	return func(s *Simulator, x *exchange) reply {
		a := x.tenant.address(x.route.key)
		writes := x.request.Method != http.MethodGet
		if a == nil || writes && s.quirks.Addresses.WriteBySIDOnly && !addressSID.MatchString(x.route.key) {
			return refuse(notFound(x.route.path, 20404))
		}
		rep := serve(s, x, a)
		rep.sid = a.SID
		return rep
	}
}

func (s *Simulator) fetchAddress(x *exchange, a *Address) reply {
	return answer(http.StatusOK, a.SID, s.quirks.viewAddress(a, x))
}

func (s *Simulator) updateAddress(x *exchange, a *Address) reply {
	next := a.clone()
	next.DateUpdated = s.now()
	e := addressEdit{a: next, tenant: x.tenant, quirks: s.quirks.Addresses}
	if err := e.apply(addressFields, x.form); err != nil {
		return refuse(err)
	}
	if err := e.complete(); err != nil {
		return refuse(err)
	}
	s.putAddress(x.tenant, next)
	return answer(http.StatusOK, a.SID, s.quirks.viewAddress(next, x))
}

func (s *Simulator) deleteAddress(x *exchange, a *Address) reply {
	s.dropAddress(x.tenant, a)
	return reply{status: http.StatusNoContent}
}

func (s *Simulator) addressPage(x *exchange) reply {
	listed := x.tenant.listedAddresses.at(s.now())
	kind := x.entry.Query.Get("Type")
	sids := slices.DeleteFunc(slices.Collect(maps.Keys(listed)), func(sid string) bool {
		return kind != "" && !strings.EqualFold(listed[sid].Type, kind)
	})
	list := catalog{
		url: x.origin() + "/v1/Configuration/Addresses", key: "address_configurations", largest: addressPageMax, filters: []string{"Type"},
	}
	sids, m, err := list.page(x, s.quirks, sids)
	if err != nil {
		return refuse(err)
	}
	page := addressesAnswer{Addresses: []addressAnswer{}, Meta: m}
	for _, sid := range sids {
		page.Addresses = append(page.Addresses, s.quirks.viewAddress(listed[sid], x))
	}
	return answer(http.StatusOK, "", page)
}

// viewAddress renders an address configuration.
func (q Quirks) viewAddress(a *Address, x *exchange) addressAnswer {
	return addressAnswer{
		SID: a.SID, AccountSID: a.AccountSID, Type: a.Type, Address: a.Address, Country: orNull(a.Country),
		FriendlyName: orNull(a.FriendlyName), AutoCreation: q.Addresses.viewAutoCreation(&a.AutoCreation),
		DateCreated: second(a.DateCreated), DateUpdated: q.updated(a.DateCreated, a.DateUpdated),
		URL: x.origin() + "/v1/Configuration/Addresses/" + a.SID,
	}
}

// viewAutoCreation renders auto_creation in one of the two shapes that were seen.
func (q AddressQuirks) viewAutoCreation(c *AutoCreation) map[string]any {
	v := map[string]any{
		"enabled": c.Enabled, "type": c.Type, "binding_name": nil, "conversation_service_sid": orNull(c.ServiceSID),
		"webhook_url": orNull(c.WebhookURL), "webhook_method": orNull(c.WebhookMethod), "webhook_filters": c.WebhookFilters,
		"studio_flow_sid": orNull(c.StudioFlowSID), "studio_retry_count": c.StudioRetryCount,
	}
	if q.OmitBindingName || q.OnlyFieldsOfType {
		delete(v, "binding_name")
	}
	if !q.OnlyFieldsOfType {
		return v
	}
	for key, set := range map[string]bool{
		"conversation_service_sid": c.ServiceSID != "", "webhook_url": c.WebhookURL != "", "webhook_method": c.WebhookMethod != "",
		"webhook_filters": c.WebhookFilters != nil, "studio_flow_sid": c.StudioFlowSID != "",
		"studio_retry_count": c.StudioRetryCount != nil,
	} {
		if !set {
			delete(v, key)
		}
	}
	return v
}
