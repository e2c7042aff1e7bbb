// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/onsi/gomega/format"

	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

func TestAWrongConfigurationIsNamed(t *testing.T) {
	tests := []struct {
		name   string
		change func(*twilio.Config)
		want   string
	}{
		{"an account SID that is none", func(c *twilio.Config) { c.AccountSID = "AC1" }, "account SID must be"},
		{"no username", func(c *twilio.Config) { c.Username = "" }, "username is missing"},
		{"a username that hides a password", func(c *twilio.Config) { c.Username = "a:b" }, "username must not"},
		{"no password", func(c *twilio.Config) { c.Password = "" }, "password is missing"},
		{"a password with a line end", func(c *twilio.Config) { c.Password += "\n" }, "password must not"},
		{"spare credentials without a password", func(c *twilio.Config) { c.Spare = &twilio.Config{Username: "SK1"} }, "spare credentials: password is missing"},
		{"a region that is a host", func(c *twilio.Config) { c.Region = "evil.example" }, "region must be"},
		{"a region that ends the host", func(c *twilio.Config) { c.Region = "x/" }, "region must be"},
		{"an edge that ends the host", func(c *twilio.Config) { c.Edge = "evil.example#" }, "edge must be"},
		{"an edge in capitals", func(c *twilio.Config) { c.Edge = "Dublin" }, "edge must be"},
		{"a region without its edge", func(c *twilio.Config) { c.Region = "ie1" }, "region other than us1 needs an edge"},
		{"a region that is not known yet, without its edge", func(c *twilio.Config) { c.Region = "jp1" }, "region other than us1 needs an edge"},
		{"a negative timeout", func(c *twilio.Config) { c.Timeout = -1 }, "timeout must not"},
		{"a base URL without a scheme", func(c *twilio.Config) { c.BaseURL = "localhost:8080" }, "base URL must be"},
		{"a base URL without a host", func(c *twilio.Config) { c.BaseURL = "http://" }, "base URL must be"},
		{"a base URL with a port only", func(c *twilio.Config) { c.BaseURL = "http://:80" }, "base URL must be"},
		{"a base URL of another scheme", func(c *twilio.Config) { c.BaseURL = "ftp://host" }, "base URL must be"},
		{"a base URL with a user", func(c *twilio.Config) { c.BaseURL = "http://user:hunter2@host" }, "base URL must not"},
		{"a base URL that can't be read", func(c *twilio.Config) { c.BaseURL = "http://user:hunter2 @host" }, "base URL must be"},
		{"a base URL with a query", func(c *twilio.Config) { c.BaseURL = "http://host?key=hunter2" }, "base URL must not"},
		{"a base URL with a fragment", func(c *twilio.Config) { c.BaseURL = "http://host#x" }, "base URL must not"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cfg := twilio.Config{AccountSID: accountSID, Username: accountSID, Password: authToken}
			tt.change(&cfg)
			_, err := twilio.NewClient(cfg)
			if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
			if err != nil && (strings.Contains(err.Error(), authToken) || strings.Contains(err.Error(), "hunter2")) {
				t.Errorf("%v holds a secret", err)
			}
		})
	}
}

// asked is a transport that only notes where requests would go.
type asked struct{ urls []string }

func (a *asked) RoundTrip(r *http.Request) (*http.Response, error) {
	a.urls = append(a.urls, r.URL.String())
	return nil, http.ErrNotSupported
}

func TestTheHostIsThatOfTheRegion(t *testing.T) {
	tests := []struct{ region, edge, want string }{
		{"", "", "https://conversations.twilio.com"},
		{"us1", "", "https://conversations.twilio.com"},
		{"us1", "ashburn", "https://conversations.ashburn.us1.twilio.com"},
		{"", "dublin", "https://conversations.dublin.us1.twilio.com"},
		{"ie1", "dublin", "https://conversations.dublin.ie1.twilio.com"},
	}
	for _, tt := range tests {
		t.Run(tt.want, func(t *testing.T) {
			transport := &asked{}
			client := newClient(t, "", func(c *twilio.Config) { c.Region, c.Edge, c.Transport = tt.region, tt.edge, transport })
			_, _ = client.FetchConfiguration(t.Context())
			if len(transport.urls) != 1 || transport.urls[0] != tt.want+"/v1/Configuration" {
				t.Errorf("asked %v", transport.urls)
			}
		})
	}
}

func TestCredentialsAreNeverPrinted(t *testing.T) {
	cfg := twilio.Config{
		AccountSID: accountSID, Username: "SKhunter2", Password: "hunter2", Region: "ie1", Edge: "dublin",
		BaseURL: "http://hunter2:hunter2@host/hunter2?x=hunter2", Timeout: time.Second,
	}
	cfg.Spare = &twilio.Config{Username: "SKhunter2", Password: "hunter2"}
	garbled := cfg
	garbled.BaseURL = "http://hunter2 hunter2@host"
	good := cfg
	good.BaseURL, good.Transport = "http://host", &asked{}
	client, err := twilio.NewClient(good)
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	for _, h := range []slog.Handler{slog.NewTextHandler(&log, nil), slog.NewJSONHandler(&log, nil)} {
		slog.New(h).Info("Printed", "cfg", cfg, "pointer", &cfg, "client", client, "conversations", client.Conversations(""))
	}
	printed := []string{log.String(), cfg.String(), cfg.GoString()}
	for _, v := range []any{
		cfg, garbled, &cfg, []twilio.Config{cfg}, struct{ C *twilio.Config }{&cfg}, struct{ C twilio.Config }{cfg},
		client, *client, client.Conversations(""),
	} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%t"} {
			printed = append(printed, fmt.Sprintf(verb, v))
		}
		asJSON, err := json.Marshal(v)
		if err != nil {
			t.Error(err)
		}
		printed = append(printed, string(asJSON))
	}
	printed = append(printed, format.Object(client, 0), format.Object(client.Conversations(""), 0))
	for _, s := range printed {
		if strings.Contains(s, "hunter2") || strings.Contains(s, "68756e74657232") {
			t.Errorf("%s holds a secret", s)
		}
	}
	if !strings.Contains(cfg.String(), `Region:"ie1"`) || !strings.Contains(cfg.String(), accountSID) {
		t.Errorf("%s tells nothing", cfg)
	}
}

func TestSIDsAreToldApart(t *testing.T) {
	for s, want := range map[string]bool{
		convSID: true, "CH0123456789abcdefABCDEF0123456789": true, "": false, "CH": false, serviceSID: false,
		convSID + "a": false, convSID[:33]: false, "CHgaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa": false, " " + convSID[1:]: false,
		"CHaaaaaaaaaaaaaaaa/aaaaaaaaaaaaaaa": false, convSID[:33] + "\n": false,
	} {
		if got := twilio.ValidSID("CH", s); got != want {
			t.Errorf("ValidSID(CH, %q) = %t", s, got)
		}
	}
}
