// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/twilio/twilio-go/client"
	sdk "github.com/twilio/twilio-go/rest/conversations/v1"
)

// redirect sends the SDK's requests for Twilio's hosts to the simulator, as a proxy that terminates TLS would.
type redirect struct {
	host string
	next http.RoundTripper
}

// RoundTrip keeps the Host header, so that answers contain Twilio's URLs.
func (r redirect) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Host = req.URL.Host
	req.Header.Set("X-Forwarded-Proto", req.URL.Scheme)
	req.URL.Scheme, req.URL.Host = "http", r.host
	return r.next.RoundTrip(req)
}

func newSDK(t *testing.T, serverURL string) *sdk.ApiService {
	u, err := url.Parse(serverURL)
	must(t, err)
	base := &client.Client{
		Credentials: client.NewCredentials(account, token),
		HTTPClient:  &http.Client{Transport: redirect{host: u.Host, next: transport(t)}},
	}
	return sdk.NewApiService(&client.RequestHandler{Client: base})
}

// scope holds the SDK's five operations. The SDK has the operations account-wide and within a service.
type scope struct {
	create func(*sdk.CreateConversationParams) (*sdk.ConversationsV1Conversation, error)
	fetch  func(sid string) (*sdk.ConversationsV1Conversation, error)
	list   func(*sdk.ListConversationParams) ([]string, error)
	update func(sid string, p *sdk.UpdateConversationParams) (*sdk.ConversationsV1Conversation, error)
	delete func(sid string) error
}

func accountScope(c *sdk.ApiService) scope {
	return scope{
		create: c.CreateConversation,
		fetch:  c.FetchConversation,
		list: func(p *sdk.ListConversationParams) ([]string, error) {
			all, err := c.ListConversation(p)
			var sids []string
			for _, one := range all {
				sids = append(sids, *one.Sid)
			}
			return sids, err
		},
		update: c.UpdateConversation,
		delete: func(sid string) error { return c.DeleteConversation(sid, nil) },
	}
}

// as converts between the SDK's types of both scopes, which differ in the order of their fields.
func as[T any](v any) *T {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	converted := new(T)
	if err := json.Unmarshal(b, converted); err != nil {
		panic(err)
	}
	return converted
}

func serviceScope(c *sdk.ApiService) scope {
	return scope{
		create: func(p *sdk.CreateConversationParams) (*sdk.ConversationsV1Conversation, error) {
			got, err := c.CreateServiceConversation(service2, as[sdk.CreateServiceConversationParams](p))
			return as[sdk.ConversationsV1Conversation](got), err
		},
		fetch: func(sid string) (*sdk.ConversationsV1Conversation, error) {
			got, err := c.FetchServiceConversation(service2, sid)
			return as[sdk.ConversationsV1Conversation](got), err
		},
		list: func(p *sdk.ListConversationParams) ([]string, error) {
			all, err := c.ListServiceConversation(service2, as[sdk.ListServiceConversationParams](p))
			var sids []string
			for _, one := range all {
				sids = append(sids, *one.Sid)
			}
			return sids, err
		},
		update: func(sid string, p *sdk.UpdateConversationParams) (*sdk.ConversationsV1Conversation, error) {
			got, err := c.UpdateServiceConversation(service2, sid, as[sdk.UpdateServiceConversationParams](p))
			return as[sdk.ConversationsV1Conversation](got), err
		},
		delete: func(sid string) error { return c.DeleteServiceConversation(service2, sid, nil) },
	}
}

func TestOfficialSDKDrivesAllOperations(t *testing.T) {
	for name, in := range map[string]func(*sdk.ApiService) scope{
		"in the account's scope": accountScope,
		"in a service's scope":   serviceScope,
	} {
		t.Run(name, func(t *testing.T) { driveAll(t, in(newSDK(t, start(t).URL))) })
	}
}

func driveAll(t *testing.T, c scope) {
	t.Helper()
	created, err := c.create((&sdk.CreateConversationParams{}).SetUniqueName("vip").SetFriendlyName("VIP").
		SetAttributes(`{"a": 1}`).SetTimersClosed("PT10M").SetBindingsEmailAddress("a@example.com").
		SetBindingsEmailName("A"))
	must(t, err)
	if got := []string{*created.State, *created.UniqueName, *created.FriendlyName, *created.Attributes}; !cmp.Equal(got,
		[]string{"active", "vip", "VIP", `{"a": 1}`}) {
		t.Errorf("created %q", got)
	}
	if diff := cmp.Diff(any(map[string]any{"date_closed": "2026-03-01T12:10:00Z"}), *created.Timers); diff != "" {
		t.Errorf("timers (-want +got):\n%s", diff)
	}
	email := map[string]any{"email": map[string]any{"projected_address": "a@example.com", "name": "A"}}
	if diff := cmp.Diff(any(email), *created.Bindings); diff != "" {
		t.Errorf("bindings (-want +got):\n%s", diff)
	}

	fetched, err := c.fetch("vip")
	must(t, err)
	if diff := cmp.Diff(created, fetched); diff != "" {
		t.Errorf("fetched by unique name (-created +fetched):\n%s", diff)
	}

	updated, err := c.update(*created.Sid, (&sdk.UpdateConversationParams{}).SetState("inactive"))
	must(t, err)
	if *updated.State != "inactive" || *updated.UniqueName != "vip" {
		t.Errorf("updated to %s, %s", *updated.State, *updated.UniqueName)
	}

	sids, err := c.list(nil)
	must(t, err)
	if diff := cmp.Diff([]string{*created.Sid}, sids); diff != "" {
		t.Errorf("list (-want +got):\n%s", diff)
	}

	must(t, c.delete(*created.Sid))
	_, err = c.fetch(*created.Sid)
	var refused *client.TwilioRestError
	if !errors.As(err, &refused) || refused.Status != http.StatusNotFound || refused.Code != 20404 {
		t.Errorf("fetching a deleted conversation: %v", err)
	}
}

func TestOfficialSDKFollowsPages(t *testing.T) {
	s := start(t)
	want, err := s.Seed(account, 250, nil)
	must(t, err)
	c := accountScope(newSDK(t, s.URL))
	for name, params := range map[string]*sdk.ListConversationParams{
		"by default":                          {},
		"with a limit above the largest page": (&sdk.ListConversationParams{}).SetLimit(1000),
		"between dates":                       (&sdk.ListConversationParams{}).SetStartDate("2026-03-01T00:00:00Z"),
	} {
		t.Run(name, func(t *testing.T) {
			sids, err := c.list(params)
			must(t, err)
			if diff := cmp.Diff(sorted(want), sorted(sids)); diff != "" {
				t.Errorf("sids (-want +got):\n%s", diff)
			}
		})
	}
}
