// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package crash

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const (
	// requestTimeout of the managers: an announced create may begin within half of it, as a throttled one does that is tried
	// again, and settles after three times as long.
	requestTimeout = 3 * time.Second
	// lateBy is how much later a call takes effect that was given up: later than the first attempts to find out, and
	// earlier than the operator may believe that it never will.
	lateBy = 1500 * time.Millisecond
	// slowBy is how much longer a slow call takes: not long enough to be given up.
	slowBy = 700 * time.Millisecond
)

var errBroken = errors.New("connection broken")

// fault is what happens to one call.
type fault struct {
	name string
	// hits says which calls it can happen to.
	hits func(c call) bool
	do   func(x *exchange) (*http.Response, error)
	// effective: the call takes effect all the same. late: only later. harmless: the operator knows that it did not.
	effective, late, harmless bool
	// deadly: the process does not live on.
	deadly bool
}

func anyCall(call) bool        { return true }
func writes(c call) bool       { return c.write }
func twilioCalls(c call) bool  { return c.twilio }
func twilioWrites(c call) bool { return c.twilio && c.write }
func kubeCalls(c call) bool    { return !c.twilio }
func creations(c call) bool    { return c.label == creation }
func kubeWrites(c call) bool   { return !c.twilio && c.write }

// faults are everything that can happen to a call. A call that only reads has no effect to fail after.
var faults = []fault{
	{name: "fails before", hits: anyCall, do: broken},
	{name: "fails after", hits: writes, effective: true, do: after(broken)},
	{name: "takes effect late", hits: writes, late: true, do: late(broken)},
	{name: "times out before", hits: twilioCalls, do: hang},
	{name: "times out after", hits: twilioWrites, effective: true, do: after(hang)},
	{name: "times out before", hits: kubeCalls, do: kubeTimeout},
	{name: "times out after", hits: kubeWrites, effective: true, do: after(kubeTimeout)},
	{name: "is slow", hits: anyCall, harmless: true, do: slow(slowBy)},
	{name: "conflicts", hits: kubeWrites, harmless: true, do: kubeConflict},
	{name: "is answered 503", hits: twilioCalls, do: unavailable},
	{name: "is answered 503 after", hits: twilioWrites, effective: true, do: after(unavailable)},
	{name: "is answered that its name exists", hits: creations, effective: true, do: after(exists)},
	{name: "is throttled", hits: twilioCalls, harmless: true, do: throttled},
	{name: "dies before", hits: anyCall, deadly: true, do: die},
	{name: "dies after", hits: writes, effective: true, deadly: true, do: after(die)},
	{name: "dies while it is on its way", hits: writes, late: true, deadly: true, do: late(die)},
}

// broken is a connection that ends before there is an answer.
func broken(*exchange) (*http.Response, error) { return nil, errBroken }

// hang answers nothing for as long as the caller waits.
func hang(x *exchange) (*http.Response, error) {
	select {
	case <-x.request.Context().Done():
		return nil, x.request.Context().Err()
	case <-x.dead:
		return nil, errGone
	}
}

// slow sends the call so much later, when others that came later are done.
func slow(by time.Duration) func(*exchange) (*http.Response, error) {
	return func(x *exchange) (*http.Response, error) {
		x.request.Body = io.NopCloser(bytes.NewReader(x.body))
		timer := time.NewTimer(by)
		defer timer.Stop()
		select {
		case <-timer.C:
			return x.send(x.request)
		case <-x.request.Context().Done():
			return nil, x.request.Context().Err()
		case <-x.dead:
			return nil, errGone
		}
	}
}

// die ends the process.
func die(x *exchange) (*http.Response, error) {
	x.die()
	return nil, errGone
}

// unavailable is what stands in front of Twilio when Twilio does not answer it.
func unavailable(x *exchange) (*http.Response, error) {
	return x.answer(http.StatusServiceUnavailable, "text/html", "<html><h1>503 Service Unavailable</h1></html>")
}

// exists is what a proxy hears that repeats a create which took effect.
func exists(x *exchange) (*http.Response, error) {
	return x.answer(http.StatusConflict, "application/json",
		`{"code":50353,"message":"Conversation with provided unique name already exists","more_info":"https://www.twilio.com/docs/errors/50353","status":409}`)
}

func throttled(x *exchange) (*http.Response, error) {
	return x.answer(http.StatusTooManyRequests, "application/json",
		`{"code":20429,"message":"Too Many Requests","more_info":"https://www.twilio.com/docs/errors/20429","status":429}`)
}

func kubeTimeout(x *exchange) (*http.Response, error) {
	return x.kubeError(http.StatusGatewayTimeout, metav1.StatusReasonTimeout)
}

func kubeConflict(x *exchange) (*http.Response, error) {
	return x.kubeError(http.StatusConflict, metav1.StatusReasonConflict)
}

// kubeError answers as the API server does.
func (x *exchange) kubeError(status int, reason metav1.StatusReason) (*http.Response, error) {
	return x.answer(status, "application/json", fmt.Sprintf(
		`{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"made up","reason":%q,"code":%d}`, reason, status))
}

// after lets the call take effect first.
func after(then func(*exchange) (*http.Response, error)) func(*exchange) (*http.Response, error) {
	return func(x *exchange) (*http.Response, error) {
		x.carryOut()
		return then(x)
	}
}

// late lets the call take effect when nobody waits for it any more.
func late(now func(*exchange) (*http.Response, error)) func(*exchange) (*http.Response, error) {
	return func(x *exchange) (*http.Response, error) {
		time.AfterFunc(lateBy, func() {
			defer x.busy.Done()
			x.carryOut()
		})
		return now(x)
	}
}
