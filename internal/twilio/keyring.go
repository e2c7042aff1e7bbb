// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio

import (
	"bytes"
	"context"
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
// credentials.
type key func(*http.Request)

func newKeyring(cfg Config) *keyring {
	k := &keyring{next: cfg.Transport, keys: []key{cfg.key()}, turned: cfg.Turned}
	if k.next == nil {
		k.next = DefaultTransport()
	}
	if cfg.Spare != nil {
		k.keys = append(k.keys, cfg.Spare.key())
	}
	return k
}

func (c Config) key() key {
	return func(r *http.Request) { r.SetBasicAuth(c.Username, c.Password) }
}

// RoundTrip sends the request, and once more if Twilio rejects the credentials and there are others.
func (k *keyring) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		// Each of the two requests has a copy of the body.
		defer func() { _ = r.Body.Close() }()
	}
	first := k.using.Load()
	resp, err := k.send(r, first)
	if err != nil || len(k.keys) == 1 || !rejects(r.Context(), resp) {
		return resp, err
	}
	other := 1 - first
	resp, err = k.send(r, other)
	if err == nil && !rejects(r.Context(), resp) && k.using.CompareAndSwap(first, other) && k.turned != nil {
		k.turned()
	}
	return resp, err
}

func (k *keyring) send(r *http.Request, index int32) (*http.Response, error) {
	r = r.Clone(r.Context())
	if r.GetBody != nil {
		body, err := r.GetBody()
		if err != nil {
			return nil, err
		}
		r.Body = body
	}
	k.keys[index](r)
	return k.next.RoundTrip(r)
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
