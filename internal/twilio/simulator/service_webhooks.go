// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// ServiceWebhooks are the webhooks of a Conversation Service. What was never set is empty, and Filters nil.
type ServiceWebhooks struct {
	PreURL  string   `json:"preWebhookUrl,omitempty"`
	PostURL string   `json:"postWebhookUrl,omitempty"`
	Filters []string `json:"filters,omitempty"`
	Method  string   `json:"method,omitempty"`
	// Set is true from the first update on that sets a field.
	Set bool `json:"set"`
}

// serviceFilters are the events that a service may ask for. Events of users are the account's alone.
var serviceFilters = []string{
	"onMessageAdd", "onMessageUpdate", "onMessageRemove", "onMessageAdded", "onMessageUpdated", "onMessageRemoved",
	"onConversationAdd", "onConversationUpdate", "onConversationRemove",
	"onConversationAdded", "onConversationUpdated", "onConversationRemoved", "onConversationStateUpdated",
	"onParticipantAdd", "onParticipantUpdate", "onParticipantRemove",
	"onParticipantAdded", "onParticipantUpdated", "onParticipantRemoved", "onDeliveryUpdated",
}

type serviceWebhooksAnswer struct {
	AccountSID string   `json:"account_sid"`
	ServiceSID string   `json:"chat_service_sid"`
	PreURL     *string  `json:"pre_webhook_url"`
	PostURL    *string  `json:"post_webhook_url"`
	Filters    []string `json:"filters"`
	Method     *string  `json:"method"`
	URL        string   `json:"url"`
}

func (s *Simulator) fetchServiceWebhooks(x *exchange, v *service) reply {
	return answer(http.StatusOK, v.sid, serviceWebhooksAnswer{
		AccountSID: x.tenant.sid, ServiceSID: v.sid, PreURL: orNull(v.webhooks.PreURL), PostURL: orNull(v.webhooks.PostURL),
		Filters: v.webhooks.Filters, Method: orNull(v.webhooks.Method), URL: v.address(x) + "/Configuration/Webhooks",
	})
}

func (s *Simulator) updateServiceWebhooks(x *exchange, v *service) reply {
	next, q := v.webhooks, s.quirks.Services
	err := cmp.Or(
		q.hookURL(x.form, "PreWebhookUrl", &next.PreURL, 50077), q.hookURL(x.form, "PostWebhookUrl", &next.PostURL, 50078),
		q.hookFilters(x.form, &next.Filters), q.hookMethod(x.form, &next.Method),
	)
	if err != nil {
		return refuse(err)
	}
	for _, key := range []string{"PreWebhookUrl", "PostWebhookUrl", "Filters", "Method"} {
		next.Set = next.Set || x.form.Has(key)
	}
	v.webhooks = next
	return s.fetchServiceWebhooks(x, v)
}

func (q ServiceQuirks) hookURL(form url.Values, key string, to *string, code int) *apiError {
	v := form.Get(key)
	u, err := url.Parse(v)
	switch {
	case !form.Has(key), v == "" && q.KeepEmptyURLs:
		return nil
	case v == "" && q.RefuseEmptyURLs, v != "" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == ""):
		return badRequest(code, "Invalid webhook url")
	}
	*to = v
	return nil
}

func (q ServiceQuirks) hookFilters(form url.Values, to *[]string) *apiError {
	all := form["Filters"]
	if len(all) == 1 && all[0] == "" {
		switch {
		case q.KeepEmptyFilters:
			return nil
		case !q.RefuseEmptyFilters:
			*to = []string{}
			return nil
		}
	}
	for _, filter := range all {
		if !slices.Contains(serviceFilters, filter) {
			return badRequest(50365, "Invalid conversation webhook filter")
		}
	}
	if len(all) > 0 {
		*to = slices.Clone(all)
	}
	return nil
}

func (q ServiceQuirks) hookMethod(form url.Values, to *string) *apiError {
	if !form.Has("Method") {
		return nil
	}
	method := form.Get("Method")
	if upper := strings.ToUpper(method); upper != http.MethodGet && upper != http.MethodPost {
		return badRequest(50055, "Invalid webhook method")
	}
	if *to = method; q.UpperCaseMethod {
		*to = strings.ToUpper(method)
	}
	return nil
}

// receiver is who is told of events.
type receiver struct{ url, method string }

// receivers returns who is told of an event of a service's conversations, the service's own webhook first. Before is the
// event before a write.
func (s *Simulator) receivers(a *tenant, v *service, event string, before bool) (all []receiver) {
	own, account := v.webhooks.PostURL, a.configuration.WebhookURL
	if before {
		own, account = v.webhooks.PreURL, a.configuration.PreWebhookURL
	}
	if own != "" && slices.Contains(v.webhooks.Filters, event) {
		all = append(all, receiver{own, cmp.Or(strings.ToUpper(v.webhooks.Method), http.MethodPost)})
	}
	blank := v.webhooks.PreURL == "" && v.webhooks.PostURL == ""
	replaced := v.webhooks.Set && (!blank || s.quirks.Services.BlankHooksSilence)
	if account != "" && (!replaced || s.quirks.Services.AddToAccountHooks) {
		all = append(all, receiver{account, http.MethodPost})
	}
	return all
}
