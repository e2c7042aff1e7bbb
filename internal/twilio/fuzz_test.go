// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

const (
	fuzzSID  = "CHaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	fuzzConv = `{"sid":"` + fuzzSID + `","account_sid":"ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","state":"active","attributes":"{}",` +
		`"date_created":"2015-12-16T22:18:37Z","date_updated":null,"timers":{"date_closed":"2015-12-16T22:28:38Z"},` +
		`"bindings":{"email":{"projected_address":"a","name":null}},"links":{"export":null}}`
)

// seeds are bodies as Twilio, proxies and broken connections leave them.
var seeds = []string{
	"", "null", "{}", "[]", "1", `"`, "<html>", "\xff", fuzzConv, fuzzConv[:90], fuzzConv + fuzzConv,
	`{"conversations":[` + fuzzConv + `],"meta":{"next_page_url":"https://conversations.twilio.com/v1/Conversations?PageToken=PT.a:b"}}`,
	`{"conversations":[null],"meta":{}}`, `{"conversations":null,"meta":null}`,
	`{"code":20404,"message":"No\n\u0000","more_info":"x","status":404,"details":[]}`, `{"code":1e9,"message":1}`,
	strings.Repeat("[", 20_000), `{"SID":"` + fuzzSID + `","sid":null}`,
}

func FuzzAnswer(f *testing.F) {
	for _, body := range seeds {
		f.Add(200, body)
		f.Add(404, body)
	}
	f.Fuzz(func(t *testing.T, status int, body string) {
		a := &answer{operation: "x", status: status, header: http.Header{}, body: []byte(body)}
		if conv, err := a.conversation(); err == nil && !ValidSID("CH", conv.SID) {
			t.Errorf("conversation %q was believed", conv.SID)
		}
		for _, lenient := range []bool{false, true} {
			page, err := readPage[*Conversation](a, listKey, lenient, errNotPage)
			if err == nil && slices.ContainsFunc(page.Entries, func(c *Conversation) bool { return !c.Valid() }) {
				t.Errorf("page %v was believed", page.Entries)
			}
		}
		if conf, err := a.configuration(); err == nil && !ValidSID("AC", conf.AccountSID) {
			t.Errorf("account %q was believed", conf.AccountSID)
		}
		e := a.refusal()
		if text := e.Error(); !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) || len(text) > 2*maxMessage {
			t.Errorf("message is %q", text)
		}
		if errors.Is(e, ErrNotFound) && e.Code < minErrorCode {
			t.Errorf("%q was believed to be Twilio's", body)
		}
	})
}

func FuzzFollow(f *testing.F) {
	client, err := NewClient(Config{Username: "u", Password: "p", BaseURL: "http://127.0.0.1:1/base"})
	if err != nil {
		f.Fatal(err)
	}
	f.Add("https://conversations.twilio.com/v1/Conversations?PageToken=PTactive_2024-01-18T03:17:17.005Z_CH1")
	f.Add("http://127.0.0.1:1/base/v1/Conversations?a=%2f")
	f.Add("//evil.example/v1")
	f.Add("https://conversations.twilio.com@evil.example/")
	f.Fuzz(func(t *testing.T, address string) {
		next, err := client.follow(address)
		if err == nil && (next.Host != "127.0.0.1:1" || next.Scheme != "http" || next.User != nil) {
			t.Errorf("%q leads to %s", address, next)
		}
	})
}

func FuzzRetryAfter(f *testing.F) {
	for _, header := range []string{
		"", "0", "7", "-1", "1.5", "3600", "3601", "99999999999999999999", " 5 ", "NaN",
		"Wed, 16 Dec 2015 22:18:37 GMT", "Fri, 31 Dec 9999 23:59:59 GMT",
	} {
		f.Add(header, int64(1450304317))
	}
	f.Fuzz(func(t *testing.T, header string, unix int64) {
		if got := retryAfter(header, time.Unix(unix, 0)); got < 0 || got > MaxRetryAfter {
			t.Errorf("retryAfter(%q) = %s", header, got)
		}
	})
}

func TestRetryAfterIsReadAndBounded(t *testing.T) {
	now := time.Date(2015, 12, 16, 22, 18, 37, 0, time.UTC)
	tests := []struct {
		name, header string
		want         time.Duration
	}{
		{"no header", "", 0},
		{"seconds", "7", 7 * time.Second},
		{"seconds between spaces", " 7 ", 7 * time.Second},
		{"no wait", "0", 0},
		{"more than five minutes", "301", 5 * time.Minute},
		{"more than a number holds", "99999999999999999999", 5 * time.Minute},
		{"less than nothing", "-5", 0},
		{"a fraction", "1.5", 0},
		{"a date", "Wed, 16 Dec 2015 22:18:47 GMT", 10 * time.Second},
		{"a date that is past", "Wed, 16 Dec 2015 22:18:27 GMT", 0},
		{"a date far away", "Fri, 31 Dec 9999 23:59:59 GMT", 5 * time.Minute},
		{"nonsense", "soon", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := retryAfter(tt.header, now); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
	date := time.Now().Add(3 * time.Minute).UTC().Format(http.TimeFormat)
	if got := retryAfter(date, time.Time{}); got < 2*time.Minute || got > 3*time.Minute {
		t.Errorf("a date without the server's own: %s", got)
	}
}
