// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package crash

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
)

// errGone is what a dead process' calls end with.
var errGone = errors.New("the process is gone")

// call is one request of the story to Kubernetes or to Twilio.
type call struct {
	// label is the verb and what it is about, without names: "PATCH conversations/status", "CREATE Twilio".
	label string
	// nth call of that label in the story, from 1.
	nth    int
	twilio bool
	// write: it may change something.
	write bool
}

func (c call) String() string { return fmt.Sprintf("%s %d", c.label, c.nth) }

// process is what one manager is to the outside: all its requests go through here, are numbered once the story begins,
// and one of them meets the fault. A process that died asks nothing any more.
type process struct {
	mu     sync.Mutex
	counts bool
	trace  []call
	nth    map[string]int
	// aims are what is to happen, one after the other; met is how many did.
	aims []aim
	met  int
	// slow: a call timed out by itself.
	slow bool
	// during are what the user does while a call is on its way, by label.
	during map[string]func()

	dead chan struct{}
	die  func()
	// busy are the calls that meet a fault, until it has happened to the end.
	busy busy
}

func newProcess() *process {
	p := &process{dead: make(chan struct{}), nth: map[string]int{}}
	p.die = sync.OnceFunc(func() { close(p.dead) })
	return p
}

// aim is a fault and the call that meets it: that one, or, where it has no label, the next after so many others.
type aim struct {
	call
	others int
	fault  *fault
}

// hits tells whether the call is the one.
func (a *aim) hits(c call) bool {
	if a.label != "" {
		return c == a.call
	}
	a.others--
	return a.others < 0 && a.fault.hits(c)
}

// begin starts to number the calls, some of which meet faults.
func (p *process) begin(aims []aim, during map[string]func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.counts, p.aims, p.during = true, aims, during
}

// end stops to number the calls, and answers those so far.
func (p *process) end() []call {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.counts = false
	return p.trace
}

// hasMet is how many of the faults happened.
func (p *process) hasMet() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.met
}

// isSlow tells whether a call timed out by itself.
func (p *process) isSlow() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.slow
}

func (p *process) isDead() bool {
	select {
	case <-p.dead:
		return true
	default:
		return false
	}
}

// transport carries the requests of one kind.
type transport struct {
	*process
	next   http.RoundTripper
	twilio bool
}

// RoundTrip sends a request, unless it is the one that meets the fault or the process is dead.
func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if t.isDead() {
		return nil, errGone
	}
	label, ours := t.label(r)
	if !ours {
		return t.send(r)
	}
	c, fault, meanwhile := t.number(label, r)
	if meanwhile != nil {
		meanwhile()
	}
	if fault == nil {
		return t.send(r)
	}
	if !fault.late {
		defer t.busy.Done()
	}
	x, err := newExchange(t, c, r)
	if err != nil {
		return nil, err
	}
	return fault.do(x)
}

// send sends a request to the other side. A process that died meanwhile has no use for the answer.
func (t transport) send(r *http.Request) (*http.Response, error) {
	resp, err := t.next.RoundTrip(r)
	if err != nil && r.Context().Err() != nil {
		t.mu.Lock()
		t.slow = true
		t.mu.Unlock()
	}
	if !t.isDead() {
		return resp, err
	}
	if err == nil {
		_ = resp.Body.Close()
	}
	return nil, errGone
}

// number gives a call its number, and says what happens to it.
func (t transport) number(label string, r *http.Request) (call, *fault, func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.counts {
		return call{}, nil, nil
	}
	t.nth[label]++
	c := call{label: label, nth: t.nth[label], twilio: t.twilio, write: r.Method != http.MethodGet}
	t.trace = append(t.trace, c)
	meanwhile := t.during[label]
	delete(t.during, label)
	if t.met == len(t.aims) || !t.aims[t.met].hits(c) {
		return c, nil, meanwhile
	}
	fault := t.aims[t.met].fault
	t.met++
	t.busy.Add(1)
	return c, fault, meanwhile
}

var (
	kubePath   = regexp.MustCompile(`/(conversations|twilioaccounts|clustertwilioaccounts|secrets|namespaces)(/[^/]+)?(/status)?$`)
	twilioPath = regexp.MustCompile(`/(Conversations|Configuration)(/CH[0-9a-f]{32})?(/.+)?$`)
)

// label names what a request is about; not ours are events and what a client asks to find its way.
func (t transport) label(r *http.Request) (string, bool) {
	if !t.twilio {
		m := kubePath.FindStringSubmatch(r.URL.Path)
		if m == nil || strings.Contains(r.URL.Path, "/apis/events.k8s.io/") {
			return "", false
		}
		verb := r.Method
		if verb == http.MethodGet && m[2] == "" {
			verb = "LIST"
		}
		return verb + " " + m[1] + m[3], true
	}
	m := twilioPath.FindStringSubmatch(r.URL.Path)
	switch {
	case m == nil:
		return r.Method + " Twilio", true
	case r.Method == http.MethodGet && m[2] == "" && m[3] == "":
		return "LIST Twilio", true
	case r.Method == http.MethodPost && m[2] == "" && m[3] == "":
		return "CREATE Twilio", true
	case m[3] != "":
		return r.Method + " Twilio by name", true
	}
	return r.Method + " Twilio", true
}

// exchange is a call that meets the fault.
type exchange struct {
	transport
	call
	request *http.Request
	body    []byte
}

func newExchange(t transport, c call, r *http.Request) (*exchange, error) {
	x := &exchange{transport: t, call: c, request: r}
	if r.Body == nil {
		return x, nil
	}
	var err error
	x.body, err = io.ReadAll(r.Body)
	_ = r.Body.Close()
	return x, err
}

// carryOut lets the call take effect and throws the answer away. It does not depend on whoever asked.
func (x *exchange) carryOut() {
	ctx := context.WithoutCancel(x.request.Context())
	r := x.request.Clone(ctx)
	r.Body = io.NopCloser(bytes.NewReader(x.body))
	resp, err := x.next.RoundTrip(r)
	if err != nil {
		return
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
}

// answer is one that the other side did not write.
func (x *exchange) answer(status int, contentType, body string) (*http.Response, error) {
	return &http.Response{
		StatusCode: status, Status: http.StatusText(status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {contentType}}, Body: io.NopCloser(strings.NewReader(body)),
		ContentLength: int64(len(body)), Request: x.request,
	}, nil
}
