// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/conversations-operator/conversations-operator/internal/twilio"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

const clientID, clientSecret = "OQaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "hunter2"

// withApp is a simulator whose account has an OAuth app, and a client with the app's credentials.
func withApp(t *testing.T, life time.Duration, change ...func(*twilio.Config)) (*simulator.Server, *twilio.Client) {
	t.Helper()
	s, err := simulator.Start(simulator.Options{AccountSID: accountSID})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	if err := s.AddOAuthApp("", simulator.OAuthApp{ClientID: clientID, ClientSecret: clientSecret, TokenLife: life}); err != nil {
		t.Fatal(err)
	}
	oauth := func(c *twilio.Config) {
		c.AccountSID, c.Username, c.Password, c.OAuth = "", clientID, clientSecret, true
	}
	return s, newClient(t, s.URL, append([]func(*twilio.Config){oauth}, change...)...)
}

// fetched is how many requests for a token were answered with a status.
func fetched(s *simulator.Server, status int) (n int) {
	for _, c := range s.Counts() {
		if c.Operation == simulator.OperationToken && c.Status == status {
			n += int(c.Requests)
		}
	}
	return n
}

// owner is the account that Twilio names for the client's credentials.
func owner(t *testing.T, c *twilio.Client) (string, error) {
	t.Helper()
	conf, err := c.FetchConfiguration(t.Context())
	if err != nil {
		return "", err
	}
	return conf.AccountSID, nil
}

func TestManyRequestsShareOneToken(t *testing.T) {
	s, client := withApp(t, time.Hour)
	var load sync.WaitGroup
	for range 20 {
		load.Go(func() {
			if sid, err := owner(t, client); err != nil || sid != accountSID {
				t.Errorf("got %s, %v", sid, err)
			}
		})
	}
	load.Wait()
	if n := fetched(s, http.StatusOK); n != 1 {
		t.Errorf("%d tokens were fetched", n)
	}
	if log := fmt.Sprintf("%+v %+v", s.Requests(), client); strings.Contains(log, clientSecret) || strings.Contains(log, "token-") {
		t.Errorf("%s holds a secret", log)
	}
}

func TestATokenIsReplacedAheadOfItsEnd(t *testing.T) {
	// Within a second and a half a request comes at a time at which the token of one second is nearly over, or over.
	s, client := withApp(t, time.Second)
	for start := time.Now(); time.Since(start) < 1500*time.Millisecond; {
		if _, err := owner(t, client); err != nil {
			t.Fatal(err)
		}
	}
	if fetched(s, http.StatusOK) < 2 || s.Counts().Status(http.StatusUnauthorized) != 0 {
		t.Errorf("%d tokens, %d rejections", fetched(s, http.StatusOK), s.Counts().Status(http.StatusUnauthorized))
	}
}

func TestARevokedTokenIsReplaced(t *testing.T) {
	s, client := withApp(t, time.Hour)
	for range 2 {
		if _, err := client.Conversations("").Create(t.Context(), twilio.Params{}); err != nil {
			t.Fatal(err)
		}
		if err := s.RevokeTokens("", clientID); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(s.Conversations("")); n != 2 || fetched(s, http.StatusOK) != 2 {
		t.Errorf("%d conversations, %d tokens", n, fetched(s, http.StatusOK))
	}
}

// neverSent sees that err is the error of a create which was never sent.
func neverSent(t *testing.T, err error) {
	t.Helper()
	if e, ok := errors.AsType[*twilio.Error](err); !ok || e.Sent() || twilio.Ambiguous(err) || e.Operation != "CreateConversation" {
		t.Errorf("got %#v", err)
	}
}

func TestErrorsOfTheTokenEndpoint(t *testing.T) {
	const refused = "Twilio answered 401: the token endpoint refused the client ID or the client secret"
	tests := []struct {
		name   string
		effect simulator.Effect
		class  string
		text   string
	}{
		{"rejected", simulator.Effect{Status: 401}, "denied", refused},
		{"rejected as RFC 6749 allows", simulator.Effect{Status: 400}, "denied", refused},
		{"throttled", simulator.Effect{Status: 429, RetryAfter: 60}, "throttled", "Twilio answered 429: the token endpoint refused the request for a token"},
		{"out of order", simulator.Effect{Status: 503}, "unavailable", "Twilio answered 503: the token endpoint refused the request for a token"},
		{"broken off", simulator.Effect{DropBefore: true}, "unavailable", "no answer from Twilio: the connection was closed too early"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, client := withApp(t, time.Hour)
			if _, err := s.AddRule(simulator.Rule{Match: simulator.Match{Operation: simulator.OperationToken}, Effect: tt.effect}); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				_, err := client.Conversations("").Create(t.Context(), twilio.Params{})
				neverSent(t, err)
				if classesOf(err) != tt.class || err.Error() != tt.text {
					t.Errorf("got %s, %v", classesOf(err), err)
				}
			}
			if tt.effect.RetryAfter != 0 && fetched(s, tt.effect.Status) != 1 {
				t.Error("the endpoint was asked again before its time")
			}
		})
	}
}

func TestARevokedAppGivesWayToTheSpareCredentials(t *testing.T) {
	spare := &twilio.Config{Username: accountSID, Password: simulator.DefaultAuthToken}
	s, client := withApp(t, time.Hour, func(c *twilio.Config) { c.Spare = spare })
	for _, spareUsed := range []bool{false, true} {
		if _, err := owner(t, client); err != nil || client.UsesSpare() != spareUsed {
			t.Errorf("got %v, uses the spare credentials: %t", err, client.UsesSpare())
		}
		_ = s.RevokeOAuthApp("", clientID)
	}
}
