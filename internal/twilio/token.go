// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

const (
	// tokenURL answers the tokens of OAuth apps (https://www.twilio.com/docs/iam/oauth-apps).
	tokenURL = "https://oauth.twilio.com/v2/token"

	// A token is replaced ahead of its end, by a tenth of its life and at most by tokenAhead. While the old token is good,
	// a request waits no longer than aheadTimeout for the new one.
	tokenAhead   = 5 * time.Minute
	aheadTimeout = 3 * time.Second
)

const errNoToken = flaw("the answer of the token endpoint has no token")

// tokens has the bearer token of an OAuth app. One request fetches a token at a time, within its own deadline: a
// [oauth2.ReuseTokenSource] would keep the context of the first request for all others.
type tokens struct {
	fetch func(context.Context) (*oauth2.Token, error)
	// fetching holds one value while a request fetches a token.
	fetching chan struct{}

	mu   sync.Mutex
	last *oauth2.Token
	// renewal is when last is replaced ahead of its end.
	renewal time.Time
	// refusal is the answer of a token endpoint which asks to wait until held.
	refusal *Error
	held    time.Time
}

func newTokens(cfg Config, next http.RoundTripper) (*tokens, error) {
	app := &clientcredentials.Config{
		ClientID: cfg.Username, ClientSecret: cfg.Password, TokenURL: tokenURL, AuthStyle: oauth2.AuthStyleInParams,
	}
	if cfg.BaseURL != "" {
		base, err := cfg.base()
		if err != nil {
			return nil, err
		}
		app.TokenURL = base.String() + "/v2/token"
	}
	client := &http.Client{Transport: next, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	fetch := func(ctx context.Context) (*oauth2.Token, error) {
		ctx = context.WithValue(context.WithValue(ctx, operationKey{}, "CreateToken"), oauth2.HTTPClient, client)
		return app.Token(ctx)
	}
	return &tokens{fetch: fetch, fetching: make(chan struct{}, 1)}, nil
}

// token answers a good token. cached: an earlier request fetched the token, which may have been revoked since. An error
// is an [*Error], as of a request which was never sent.
func (t *tokens) token(ctx context.Context) (token string, cached bool, err error) {
	last, ahead := t.good()
	if last != "" && !ahead {
		return last, true, nil
	}
	if last != "" {
		select {
		case t.fetching <- struct{}{}:
		default:
			return last, true, nil
		}
		var cancel func()
		ctx, cancel = context.WithTimeout(ctx, aheadTimeout)
		defer cancel()
	} else {
		select {
		case t.fetching <- struct{}{}:
		case <-ctx.Done():
			return "", false, &Error{Err: ctx.Err(), unsent: true}
		}
	}
	defer func() { <-t.fetching }()
	if now, ahead := t.good(); now != "" && !ahead {
		return now, true, nil
	}
	token, err = t.renew(ctx)
	if err != nil && last != "" {
		return last, true, nil
	}
	return token, false, err
}

// good is the token, if the token is good; ahead: it is time to replace the token.
func (t *tokens) good() (token string, ahead bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	if t.last == nil || !t.last.Expiry.IsZero() && !now.Before(t.last.Expiry) {
		return "", false
	}
	return t.last.AccessToken, !t.last.Expiry.IsZero() && !now.Before(t.renewal) && !now.Before(t.held)
}

// forget drops a token which Twilio rejected.
func (t *tokens) forget(token string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.last != nil && t.last.AccessToken == token {
		t.last = nil
	}
}

// renew fetches a token, unless the token endpoint asked to wait.
func (t *tokens) renew(ctx context.Context) (string, error) {
	t.mu.Lock()
	refusal, waits := t.refusal, time.Now().Before(t.held)
	t.mu.Unlock()
	if waits {
		return "", refusal
	}
	asked := time.Now()
	fetched, err := t.fetch(ctx)
	t.mu.Lock()
	defer t.mu.Unlock()
	if err != nil {
		refused := tokenError(ctx, err)
		if refused.RetryAfter > 0 {
			t.refusal, t.held = refused, time.Now().Add(refused.RetryAfter)
		}
		return "", refused
	}
	t.last = fetched
	life := fetched.Expiry.Sub(asked)
	t.renewal = fetched.Expiry.Add(-min(life/10, tokenAhead))
	return fetched.AccessToken, nil
}

// tokenError is the error of a token endpoint, in the words of the errors of Twilio. The request which wanted the token
// was never sent. The text has nothing of the answer but its code: an endpoint may quote what was sent.
func tokenError(ctx context.Context, err error) *Error {
	e := &Error{Err: err, unsent: true}
	answered, ok := errors.AsType[*oauth2.RetrieveError](err)
	switch {
	case ok && answered.Response.StatusCode < http.StatusMultipleChoices:
		e.Err = errNoToken
	case ok:
		e.Status, e.RetryAfter, e.ServerTime = answered.Response.StatusCode, RetryAfter(answered.Response.Header), serverTime(answered.Response.Header)
		e.Err, e.Message = nil, "the token endpoint refused the request for a token"
		switch e.Status {
		case http.StatusBadRequest, http.StatusForbidden:
			// As OAuth apps are refused by some servers (RFC 6749, 5.2).
			e.Status = http.StatusUnauthorized
		}
		if e.Status == http.StatusUnauthorized {
			e.Message = "the token endpoint refused the client ID or the client secret"
		}
	case ctx.Err() != nil:
		e.Err = ctx.Err()
	}
	return e
}
