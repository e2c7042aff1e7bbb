// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator

import "net/http"

type configurationAnswer struct {
	AccountSID           string            `json:"account_sid"`
	ServiceSID           string            `json:"default_chat_service_sid"`
	MessagingServiceSID  string            `json:"default_messaging_service_sid"`
	DefaultInactiveTimer *string           `json:"default_inactive_timer"`
	DefaultClosedTimer   *string           `json:"default_closed_timer"`
	URL                  string            `json:"url"`
	Links                map[string]string `json:"links"`
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
