// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"sync/atomic"
)

// keyring puts the credentials of an account on its requests. A request which Twilio rejects with 401 took no effect,
// so a keyring with two credentials sends the request once more with the other credentials. The keyring remembers which
// credentials Twilio took last, so that not every request costs two.
type keyring struct {
	next http.RoundTripper
	keys []key
	// using is the index of the credentials which Twilio took last.
	using atomic.Int32
	// turned is called when using changes; nil: nobody wants to know.
	turned func()
}

// key puts credentials on a request. A closure, so that no printer, however deep the printer digs, finds the
// credentials. stale is called if Twilio rejects the credentials; nil: nothing can be done about a rejection.
type key func(*http.Request) (stale func(), err error)

func newKeyring(cfg Config) (*keyring, error) {
	k := &keyring{next: cfg.Transport, turned: cfg.Turned}
	if k.next == nil {
		k.next = DefaultTransport()
	}
	configs := []Config{cfg}
	if cfg.Spare != nil {
		spare := *cfg.Spare
		spare.BaseURL = cfg.BaseURL
		configs = append(configs, spare)
	}
	for _, c := range configs {
		put, err := c.key(k.next)
		if err != nil {
			return nil, err
		}
		k.keys = append(k.keys, put)
	}
	return k, nil
}

func (c Config) key(next http.RoundTripper) (key, error) {
	if !c.OAuth {
		return func(r *http.Request) (func(), error) {
			r.SetBasicAuth(c.Username, c.Password)
			return nil, nil
		}, nil
	}
	t, err := newTokens(c, next)
	if err != nil {
		return nil, err
	}
	return func(r *http.Request) (stale func(), err error) {
		token, cached, err := t.token(r.Context())
		if err != nil {
			return nil, err
		}
		r.Header.Set("Authorization", "Bearer "+token)
		if cached {
			stale = func() { t.forget(token) }
		}
		return stale, nil
	}, nil
}

// RoundTrip sends the request, and once more if Twilio rejects the credentials and there are others.
func (k *keyring) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		// Each of the requests has a copy of the body.
		defer func() { _ = r.Body.Close() }()
	}
	first := k.using.Load()
	resp, rejected, err := k.try(r, first)
	if !rejected || len(k.keys) == 1 {
		return resp, err
	}
	other := 1 - first
	resp, rejected, err = k.try(r, other)
	if err == nil && !rejected && k.using.CompareAndSwap(first, other) && k.turned != nil {
		k.turned()
	}
	return resp, err
}

// try sends the request with some credentials. Twilio may have revoked a token, so that a rejected token is replaced
// once.
func (k *keyring) try(r *http.Request, index int32) (resp *http.Response, rejected bool, err error) {
	resp, stale, err := k.send(r, index)
	if err == nil && stale != nil && rejects(r.Context(), resp) {
		stale()
		resp, _, err = k.send(r, index)
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return nil, e.Status == http.StatusUnauthorized, err
	}
	return resp, err == nil && rejects(r.Context(), resp), err
}

func (k *keyring) send(r *http.Request, index int32) (resp *http.Response, stale func(), err error) {
	r = r.Clone(r.Context())
	if r.GetBody != nil {
		if r.Body, err = r.GetBody(); err != nil {
			return nil, nil, err
		}
	}
	if stale, err = k.keys[index](r); err != nil {
		return nil, nil, err
	}
	resp, err = k.next.RoundTrip(r)
	return resp, stale, err
}

// rejects tells whether Twilio rejects the credentials of a request. The page of a proxy is not Twilio's word: behind
// the page, the request may have taken effect. The answer can be read again afterwards.
func rejects(ctx context.Context, resp *http.Response) bool {
	if resp.StatusCode != http.StatusUnauthorized {
		return false
	}
	a := newAnswer(ctx, resp, maxBody)
	_ = resp.Body.Close()
	resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(a.body), broken{a.flaw}))
	return a.refusal().Err == nil
}

// broken is the end of a body: io.EOF, or the error which broke the body off.
type broken struct{ err error }

// Read answers no byte.
func (b broken) Read([]byte) (int, error) {
	if b.err == nil {
		return 0, io.EOF
	}
	return 0, b.err
}
