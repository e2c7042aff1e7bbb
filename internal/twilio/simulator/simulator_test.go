// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

const (
	account  = simulator.DefaultAccountSID
	token    = simulator.DefaultAuthToken
	service  = simulator.DefaultServiceSID
	service2 = "IS22222222222222222222222222222222"

	conversations  = "/v1/Conversations"
	conversations2 = "/v1/Services/" + service2 + "/Conversations"
)

// patience is how long a test waits on a busy machine.
const patience = time.Minute

// epoch is where clocks of tests stand until the test moves them.
var epoch = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// start serves a simulator with a stopped clock and a second service.
func start(t testing.TB, change ...func(*simulator.Options)) *simulator.Server {
	t.Helper()
	o := simulator.Options{Clock: func() time.Time { return epoch }, Services: []string{service2}}
	for _, f := range change {
		if f != nil {
			f(&o)
		}
	}
	s, err := simulator.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// api is a client that assumes only HTTP.
type api struct {
	t              testing.TB
	base           string
	user, password string
	client         *http.Client
}

// answer is the answer to a request.
type answer struct {
	status int
	header http.Header
	text   string
	body   map[string]any
}

func connect(t testing.TB, s *simulator.Server) api {
	return api{t: t, base: s.URL, user: account, password: token, client: &http.Client{Transport: transport(t)}}
}

// transport checks every answer against Twilio's specification, if the specification is available, and never repeats a
// request.
func transport(t testing.TB) http.RoundTripper {
	plain := &http.Transport{DisableKeepAlives: true}
	t.Cleanup(plain.CloseIdleConnections)
	return checked{t: t, next: plain, spec: specification(t)}
}

func (a api) try(method, path string, form url.Values, headers ...string) (answer, error) {
	a.t.Helper()
	if !strings.HasPrefix(path, "http") {
		path = a.base + path
	}
	r, err := http.NewRequestWithContext(a.t.Context(), method, path, strings.NewReader(form.Encode()))
	if err != nil {
		a.t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	r.SetBasicAuth(a.user, a.password)
	got, err := a.client.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = got.Body.Close() }()
	text, err := io.ReadAll(got.Body)
	result := answer{status: got.StatusCode, header: got.Header, text: string(text)}
	if json.Unmarshal(text, &result.body) != nil {
		result.body = nil
	}
	return result, err
}

func (a api) do(method, path string, form url.Values, headers ...string) answer {
	a.t.Helper()
	got, err := a.try(method, path, form, headers...)
	if err != nil {
		a.t.Fatalf("%s %s: %v", method, path, err)
	}
	return got
}

func (a api) get(path string) answer {
	a.t.Helper()
	return a.do(http.MethodGet, path, nil)
}

// post sends a form given as pairs of key and value.
func (a api) post(path string, pairs ...string) answer {
	a.t.Helper()
	return a.do(http.MethodPost, path, formOf(pairs...))
}

// create posts a conversation and gives back its SID.
func (a api) create(path string, pairs ...string) string {
	a.t.Helper()
	return a.post(path, pairs...).want(a.t, http.StatusCreated, 0).field("sid")
}

func formOf(pairs ...string) url.Values {
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return form
}

// want asserts the status and, for errors, Twilio's code.
func (a answer) want(t testing.TB, status, code int) answer {
	t.Helper()
	got, _ := a.body["code"].(float64)
	if a.status != status || (status >= 400 && int(got) != code) {
		t.Fatalf("got status %d: %s\nwant status %d, code %d", a.status, a.text, status, code)
	}
	return a
}

// field is a text of the answer; null and absent are empty.
func (a answer) field(name string) string {
	s, _ := a.body[name].(string)
	return s
}

// inner is a field of an object in the answer.
func (a answer) inner(object, field string) string {
	o, _ := a.body[object].(map[string]any)
	s, _ := o[field].(string)
	return s
}

// sids returns the SIDs of a page of conversations.
func (a answer) sids() []string {
	var sids []string
	entries, _ := a.body["conversations"].([]any)
	for _, entry := range entries {
		sids = append(sids, entry.(map[string]any)["sid"].(string))
	}
	return sids
}

// must fails the test on an error.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// eventually waits for a condition.
func eventually(t testing.TB, what string, done func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	deadline := time.After(patience)
	for !done() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("timed out waiting for %s", what)
		}
	}
}
