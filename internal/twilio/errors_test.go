// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

var classes = map[string]error{
	"not found": twilio.ErrNotFound, "exists": twilio.ErrExists, "conflict": twilio.ErrConflict,
	"invalid": twilio.ErrInvalid, "denied": twilio.ErrDenied, "throttled": twilio.ErrThrottled,
	"unavailable": twilio.ErrUnavailable, "closed": twilio.ErrClosed, "region": twilio.ErrRegion,
	"initializing": twilio.ErrInitializing,
}

// classesOf are the names of all classes that err matches, sorted.
func classesOf(err error) string {
	var names []string
	for name, class := range classes {
		if errors.Is(err, class) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

func refused(status, code int) string {
	return fmt.Sprintf(`{"code":%d,"message":"No","more_info":"https://www.twilio.com/docs/errors/%d","status":%d}`, code, code, status)
}

func TestAnAnswerHasOneClass(t *testing.T) {
	page := "<!DOCTYPE html><html><body><h1>nginx</h1></body></html>"
	tests := []struct {
		name      string
		status    int
		body      string
		class     string
		ambiguous bool
	}{
		{"404 with Twilio's code is not found", 404, refused(404, 20404), "not found", false},
		{"404 of a conversation is not found", 404, refused(404, 50350), "not found", false},
		{"404 of a service is not found", 404, refused(404, 50050), "not found", false},
		{"400 with the code of a missing conversation is not found", 400, refused(400, 50350), "not found", false},
		{"400 with the code of a missing service is not found", 400, refused(400, 50050), "not found", false},
		{"404 as a page proves nothing", 404, page, "unavailable", true},
		{"404 without a body proves nothing", 404, "", "unavailable", true},
		{"404 without a code proves nothing", 404, `{"message":"Not Found","status":404}`, "unavailable", true},
		{"404 with the code of an HTTP status proves nothing", 404, `{"code":404,"message":"Not Found","status":404}`, "unavailable", true},
		{"404 with a gRPC code proves nothing", 404, `{"code":5,"message":"Not Found","details":[]}`, "unavailable", true},
		{"404 with a code in quotes proves nothing", 404, `{"code":"20404","message":"No","status":404}`, "unavailable", true},
		{"404 as half a body proves nothing", 404, refused(404, 20404)[:20], "unavailable", true},
		{"404 as an array proves nothing", 404, `[20404]`, "unavailable", true},
		{"404 as null proves nothing", 404, `null`, "unavailable", true},
		{"a taken unique name exists", 409, refused(409, 50353), "exists", false},
		{"a conflicting modification is a conflict", 409, refused(409, 50391), "conflict", false},
		{"a conflict is one", 409, refused(409, 20409), "conflict", false},
		{"a conflicting update is a conflict", 409, refused(409, 20162), "conflict", false},
		{"a conflicting channel modification is a conflict", 409, refused(409, 50349), "conflict", false},
		{"a deletion in progress is a conflict", 409, refused(409, 50334), "conflict", false},
		{"being deleted is a conflict", 409, refused(409, 50002), "conflict", false},
		{"an unknown 409 is a conflict", 409, refused(409, 59999), "conflict", false},
		{"a conflict is one with 400, too", 400, refused(400, 50391), "conflict", false},
		{"409 as a page proves nothing", 409, page, "unavailable", true},
		{"429 is throttled", 429, refused(429, 20429), "throttled", false},
		{"429 as a page is throttled", 429, page, "throttled", false},
		{"429 without a body is throttled", 429, "", "throttled", false},
		{"the service's limit with 400 is throttled", 400, refused(400, 50074), "throttled", false},
		{"the conversation's limit with 400 is throttled", 400, refused(400, 50063), "throttled", false},
		{"401 is denied", 401, refused(401, 20003), "denied", false},
		{"401 without a code is denied", 401, `{"message":"Authenticate","status":401}`, "denied", false},
		{"403 is denied", 403, refused(403, 20403), "denied", false},
		{"403 of a restricted key is denied", 403, refused(403, 20006), "denied", false},
		{"401 as a page proves nothing", 401, page, "unavailable", true},
		{"403 as text proves nothing", 403, "RBAC: access denied", "unavailable", true},
		{"403 for a user's limit is invalid", 403, refused(403, 50214), "invalid", false},
		{"403 for the participants' limit is invalid", 403, refused(403, 50417), "invalid", false},
		{"403 for the other participants' limit is invalid", 403, refused(403, 50422), "invalid", false},
		{"a closed conversation is closed and invalid", 400, refused(400, 50377), "closed invalid", false},
		{"a region without Conversations is invalid", 400, refused(400, 50385), "invalid region", false},
		{"403 for a region without Conversations is invalid", 403, refused(403, 50385), "invalid region", false},
		{"an initializing conversation is initializing", 400, refused(400, 50386), "initializing", false},
		{"a refused value is invalid", 400, refused(400, 50003), "invalid", false},
		{"a refusal without a code is invalid", 400, `{"message":"Paged requests must include a PageToken","status":400}`, "invalid", false},
		{"an unknown code is invalid", 400, refused(400, 59999), "invalid", false},
		{"405 is invalid", 405, refused(405, 20004), "invalid", false},
		{"410 is invalid", 410, refused(410, 20410), "invalid", false},
		{"413 is invalid", 413, refused(413, 20413), "invalid", false},
		{"422 is invalid", 422, refused(422, 20422), "invalid", false},
		{"400 as a page proves nothing", 400, page, "unavailable", true},
		{"407 as a page proves nothing", 407, page, "unavailable", true},
		{"408 is unavailable", 408, refused(408, 20001), "unavailable", true},
		{"425 is unavailable", 425, refused(425, 20001), "unavailable", true},
		{"500 is unavailable", 500, refused(500, 20500), "unavailable", true},
		{"500 without a code is unavailable", 500, `{"message":"An error occurred","status":500}`, "unavailable", true},
		{"500 with a client's code is unavailable", 500, refused(500, 50353), "unavailable", true},
		{"502 as a page is unavailable", 502, page, "unavailable", true},
		{"503 as text is unavailable", 503, "no healthy upstream", "unavailable", true},
		{"504 without a body is unavailable", 504, "", "unavailable", true},
		{"599 is unavailable", 599, "", "unavailable", true},
		{"a redirect is unavailable", 302, "", "unavailable", true},
		{"304 is unavailable", 304, "", "unavailable", true},
		{"200 as a page is unavailable", 200, page, "unavailable", true},
		{"200 without a body is unavailable", 200, "", "unavailable", true},
		{"204 to a create is unavailable", 204, "", "unavailable", true},
		{"200 without a SID is unavailable", 200, `{"status":"ok"}`, "unavailable", true},
		{"200 with Twilio's error is unavailable", 200, refused(200, 20404), "unavailable", true},
		{"200 as null is unavailable", 200, "null", "unavailable", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			host := newHost(t, answering(tt.status, tt.body, "Location: /v1/Conversations/elsewhere"))
			_, err := newClient(t, host.URL).Conversations("").Create(t.Context(), twilio.Params{})
			if got := classesOf(err); got != tt.class {
				t.Errorf("%v is %q, want %q", err, got, tt.class)
			}
			if got := twilio.Ambiguous(fmt.Errorf("creating: %w", err)); got != tt.ambiguous {
				t.Errorf("Ambiguous(%v) = %t", err, got)
			}
			e, ok := errors.AsType[*twilio.Error](err)
			if !ok || e.Status != tt.status || e.Operation != "CreateConversation" || !e.Sent() {
				t.Errorf("error is %#v", err)
			}
			if n := len(host.seen()); n != 1 {
				t.Errorf("%d requests were sent", n)
			}
		})
	}
}

func TestAnErrorSaysWhatTwilioSaid(t *testing.T) {
	body := `{"code":50003,"message":"Friendly name\n too long","status":400,
		"more_info":"https://www.twilio.com/docs/errors/50003","details":{"a":1}}`
	host := newHost(t, answering(400, body,
		"Date: Wed, 16 Dec 2015 22:18:37 GMT", "Retry-After: 7", "Twilio-Request-Id: RQaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"))
	_, err := newClient(t, host.URL).Conversations("").Update(t.Context(), convSID, twilio.Params{})
	got, _ := errors.AsType[*twilio.Error](err)
	want := &twilio.Error{
		Operation: "UpdateConversation", Status: 400, Code: 50003, Message: "Friendly name  too long",
		MoreInfo: "https://www.twilio.com/docs/errors/50003", Details: `{"a":1}`, RetryAfter: 7 * time.Second,
		RequestID: "RQaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", ServerTime: time.Date(2015, 12, 16, 22, 18, 37, 0, time.UTC),
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(twilio.Error{})); diff != "" {
		t.Error(diff)
	}
	if got.Error() != "Twilio answered 400: Friendly name  too long (50003)" {
		t.Error(got)
	}
}

func TestAMessageOfAnyLengthIsCut(t *testing.T) {
	body := `{"code":20001,"message":"` + strings.Repeat("ä", 5000) + `","status":400}`
	host := newHost(t, answering(400, body))
	_, err := newClient(t, host.URL).Conversations("").Create(t.Context(), twilio.Params{})
	if len(err.Error()) > 1100 || !strings.Contains(err.Error(), "ää (20001)") {
		t.Error(err)
	}
}

func TestMessagesAreStable(t *testing.T) {
	tests := []struct {
		name   string
		answer http.HandlerFunc
		want   string
	}{
		{"a page", answering(404, "<html>"), "Twilio answered 404, but the body is not a Twilio error"},
		{"a redirect", answering(301, "", "Location: http://user:secret@elsewhere/"), "Twilio answered 301, but redirects are not followed"},
		{"nothing", answering(200, ""), "Twilio answered 200, but the body is not a conversation"},
		{"another conversation", answering(200, `{"sid":"`+otherSID+`"}`), "Twilio answered 200, but the body is another conversation"},
		{"half a body", answering(200, minimal, "Content-Length: 1000"), "Twilio answered 200, but the connection was closed too early"},
		{"no answer", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
			"no answer from Twilio: the connection was closed too early"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			host := newHost(t, tt.answer)
			_, err := newClient(t, host.URL).Conversations("").Fetch(t.Context(), convSID)
			if err == nil || err.Error() != tt.want {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

func TestAnErrorMadeByHandHasTheClassOfItsStatus(t *testing.T) {
	tests := map[string]*twilio.Error{
		"not found": {Status: 404}, "denied": {Status: 403}, "conflict": {Status: 409}, "throttled": {Status: 429},
		"invalid": {Status: 400}, "unavailable": {Status: 503}, "closed invalid": {Status: 400, Code: 50377},
	}
	for want, err := range tests {
		if got := classesOf(fmt.Errorf("wrapped: %w", err)); got != want {
			t.Errorf("%v is %q, want %q", err, got, want)
		}
	}
}

func TestOnlyErrorsOfRequestsAreAmbiguous(t *testing.T) {
	for _, err := range []error{nil, io.ErrUnexpectedEOF, context.DeadlineExceeded} {
		if twilio.Ambiguous(err) {
			t.Errorf("%v is ambiguous", err)
		}
	}
}

func TestTheDetailsOfAnErrorAreKeptWhole(t *testing.T) {
	for name, c := range map[string]struct{ details, want string }{
		"an object on several lines":        {"{\n \"a\": [1, \"two\\n\"]\n}", `{"a":[1,"two\n"]}`},
		"an object that is too long":        {`{"a":"` + strings.Repeat("x", 2000) + `"}`, ""},
		"a text":                            {`"a"`, ""},
		"nothing":                           {`null`, ""},
		"an object with a C1 control in it": {"{\"a\":\"\u009b\"}", `{"a":" "}`},
	} {
		t.Run(name, func(t *testing.T) {
			body := fmt.Sprintf(`{"code":50003,"message":"No","status":400,"details":%s}`, c.details)
			host := newHost(t, answering(http.StatusBadRequest, body))
			_, err := newClient(t, host.URL).Conversations("").Fetch(t.Context(), convSID)
			e, ok := errors.AsType[*twilio.Error](err)
			if !ok || e.Code != 50003 || e.Details != c.want {
				t.Errorf("got %+v, want the details %s", e, c.want)
			}
			if err.Error() != "Twilio answered 400: No (50003)" {
				t.Errorf("the message of a condition would be: %s", err)
			}
		})
	}
}
