// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"time"
)

// defaultTokenLife is how long Twilio's bearer tokens last unless an app says otherwise.
const defaultTokenLife = time.Hour

// OAuthApp is an OAuth app of an account. With its client credentials, a client gets bearer tokens from /v2/token.
type OAuthApp struct {
	ClientID, ClientSecret string
	// TokenLife is how long a token of the app lasts, by the simulator's clock. Left out: one hour.
	TokenLife time.Duration
}

// bearer is a bearer token.
type bearer struct {
	tenant   *tenant
	clientID string
	expires  time.Time
}

// tokenAnswer is the JSON of a token, with the fields that Twilio's answer has.
type tokenAnswer struct {
	AccessToken  string  `json:"access_token"`
	IDToken      *string `json:"id_token"`
	TokenType    string  `json:"token_type"`
	ExpiresIn    int     `json:"expires_in"`
	RefreshToken *string `json:"refresh_token"`
}

// AddOAuthApp adds an OAuth app to an account.
func (s *Simulator) AddOAuthApp(account string, app OAuthApp) error {
	return s.withAccount(account, func(a *tenant) error {
		if s.ofApp(app.ClientID) != nil {
			return fmt.Errorf("OAuth app %s exists already", app.ClientID)
		}
		a.apps[app.ClientID] = app
		return nil
	})
}

// RevokeOAuthApp ends an OAuth app of an account, and all its tokens.
func (s *Simulator) RevokeOAuthApp(account, clientID string) error {
	return s.withAccount(account, func(a *tenant) error {
		if _, ok := a.apps[clientID]; !ok {
			return missingError("OAuth app " + clientID)
		}
		delete(a.apps, clientID)
		s.revoke(clientID)
		return nil
	})
}

// RevokeTokens ends all tokens of an OAuth app. The app gets new ones.
func (s *Simulator) RevokeTokens(account, clientID string) error {
	return s.withAccount(account, func(*tenant) error {
		s.revoke(clientID)
		return nil
	})
}

func (s *Simulator) revoke(clientID string) {
	maps.DeleteFunc(s.bearers, func(_ string, b bearer) bool { return b.clientID == clientID })
}

// ofApp returns the account of an OAuth app.
func (s *Simulator) ofApp(clientID string) *tenant {
	for _, a := range s.accounts {
		if _, ok := a.apps[clientID]; ok {
			return a
		}
	}
	return nil
}

// issue answers a request for a token.
func (s *Simulator) issue(x *exchange) reply {
	app, ok := OAuthApp{}, false
	if x.tenant != nil {
		app, ok = x.tenant.apps[x.form.Get("client_id")]
	}
	switch {
	case x.route.err != nil:
		return refuse(x.route.err)
	case x.formErr != nil || x.form.Get("grant_type") != "client_credentials":
		return answer(http.StatusBadRequest, "", map[string]string{"error": "unsupported_grant_type"})
	case !ok || x.form.Get("client_secret") != app.ClientSecret:
		return answer(http.StatusUnauthorized, "", map[string]string{"error": "invalid_client"})
	}
	now, life := s.now(), cmp.Or(app.TokenLife, defaultTokenLife)
	maps.DeleteFunc(s.bearers, func(_ string, b bearer) bool { return !now.Before(b.expires) })
	token := newSID("token-")
	s.bearers[token] = bearer{x.tenant, app.ClientID, now.Add(life)}
	return answer(http.StatusOK, "", tokenAnswer{AccessToken: token, TokenType: "Bearer", ExpiresIn: int(life.Seconds())})
}

// bearerOf returns the token of a request, and whether the token is good.
func (s *Simulator) bearerOf(r *http.Request) (b bearer, good bool) {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return bearer{}, false
	}
	b, ok = s.bearers[token]
	return b, ok && s.now().Before(b.expires)
}
