// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package retry

import (
	"errors"
	"net/http"
	"time"

	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// Kind says how the next try may end after an error. The reconcilers, the preview and the export decide by the Kind.
type Kind int

// The kinds of errors.
const (
	// Unknown is not an error of Twilio but, for example, of Kubernetes or of a disk.
	Unknown Kind = iota
	// Throttling is Twilio's request to wait.
	Throttling
	// Denial says: the credentials are wrong, or permit too little.
	Denial
	// Conflicting says: another change, or an existing conversation, stands in the way for now.
	Conflicting
	// Missing says: Twilio does not have the resource of the request.
	Missing
	// NoRegion says: Twilio has no Conversations in the Region.
	NoRegion
	// Refusal says: the request as it is can never succeed.
	Refusal
	// Unavailability says nothing about the conversation: Twilio did not answer.
	Unavailability
)

// KindOf sorts errors into kinds. No other code decides by an error of Twilio how to go on.
func KindOf(err error) Kind {
	_, isTwilio := errors.AsType[*twilio.Error](err)
	switch {
	case !isTwilio:
		return Unknown
	case errors.Is(err, twilio.ErrThrottled):
		return Throttling
	case errors.Is(err, twilio.ErrDenied):
		return Denial
	case errors.Is(err, twilio.ErrConflict), errors.Is(err, twilio.ErrInitializing), errors.Is(err, twilio.ErrExists):
		return Conflicting
	case errors.Is(err, twilio.ErrNotFound):
		return Missing
	case errors.Is(err, twilio.ErrRegion):
		return NoRegion
	case errors.Is(err, twilio.ErrInvalid):
		return Refusal
	}
	return Unavailability
}

// Passes reports whether the same request may succeed later although no person acts.
func (k Kind) Passes() bool { return k == Throttling || k == Unavailability }

// Asked is the wait for which the answer asks, but at least the given wait.
func Asked(err error, least time.Duration) time.Duration {
	if e, ok := errors.AsType[*twilio.Error](err); ok && e.RetryAfter > least {
		return e.RetryAfter
	}
	return least
}

// Seat is how soon, before jitter, a request asks for a seat again after Twilio asked to wait. After a 429 the budget
// gives no seat for as long as Twilio says, unless a check of the credentials ends the hold sooner.
func Seat(err error) time.Duration {
	if e, ok := errors.AsType[*twilio.Error](err); ok && e.Status == http.StatusTooManyRequests {
		return Throttled.For
	}
	return Asked(err, Throttled.For)
}
