// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode"
)

// Config says who asks, and where: all differences between two clients. A printed Config shows neither credentials nor
// the secrets of a URL.
type Config struct {
	// AccountSID is the SID of the intended account (AC…); empty when only an API key is known.
	AccountSID string
	// Username is the account SID, an API key's SID (SK…), or the client ID of an OAuth app.
	Username string
	// Password is the auth token of the account SID, the API key's secret, or the client secret of the OAuth app.
	Password string
	// OAuth says: the credentials are those of an OAuth app. Requests carry bearer tokens, which the client fetches and
	// replaces ahead of their end.
	OAuth bool
	// Spare has other credentials of the same account; nil: there are none. Twilio must have named the account of both,
	// since a request whose credentials Twilio rejects with 401 is sent once more with the others. Of Spare, only Username,
	// Password and OAuth count.
	Spare *Config
	// Turned is called when a request was answered with other credentials than the last one: see [Client.UsesSpare]. Turned
	// must not block, and may be nil.
	Turned func()
	// Region is where Twilio processes requests, such as "ie1"; empty: us1. A region other than us1 needs its Edge: without
	// an edge, Twilio answers from us1 (Twilio's changelog of 2026-02-04).
	Region string
	// Edge is where requests enter Twilio's network, such as "dublin"; empty: Twilio chooses.
	Edge string
	// BaseURL stands in for Twilio's host, in tests and for egress proxies; a path is put
	// before Twilio's own. Empty: https://conversations[.edge.region].twilio.com.
	BaseURL string
	// Timeout bounds one request, its answer's body included; zero: [DefaultTimeout].
	Timeout time.Duration
	// Transport carries the requests; nil: [DefaultTransport]. Metrics wrap Transport. A transport which refuses to send a
	// request returns an [*Error] of its own, and the client passes the error on.
	Transport http.RoundTripper
	// Gate wraps the way to Transport; nil: no gate. A request passes the gate once and without its credentials, also if
	// the request is sent once more with Spare. Limits are a Gate.
	Gate func(http.RoundTripper) http.RoundTripper
	// UserAgent says on whose behalf requests are sent; empty: "conversations-operator".
	UserAgent string
}

// DefaultRegion is where Twilio processes the requests to its hosts without a region.
const DefaultRegion = "us1"

const redacted = "[redacted]"

// dnsLabel is the shape of a region and of an edge: any other text could name another host.
var dnsLabel = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// String describes the configuration without its credentials.
func (c Config) String() string {
	return fmt.Sprintf("twilio.Config{AccountSID:%q Username:%s Password:%s Region:%q Edge:%q BaseURL:%q Timeout:%s UserAgent:%q}",
		c.AccountSID, redacted, redacted, c.Region, c.Edge, printable(c.BaseURL), c.Timeout, c.UserAgent)
}

// GoString is [Config.String], for %#v.
func (c Config) GoString() string { return c.String() }

// Format writes [Config.String] for every verb, also for the verbs which would print field by field.
func (c Config) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// LogValue is the text for slog, without credentials.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// MarshalJSON answers a JSON object without credentials.
func (c Config) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]string{
		"accountSid": c.AccountSID, "username": redacted, "password": redacted, "region": c.Region, "edge": c.Edge,
		"baseUrl": printable(c.BaseURL), "timeout": c.Timeout.String(), "userAgent": c.UserAgent,
	})
}

// printable is a URL without its parts which may be secret: user, path and query.
func printable(raw string) string {
	if raw == "" {
		return ""
	}
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" {
		return redacted
	}
	return u.Scheme + "://" + u.Host
}

// validate names the first field with which no request could be sent. The text never holds the value.
func (c Config) validate() error {
	if err := c.validateKey(); err != nil {
		return err
	}
	if c.Spare != nil {
		if err := c.Spare.validateKey(); err != nil {
			return fmt.Errorf("spare credentials: %w", err)
		}
	}
	switch {
	case c.AccountSID != "" && !ValidSID("AC", c.AccountSID):
		return errors.New("account SID must be AC and 32 hexadecimal digits")
	case c.Region != "" && !dnsLabel.MatchString(c.Region):
		return errors.New("region must be one lower-case DNS label, such as ie1")
	case c.Edge != "" && !dnsLabel.MatchString(c.Edge):
		return errors.New("edge must be one lower-case DNS label, such as dublin")
	case c.Region != "" && c.Region != DefaultRegion && c.Edge == "":
		return errors.New("region other than us1 needs an edge, such as dublin for ie1: without an edge, Twilio answers from us1")
	case c.Timeout < 0:
		return errors.New("timeout must not be negative")
	}
	return nil
}

func (c Config) validateKey() error {
	switch {
	case c.Username == "":
		return errors.New("username is missing")
	case strings.ContainsFunc(c.Username, unicode.IsControl), strings.Contains(c.Username, ":"):
		return errors.New("username must not hold colons or control characters")
	case c.Password == "":
		return errors.New("password is missing")
	case strings.ContainsFunc(c.Password, unicode.IsControl):
		return errors.New("password must not hold control characters, such as a line end")
	}
	return nil
}

// host is Twilio's own host for the region and the edge. us1 for an edge without a region is as in Twilio's SDKs
// (twilio-go, RequestHandler.BuildUrl). Without an edge the region is us1.
func (c Config) host() string {
	if c.Edge == "" {
		return "conversations.twilio.com"
	}
	return "conversations." + c.Edge + "." + cmp.Or(c.Region, DefaultRegion) + ".twilio.com"
}

// CheckBaseURL names the fault of a [Config.BaseURL]. The text never holds the URL.
func CheckBaseURL(raw string) error {
	_, err := Config{BaseURL: raw}.base()
	return err
}

// base is the URL at the start of every request, without a slash at its end.
func (c Config) base() (*url.URL, error) {
	if c.BaseURL == "" {
		return &url.URL{Scheme: "https", Host: c.host()}, nil
	}
	u, err := url.Parse(strings.TrimRight(c.BaseURL, "/"))
	// The parser's error is not wrapped: it quotes the URL, which may hold a password.
	if err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, errors.New("base URL must be an absolute http or https URL")
	}
	if u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return nil, errors.New("base URL must not hold a user, a query or a fragment")
	}
	return u, nil
}
