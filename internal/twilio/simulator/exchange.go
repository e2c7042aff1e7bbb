// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// bodyMax is the longest body of a request, in bytes: far more than the form of a conversation with the longest values.
const bodyMax = 1 << 20

// exchange is a request with the data for its answer.
type exchange struct {
	request  *http.Request
	route    route
	entry    Request
	form     url.Values // as received, with the change of a pre-event webhook
	tenant   *tenant    // by the user name, without a check of the password, or by a good token; nil for an unknown name
	bearer   bool       // the request has a good bearer token
	latency  time.Duration
	inFlight int
	started  time.Time
	formErr  *apiError
}

// reply is the answer to an exchange.
type reply struct {
	status, code int
	sid          string
	contentType  string
	header       http.Header
	body         []byte
}

// ServeHTTP answers a request to the API. To break a connection, it panics with http.ErrAbortHandler, which Go's HTTP
// server handles.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := s.arrive(r)
	rep, e, ok := s.respond(x)
	s.depart(x, rep)
	if !ok {
		panic(http.ErrAbortHandler)
	}
	s.write(w, x, rep, e.TruncateBody)
}

// respond returns the answer to an exchange and the effect of the rule that applied. ok is false if the connection must
// break.
func (s *Simulator) respond(x *exchange) (rep reply, e Effect, ok bool) {
	if !s.wait(x.latency) {
		return reply{}, e, false
	}
	f := s.pick(x)
	if f == nil {
		return s.handle(x), e, true
	}
	x.entry.Fault = f.rule.ID
	rep, ok = s.perform(x, f)
	return rep, f.rule.Effect, ok
}

// arrive reads a request and numbers it for the log.
func (s *Simulator) arrive(r *http.Request) *exchange {
	x := &exchange{request: r, started: time.Now(), route: parseRoute(r.Method, r.URL)}
	x.form, x.formErr = readForm(r)
	defer s.enter()()
	x.latency = s.latency
	if user, _, ok := r.BasicAuth(); ok {
		x.tenant = s.tenant(user)
	}
	if b, ok := s.bearerOf(r); ok {
		x.tenant, x.bearer = b.tenant, true
	}
	logged := x.form
	if x.route.operation == OperationToken {
		// The form has a client secret.
		x.tenant, logged = s.ofApp(x.form.Get("client_id")), nil
	}
	x.entry = Request{
		N: s.log.next(), Time: s.now(), Method: r.Method, Path: r.URL.Path, Query: r.URL.Query(), Form: logged,
		WebhookEnabled: r.Header.Get("X-Twilio-Webhook-Enabled"), Operation: x.route.operation,
	}
	if x.tenant != nil {
		x.entry.Account = x.tenant.sid
		x.tenant.inFlight++
		x.inFlight = x.tenant.inFlight
	}
	return x
}

// depart logs an exchange and ends its time in flight. This happens before the answer is sent, so that a client with
// the answer finds the request in the log, and can send another request without exceeding the limit.
func (s *Simulator) depart(x *exchange, rep reply) {
	x.entry.Status, x.entry.Code = rep.status, rep.code
	x.entry.SID = cmp.Or(rep.sid, x.entry.SID)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log.add(x.entry)
	if x.tenant != nil {
		x.tenant.inFlight--
	}
}

// wait sleeps in real time, even if the client disconnects. It returns false if the simulator closes meanwhile.
func (s *Simulator) wait(d time.Duration) bool {
	if d <= 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-s.closed:
		return false
	}
}

// tenant returns the account of a user name, which is the SID of the account or of an API key.
func (s *Simulator) tenant(user string) *tenant {
	if a := s.accounts[user]; a != nil {
		return a
	}
	for _, a := range s.accounts {
		if _, ok := a.keys[user]; ok {
			return a
		}
	}
	return nil
}

// authenticate checks the credentials of a request against the current tokens and keys.
func (x *exchange) authenticate() *apiError {
	user, secret, ok := x.request.BasicAuth()
	switch {
	case x.bearer && x.tenant.suspended:
		return errSuspended
	case x.bearer:
		return nil
	case !ok:
		return errAuthenticate
	case x.tenant == nil:
		return errUsername
	case !x.tenant.takes(user, secret):
		return errAuthenticate
	case x.tenant.suspended:
		return errSuspended
	}
	return nil
}

// takes reports whether the account has the token or the API key.
func (a *tenant) takes(user, secret string) bool {
	if user != a.sid {
		found, ok := a.keys[user]
		return ok && secret == found
	}
	return secret == a.token || a.secondary != "" && secret == a.secondary
}

func readForm(r *http.Request) (url.Values, *apiError) {
	body, err := io.ReadAll(io.LimitReader(r.Body, bodyMax+1))
	if err != nil {
		return nil, errForm
	}
	if len(body) == 0 {
		return nil, nil
	}
	if len(body) > bodyMax {
		return nil, errBodyTooLarge
	}
	if mediaType, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); mediaType != "application/x-www-form-urlencoded" {
		return nil, errForm
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, errForm
	}
	return form, nil
}

// write sends the answer, with the headers of Twilio's answers (seen in twilio-labs/dev-phone#211).
func (s *Simulator) write(w http.ResponseWriter, x *exchange, rep reply, truncate bool) {
	h := w.Header()
	maps.Copy(h, rep.header)
	h.Set("Date", s.Now().Format(http.TimeFormat))
	h.Set("Twilio-Request-Id", newSID("RQ"))
	h.Set("Twilio-Request-Duration", fmt.Sprintf("%.3f", time.Since(x.started).Seconds()))
	h.Set("Twilio-Concurrent-Requests", strconv.Itoa(max(x.inFlight, 1)))
	h.Set("X-Home-Region", "us1")
	h.Set("X-Api-Domain", "conversations.twilio.com")
	if rep.contentType != "" {
		h.Set("Content-Type", rep.contentType)
	}
	if rep.status != http.StatusNoContent {
		h.Set("Content-Length", strconv.Itoa(len(rep.body)))
	}
	w.WriteHeader(rep.status)
	if !truncate {
		// An error only means that the client disconnected.
		_, _ = w.Write(rep.body)
		return
	}
	_, _ = w.Write(rep.body[:len(rep.body)/2])
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

func answer(status int, sid string, v any) reply {
	rep := reply{status: status, sid: sid, contentType: "application/json; charset=utf-8"}
	if v != nil {
		rep.body = encode(v)
	}
	return rep
}

func refuse(err *apiError) reply {
	a := errorAnswer{Code: err.code, Message: err.message, Status: err.status}
	if err.code != 0 {
		a.MoreInfo = fmt.Sprintf("https://www.twilio.com/docs/errors/%d", err.code)
	}
	rep := answer(err.status, "", a)
	rep.code = err.code
	return rep
}
