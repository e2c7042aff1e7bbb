// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/twilio/twilio-go/client"
	sdk "github.com/twilio/twilio-go/rest/conversations/v1"
)

func missing(t *testing.T, err error) {
	t.Helper()
	var refused *client.TwilioRestError
	if !errors.As(err, &refused) || refused.Status != http.StatusNotFound || refused.Code != 20404 {
		t.Errorf("what was deleted is answered with %v", err)
	}
}

func TestTheSDKDrivesAddresses(t *testing.T) {
	c := newSDK(t, start(t).URL)
	params := (&sdk.CreateConfigurationAddressParams{}).SetType("sms").SetAddress(number).SetFriendlyName("Helpline").
		SetAutoCreationEnabled(true).SetAutoCreationType("webhook").SetAutoCreationWebhookUrl("https://localhost/").
		SetAutoCreationWebhookMethod("post").SetAutoCreationWebhookFilters([]string{"onMessageAdded"})
	made, err := c.CreateConfigurationAddress(params)
	must(t, err)
	fetched, err := c.FetchConfigurationAddress(*made.Sid)
	must(t, err)
	if diff := cmp.Diff(made, fetched); diff != "" {
		t.Errorf("fetched (-created +fetched):\n%s", diff)
	}
	updated, err := c.UpdateConfigurationAddress(*made.Sid, (&sdk.UpdateConfigurationAddressParams{}).SetAutoCreationEnabled(false))
	must(t, err)
	if auto := (*updated.AutoCreation).(map[string]any); auto["enabled"] != false || auto["webhook_method"] != "POST" {
		t.Errorf("updated %v", auto)
	}
	all, err := c.ListConfigurationAddress((&sdk.ListConfigurationAddressParams{}).SetType("sms"))
	must(t, err)
	if len(all) != 1 || *all[0].Sid != *made.Sid {
		t.Errorf("listed %v", all)
	}
	must(t, c.DeleteConfigurationAddress(*made.Sid))
	_, err = c.FetchConfigurationAddress(*made.Sid)
	missing(t, err)
}

func TestTheSDKDrivesServices(t *testing.T) {
	c := newSDK(t, start(t).URL)
	made, err := c.CreateService((&sdk.CreateServiceParams{}).SetFriendlyName("Helpline"))
	must(t, err)
	fetched, err := c.FetchService(*made.Sid)
	must(t, err)
	if diff := cmp.Diff(made, fetched); diff != "" {
		t.Errorf("fetched (-created +fetched):\n%s", diff)
	}

	_, err = c.FetchServiceConfiguration(*made.Sid)
	must(t, err)
	configuration, err := c.UpdateServiceConfiguration(*made.Sid, (&sdk.UpdateServiceConfigurationParams{}).SetReachabilityEnabled(true))
	must(t, err)
	if !*configuration.ReachabilityEnabled {
		t.Error("reachability is off")
	}
	_, err = c.FetchServiceWebhookConfiguration(*made.Sid)
	must(t, err)
	webhooks, err := c.UpdateServiceWebhookConfiguration(*made.Sid, (&sdk.UpdateServiceWebhookConfigurationParams{}).
		SetPostWebhookUrl("https://localhost/").SetFilters([]string{"onMessageAdded"}).SetMethod("POST"))
	must(t, err)
	if *webhooks.PostWebhookUrl != "https://localhost/" || webhooks.PreWebhookUrl != nil {
		t.Errorf("the webhooks are %v", webhooks)
	}
	_, err = c.FetchServiceNotification(*made.Sid)
	must(t, err)
	notifications, err := c.UpdateServiceNotification(*made.Sid, (&sdk.UpdateServiceNotificationParams{}).SetNewMessageEnabled(true))
	must(t, err)
	if (*notifications.NewMessage).(map[string]any)["enabled"] != true {
		t.Errorf("the notifications are %v", *notifications.NewMessage)
	}

	must(t, c.DeleteService(*made.Sid))
	_, err = c.FetchService(*made.Sid)
	missing(t, err)
}
