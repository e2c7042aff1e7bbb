// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio

import (
	"cmp"
	"context"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Client talks to Twilio as one account. A Client is safe for concurrent use, and a printed Client shows no
// credentials.
type Client struct {
	base      *url.URL
	origins   []string
	timeout   time.Duration
	transport http.RoundTripper
	keyring   *keyring
	userAgent string
}

// NewClient answers a client for cfg, or an error which names the wrong field. NewClient sends no request.
func NewClient(cfg Config) (*Client, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	base, err := cfg.base()
	if err != nil {
		return nil, err
	}
	keyring, err := newKeyring(cfg)
	if err != nil {
		return nil, err
	}
	c := &Client{
		base:      base,
		origins:   []string{origin(base), "https://" + cfg.host(), "https://" + Config{}.host()},
		timeout:   cmp.Or(cfg.Timeout, DefaultTimeout),
		keyring:   keyring,
		userAgent: cmp.Or(cfg.UserAgent, "conversations-operator"),
	}
	c.transport = c.keyring
	if cfg.Gate != nil {
		c.transport = cfg.Gate(c.keyring)
	}
	return c, nil
}

// UsesSpare tells whether Twilio took the spare credentials last.
func (c *Client) UsesSpare() bool { return c.keyring.using.Load() != 0 }

// request is a request to Twilio.
type request struct {
	operation string
	method    string
	url       *url.URL
	form      url.Values
	webhook   *bool
	// limit is how long the answer's body may be, in bytes; zero: maxBody.
	limit int64
}

type operationKey struct{}

// OperationOf names the operation of a request under the context, as [Error] does; for transports that count.
func OperationOf(ctx context.Context) string {
	operation, _ := ctx.Value(operationKey{}).(string)
	return operation
}

// send is the one function which talks to Twilio: one request, one answer, no redirect followed, no request repeated
// except with spare credentials.
// Without an error the status is 2xx; the caller still has to check the body.
func (c *Client) send(ctx context.Context, r request) (*answer, error) {
	if err := ctx.Err(); err != nil {
		return nil, &Error{Operation: r.operation, Err: err, unsent: true}
	}
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	var w wire
	req, err := c.build(httptrace.WithClientTrace(context.WithValue(ctx, operationKey{}, r.operation), w.trace()), r)
	if err != nil {
		return nil, &Error{Operation: r.operation, Err: err, unsent: true}
	}
	// RoundTrip rather than http.Client: a redirect is an answer like any other, and no error quotes the URL.
	resp, err := c.transport.RoundTrip(req)
	if err != nil {
		return nil, sendError(ctx, r.operation, err, w.untouched())
	}
	defer func() { _ = resp.Body.Close() }()
	a := newAnswer(ctx, resp, cmp.Or(r.limit, maxBody))
	a.operation = r.operation
	if a.status < 200 || a.status > 299 {
		return nil, a.refusal()
	}
	return a, nil
}

func (c *Client) build(ctx context.Context, r request) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, r.method, r.url.String(), strings.NewReader(r.form.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", c.userAgent)
	req.Header.Set("Accept", "application/json")
	if r.method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if r.webhook != nil {
		req.Header.Set("X-Twilio-Webhook-Enabled", strconv.FormatBool(*r.webhook))
	}
	return req, nil
}

// endpoint answers the URL of a path of the API. Segments are escaped one by one, since names are any text.
func (c *Client) endpoint(segments ...string) *url.URL {
	u := *c.base
	u.Path, u.RawPath = c.base.Path+"/v1", c.base.EscapedPath()+"/v1"
	for _, s := range segments {
		u.Path += "/" + s
		u.RawPath += "/" + url.PathEscape(s)
	}
	return &u
}
