// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package retry

import (
	"errors"
	"net/http"
	"time"

	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// Kind is what an error says about the next try. The reconcilers, the preview and the export all decide by it.
type Kind int

// The kinds of errors.
const (
	// Unknown is not an error of Twilio: of Kubernetes, of a disk.
	Unknown Kind = iota
	// Throttling says that Twilio asks to wait.
	Throttling
	// Denial says that the credentials are wrong or not enough.
	Denial
	// Conflicting says that something else stands in the way for now.
	Conflicting
	// Missing says that Twilio does not have what the request names.
	Missing
	// NoRegion says that Twilio has no Conversations in the Region.
	NoRegion
	// Refusal says that the request as it is can never succeed.
	Refusal
	// Unavailability says nothing about the conversation: Twilio did not answer.
	Unavailability
)

// KindOf is the one function from an error to what follows.
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

// Passes reports whether the same request may succeed later although nobody acts.
func (k Kind) Passes() bool { return k == Throttling || k == Unavailability }

// Asked is how long the answer asks to wait, but not less than that.
func Asked(err error, least time.Duration) time.Duration {
	if e, ok := errors.AsType[*twilio.Error](err); ok && e.RetryAfter > least {
		return e.RetryAfter
	}
	return least
}

// Seat is how soon, before jitter, a request asks for a seat again after Twilio asked to wait. A 429 holds the budget for as
// long as Twilio says, unless a check of the credentials ends the hold.
func Seat(err error) time.Duration {
	if e, ok := errors.AsType[*twilio.Error](err); ok && e.Status == http.StatusTooManyRequests {
		return Throttled.For
	}
	return Asked(err, Throttled.For)
}
