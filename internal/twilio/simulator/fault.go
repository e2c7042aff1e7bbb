// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"time"
)

// proxyPage is the answer of a proxy in front of Twilio that reaches no server (twilio-ruby#457).
const proxyPage = `<html>
<head><title>%[1]d %[2]s</title></head>
<body>
<center><h1>%[1]d %[2]s</h1></center>
<hr><center>nginx</center>
</body>
</html>
`

// fault is a rule in use.
type fault struct {
	rule    Rule
	path    *regexp.Regexp
	random  *rand.Rand
	release chan struct{} // closed to release the requests that the rule holds
}

// AddRule adds a fault after the existing faults, and returns its ID.
func (s *Simulator) AddRule(r Rule) (string, error) {
	f := &fault{rule: r, release: make(chan struct{}), random: rand.New(rand.NewPCG(r.Match.Seed, 0))}
	f.rule.Seen, f.rule.Applied = 0, 0
	var err error
	if f.path, err = regexp.Compile(r.Match.PathRegexp); err != nil {
		return "", fmt.Errorf("path of the rule: %w", err)
	}
	if err := cmp.Or(r.Match.check(), r.Effect.check()); err != nil {
		return "", err
	}
	defer s.enter()()
	s.ruleNo++
	if f.rule.ID == "" {
		f.rule.ID = "rule-" + strconv.Itoa(s.ruleNo)
	}
	if s.ruleIndex(f.rule.ID) >= 0 {
		return "", fmt.Errorf("rule %s exists already", f.rule.ID)
	}
	s.rules = append(s.rules, f)
	return f.rule.ID, nil
}

// RemoveRule removes a rule and releases the requests that the rule holds.
func (s *Simulator) RemoveRule(id string) error {
	return s.withRule(id, func(i int) {
		close(s.rules[i].release)
		s.rules = slices.Delete(s.rules, i, i+1)
	})
}

// ReleaseRule releases the requests that a rule holds. The rule holds later requests again.
func (s *Simulator) ReleaseRule(id string) error {
	return s.withRule(id, func(i int) {
		close(s.rules[i].release)
		s.rules[i].release = make(chan struct{})
	})
}

// ClearRules removes all rules and releases the requests that they hold.
func (s *Simulator) ClearRules() {
	defer s.enter()()
	for _, f := range s.rules {
		close(f.release)
	}
	s.rules = nil
}

// Rules returns all rules with their current counts.
func (s *Simulator) Rules() []Rule {
	defer s.enter()()
	rules := make([]Rule, 0, len(s.rules))
	for _, f := range s.rules {
		rules = append(rules, f.rule)
	}
	return rules
}

// Held returns the number of requests that rules hold at present, by Hang or Hold.
func (s *Simulator) Held() int {
	defer s.enter()()
	return s.held
}

func (s *Simulator) withRule(id string, f func(i int)) error {
	defer s.enter()()
	i := s.ruleIndex(id)
	if i < 0 {
		return missingError("rule " + id)
	}
	f(i)
	return nil
}

func (s *Simulator) ruleIndex(id string) int {
	return slices.IndexFunc(s.rules, func(f *fault) bool { return f.rule.ID == id })
}

// pick returns the rule for an exchange, or nil. It returns a copy, so that the exchange waits for the current release
// channel and not for a later one.
func (s *Simulator) pick(x *exchange) *fault {
	defer s.enter()()
	sid, name := s.target(x)
	for _, f := range s.rules {
		if f.matches(x, sid, name) && f.draw() {
			f.rule.Applied++
			picked := *f
			return &picked
		}
	}
	return nil
}

// target returns the SID and the unique name of what a request addresses. They are empty if it is unknown.
func (s *Simulator) target(x *exchange) (sid, name string) {
	if x.tenant == nil || x.route.key == "" {
		return "", ""
	}
	if x.route.isAddress() {
		if a := x.tenant.address(x.route.key); a != nil {
			sid = a.SID
		}
		return sid, ""
	}
	if x.route.operation == OperationService || x.route.operation == OperationDeleteService {
		return x.route.key, ""
	}
	v := x.tenant.services[cmp.Or(x.route.service, x.tenant.configuration.DefaultServiceSID)]
	if v == nil {
		return "", ""
	}
	if c := s.lookup(v, x.route.key); c != nil {
		return c.SID, c.UniqueName
	}
	return "", ""
}

func (f *fault) matches(x *exchange, sid, name string) bool {
	m, r := f.rule.Match, x.entry
	return (m.Method == "" || m.Method == r.Method) &&
		f.path.MatchString(r.Path) &&
		(m.FormKey == "" || r.Form.Has(m.FormKey) && (m.FormValue == "" || m.FormValue == r.Form.Get(m.FormKey))) &&
		(m.SID == "" || m.SID == sid || m.SID == x.route.key) &&
		(m.UniqueName == "" || slices.Contains([]string{name, x.route.key, r.Form.Get("UniqueName")}, m.UniqueName)) &&
		(m.Operation == "" || m.Operation == r.Operation) &&
		(m.Account == "" || m.Account == r.Account)
}

// draw counts a match and reports whether the request gets the effect.
func (f *fault) draw() bool {
	m := f.rule.Match
	f.rule.Seen++
	return f.rule.Seen > m.Skip &&
		(m.Count == 0 || f.rule.Applied < m.Count) &&
		(m.Probability == 0 || f.random.Float64() < m.Probability)
}

// perform answers an exchange under a rule. ok is false if the connection must break.
func (s *Simulator) perform(x *exchange, f *fault) (rep reply, ok bool) {
	e := f.rule.Effect
	after := e.AfterEffect || e.DropAfter
	if after {
		rep = s.handle(x)
		x.entry.SID = rep.sid
	}
	if !s.wait(e.Delay) || !s.keep(x, f) || e.DropBefore || e.DropAfter {
		return reply{}, false
	}
	if !after && !e.replaces() {
		rep = s.handle(x)
	}
	return e.alter(rep, s.Now()), true
}

// keep holds an exchange under Hang or Hold until the rule releases the exchange. It returns false if the exchange must
// end without an answer: because the client disconnected (under Hang), or because the simulator closes.
func (s *Simulator) keep(x *exchange, f *fault) bool {
	if !f.rule.Effect.Hang && !f.rule.Effect.Hold {
		return true
	}
	gone := x.request.Context().Done()
	if f.rule.Effect.Hold {
		gone = nil
	}
	s.addHeld(1)
	defer s.addHeld(-1)
	select {
	case <-f.release:
		return true
	case <-gone:
		return false
	case <-s.closed:
		return false
	}
}

func (s *Simulator) addHeld(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held += n
}

// replaces reports whether the effect has its own answer.
func (e Effect) replaces() bool {
	return e.Status != 0 || e.HTML || e.Body != "" || e.Redirect != ""
}

// alter changes Twilio's answer as the effect says.
func (e Effect) alter(rep reply, now time.Time) reply {
	if e.replaces() {
		rep = e.reply(rep)
	}
	rep.header = rep.header.Clone()
	if rep.header == nil {
		rep.header = http.Header{}
	}
	if e.Redirect != "" {
		rep.header.Set("Location", e.Redirect)
	}
	if after := e.RetryAfter; after > 0 {
		rep.header.Set("Retry-After", strconv.Itoa(after))
		if e.RetryAfterAsDate {
			rep.header.Set("Retry-After", now.Add(time.Duration(after)*time.Second).Format(http.TimeFormat))
		}
	}
	if e.EmptyBody {
		rep.body = nil
	}
	return rep
}

// reply returns the effect's own answer. If the effect has no status, the answer has the status of the handled request,
// if the request was handled.
func (e Effect) reply(handled reply) reply {
	status := cmp.Or(e.Status, handled.status)
	rep := reply{sid: handled.sid}
	switch {
	case e.Redirect != "":
		status = cmp.Or(e.Status, http.StatusFound)
	case e.HTML:
		status = cmp.Or(e.Status, http.StatusServiceUnavailable)
		rep.contentType = "text/html"
		rep.body = fmt.Appendf(nil, proxyPage, status, http.StatusText(status))
	case e.Body != "":
		status = cmp.Or(status, http.StatusOK)
		rep.contentType = cmp.Or(e.ContentType, "text/plain")
		rep.body = []byte(e.Body)
	default:
		message := cmp.Or(e.Message, http.StatusText(status), "An error occurred")
		rep = refuse(&apiError{status: status, code: e.Code, message: message})
		rep.sid = handled.sid
	}
	rep.status = status
	return rep
}
