// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// The classes of errors, for [errors.Is]. The HTTP status decides first, Twilio's code second, as Twilio advises. The
// table is from the error dictionary (https://www.twilio.com/docs/api/errors) and from answers seen at the API.
var (
	// ErrNotFound says: Twilio does not have the resource (404, and 50350 or 50050). Only Twilio's own 404 counts, never a
	// page.
	ErrNotFound = errors.New("not found")
	// ErrExists says: the unique name is taken (50353).
	ErrExists = errors.New("already exists")
	// ErrConflict says: another change is under way (50391 and other 409); the same request may succeed later.
	ErrConflict = errors.New("conflicting change")
	// ErrInvalid says: the request as it is can never succeed (any other 4xx, and arguments which can't be sent).
	ErrInvalid = errors.New("invalid")
	// ErrDenied says: the credentials are wrong, or permit too little (401, 403).
	ErrDenied = errors.New("denied")
	// ErrThrottled says: Twilio got too many requests, and did not process this request (429, 50074, 50063).
	ErrThrottled = errors.New("throttled")
	// ErrUnavailable says nothing about the conversation: no answer, 5xx, or an answer which Twilio can't have written.
	ErrUnavailable = errors.New("unavailable")
	// ErrClosed says: the conversation is closed for good (50377). ErrClosed is also ErrInvalid.
	ErrClosed = errors.New("closed")
	// ErrRegion says: Twilio has no Conversations in the Region of the request, such as au1 (50385). ErrRegion is also
	// ErrInvalid. https://www.twilio.com/docs/global-infrastructure/conversations-api-with-twilio-regions has the Regions.
	ErrRegion = errors.New("no Conversations in this Region")
	// ErrInitializing says: Twilio is still setting the conversation up (50386). The error passes.
	ErrInitializing = errors.New("initializing")
)

// RegionAdvice says how to mend the cause of [ErrRegion].
const RegionAdvice = "use credentials of a Region that has Conversations, us1 or (Chat only) ie1, and set region and edge of the account to it"

// ServiceAdvice says how to mend the cause of [ErrNotFound] for a create in a Conversation Service.
const ServiceAdvice = "create the object anew with a service of this account in spec.chatServiceSid, or none"

// codes are the errors which Twilio's code tells apart. Twilio does not document the status of some codes, so a code
// means the same under each status of a refusal.
var codes = map[int]error{
	20162: ErrConflict,     // a conflicting resource update is in progress
	20409: ErrConflict,     // conflict
	50002: ErrConflict,     // resource is being deleted
	50050: ErrNotFound,     // service instance not found
	50063: ErrThrottled,    // actions per second limit exceeded
	50074: ErrThrottled,    // global actions per second limit exceeded
	50214: ErrInvalid,      // user conversation limit exceeded
	50334: ErrConflict,     // channel deletion operation is in progress
	50349: ErrConflict,     // conflicting channel modification
	50350: ErrNotFound,     // conversation not found
	50353: ErrExists,       // conversation with provided unique name already exists
	50377: ErrClosed,       // conversation is in final closed state
	50385: ErrRegion,       // conversations are disabled in this region
	50386: ErrInitializing, // conversation is in initializing state
	50391: ErrConflict,     // conflicting conversation modification
	50417: ErrInvalid,      // participants limit exceeded
	50422: ErrInvalid,      // non-chat participants limit exceeded
}

// Error is every error of this package's requests. An Error matches its Err… class, and its cause.
type Error struct {
	// Operation is the attempted operation, by its name in Twilio's OpenAPI document, such as CreateConversation.
	Operation string
	// Status is the HTTP status of the answer; zero without an answer.
	Status int
	// Code is Twilio's code (https://www.twilio.com/docs/api/errors); zero without a code of Twilio.
	Code int
	// Message is Twilio's message, on one line.
	Message string
	// MoreInfo is the address of Twilio's page about the code.
	MoreInfo string
	// Details is the JSON object which Twilio adds to some errors, on one line; empty without an object, or if the object is longer
	// than a message may be. Error() leaves the details out: Twilio does not document the object, which may differ from answer to
	// answer.
	Details string
	// RetryAfter is how long Twilio asks to wait, at most five minutes; zero if Twilio does not ask.
	RetryAfter time.Duration
	// RequestID is the ID by which Twilio's support finds the request.
	RequestID string
	// ServerTime is the answer's date, by Twilio's clock; zero if the answer has no date.
	ServerTime time.Time
	// Err is why the answer is missing, or why the answer is not Twilio's word.
	Err error

	unsent bool
}

// Error is stable for the same failure: the fields and the cause have the times, ids, addresses and ports, the text has
// none.
func (e *Error) Error() string {
	switch {
	case e.Status == 0 && e.Err == nil:
		return e.Message
	case e.Status == 0:
		return "no answer from Twilio: " + reason(e.Err)
	case e.Err != nil:
		return fmt.Sprintf("Twilio answered %d, but %s", e.Status, reason(e.Err))
	case e.Message == "" && e.Code == 0:
		return fmt.Sprintf("Twilio answered %d", e.Status)
	case e.Code == 0:
		return fmt.Sprintf("Twilio answered %d: %s", e.Status, e.Message)
	}
	return fmt.Sprintf("Twilio answered %d: %s (%d)", e.Status, e.Message, e.Code)
}

// Unwrap is the cause, such as [context.Canceled].
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether target is the class of the error.
func (e *Error) Is(target error) bool {
	class := e.class()
	return target == class || target == ErrInvalid && (class == ErrClosed || class == ErrRegion)
}

// Sent reports whether the request may have reached Twilio. The answer is false only if the request certainly did not:
// no connection came about, or the context was over before.
func (e *Error) Sent() bool { return !e.unsent }

// Ambiguous reports whether the write which failed with err may have taken effect nevertheless: the request was sent,
// and no word of Twilio says that Twilio refused the request.
func Ambiguous(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Sent() && errors.Is(e, ErrUnavailable)
}

func (e *Error) class() error {
	switch {
	case e.Status == http.StatusTooManyRequests:
		// A 429 turns the request away, from Twilio or from a proxy, with any body.
		return ErrThrottled
	case e.Err != nil, e.Status >= 500, e.Status > 0 && e.Status < 400:
		return ErrUnavailable
	}
	switch e.Status {
	case http.StatusRequestTimeout, http.StatusTooEarly:
		return ErrUnavailable
	case http.StatusUnauthorized:
		return ErrDenied
	}
	if class, known := codes[e.Code]; known {
		return class
	}
	switch e.Status {
	case http.StatusForbidden:
		return ErrDenied
	case http.StatusNotFound:
		return ErrNotFound
	case http.StatusConflict:
		return ErrConflict
	}
	return ErrInvalid
}

// sendError is the error of a request without an answer. If a transport refused with an Error of its own, sendError
// quotes the Error.
func sendError(ctx context.Context, operation string, err error, unsent bool) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		quoted := *e
		quoted.Operation = operation
		return &quoted
	}
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return &Error{Operation: operation, Err: err, unsent: unsent}
}

// NotSent is the error of a transport which refuses a request itself, as [ErrThrottled]: the request never reached
// Twilio.
func NotSent(message string) *Error {
	return &Error{Status: http.StatusTooManyRequests, Message: message, unsent: true}
}

// invalid is the error of arguments which can't be sent.
func invalid(operation, message string) *Error {
	return &Error{Operation: operation, Message: message, unsent: true}
}
