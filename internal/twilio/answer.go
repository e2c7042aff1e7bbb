// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
	"unicode"
)

// answer is Twilio's answer, whole or broken off.
type answer struct {
	operation string
	status    int
	header    http.Header
	body      []byte
	// flaw is why the body is not whole.
	flaw error
	// at is when the answer began to arrive.
	at time.Time
}

func newAnswer(ctx context.Context, resp *http.Response, limit int64) *answer {
	a := &answer{status: resp.StatusCode, header: resp.Header, at: time.Now()}
	// A body after 101 Switching Protocols ends when the server likes, whatever the context says.
	if a.status >= http.StatusOK {
		a.body, a.flaw = readBody(resp.Body, limit)
	}
	if a.flaw != nil && ctx.Err() != nil {
		a.flaw = ctx.Err()
	}
	return a
}

// readBody reads to the end, so that the connection can be used again, but no further than limit.
func readBody(body io.Reader, limit int64) ([]byte, error) {
	var b bytes.Buffer
	n, err := b.ReadFrom(io.LimitReader(body, limit+1))
	if err != nil {
		return nil, err
	}
	if n > limit {
		return nil, flaw(fmt.Sprintf("the body is longer than %d bytes", limit))
	}
	return b.Bytes(), nil
}

func (a *answer) requestID() string { return a.header.Get("Twilio-Request-Id") }

// serverTime is Twilio's clock, in whole seconds; zero if the answer has no date.
func (a *answer) serverTime() time.Time { return serverTime(a.header) }

func serverTime(header http.Header) time.Time {
	t, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}

// error is an error with the answer's status, request ID, date and Retry-After; without a cause, Twilio's own refusal.
func (a *answer) error(cause error) *Error {
	return &Error{
		Operation: a.operation, Status: a.status, Err: cause, RequestID: a.requestID(), ServerTime: a.serverTime(),
		RetryAfter: RetryAfter(a.header),
	}
}

// refusal is the error of an answer whose status is not 2xx. If Twilio did not write the body, refusal keeps a cause,
// so that the status of a proxy's page does not count as Twilio's word.
func (a *answer) refusal() *Error {
	switch {
	case a.flaw != nil:
		return a.error(a.flaw)
	case a.status < 200:
		return a.error(flaw("protocols are not switched"))
	case a.status < 400:
		return a.error(flaw("redirects are not followed"))
	}
	// Twilio's errors: https://www.twilio.com/docs/usage/twilios-response#response-formats-exceptions
	var body struct {
		Code     int             `json:"code"`
		Status   int             `json:"status"`
		Message  string          `json:"message"`
		MoreInfo string          `json:"more_info"`
		Details  json.RawMessage `json:"details"`
	}
	err := json.Unmarshal(a.body, &body)
	coded := body.Code >= minErrorCode
	// A missing conversation is believed with Twilio's code only; other errors sometimes come without a code.
	plain := a.status != http.StatusNotFound && body.Code == 0 && body.Status == a.status && body.Message != ""
	if err != nil || !coded && !plain {
		return a.error(flaw("the body is not a Twilio error"))
	}
	e := a.error(nil)
	e.Code, e.Message, e.MoreInfo = body.Code, oneLine(body.Message), oneLine(body.MoreInfo)
	e.Details = details(body.Details)
	return e
}

// details is the details object of an error on one line. A longer object than a message may be is left out: half an object is no
// JSON.
func details(raw json.RawMessage) string {
	var b bytes.Buffer
	if !bytes.HasPrefix(raw, []byte("{")) || json.Compact(&b, raw) != nil || b.Len() > maxMessage {
		return ""
	}
	return oneLine(b.String())
}

// decode reads the JSON of an answer into v. An answer which does not fit ends as the flaw otherwise.
func (a *answer) decode(v any, otherwise flaw) error {
	if a.flaw != nil {
		return a.error(a.flaw)
	}
	if err := json.Unmarshal(a.body, v); err != nil {
		return a.error(otherwise)
	}
	return nil
}

// deleted answers the request ID of a delete. Any other 2xx than 204 comes from a proxy in the place of Twilio, and deleted
// nothing.
func (a *answer) deleted() (requestID string, err error) {
	if a.status != http.StatusNoContent {
		return "", a.error(flaw("a delete is answered 204"))
	}
	return a.requestID(), nil
}

// oneLine makes text from the network fit for a log line and a condition.
func oneLine(s string) string {
	if len(s) > maxMessage {
		s = s[:maxMessage]
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, ""))
}
