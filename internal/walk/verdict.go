// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package walk

import (
	"errors"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/condition"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/retry"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// Verdict says how to go on after an error: the condition which the user sees, and when to look at the object again.
// docs/retries.md, which package retry prints, has the whole table.
type Verdict struct {
	// Reason and Message of Ready; empty: no write.
	Reason, Message string
	// After is when to look again; zero: an event will wake the object.
	After time.Duration
	// Retry is the error for the work queue, which backs off.
	Retry error
}

// settled is the verdict of a step which ends a pass.
func settled(step plan.Step) Verdict {
	v := Verdict{Reason: step.Reason, Message: step.Message}
	if step.After > 0 {
		v.After = retry.Settling.From(step.After)
	}
	return v
}

func judge(facts *plan.Facts, step plan.Step, err error) Verdict {
	switch {
	case apierrors.IsConflict(err), errors.Is(err, errClaimed):
		return Verdict{After: retry.Conflict.After()}
	case errors.Is(err, errContested):
		return Verdict{Reason: v1alpha1.ReasonProgressing, After: retry.Contested.From(facts.Patience(retry.Contested.For)),
			Message: "Another object is adopting the same conversation: waiting until one of the two leaves it to the other."}
	case errors.Is(err, retry.ErrQueued):
		return Verdict{After: retry.Queued.After()}
	case condition.Refuses(err):
		return Verdict{Reason: v1alpha1.ReasonKubernetesRefused, Message: condition.Refusal(err), Retry: err}
	}
	answer, isTwilio := errors.AsType[*twilio.Error](err)
	if !isTwilio {
		return Verdict{Retry: err}
	}
	return judgeAnswer(facts, step, answer, err)
}

// judgeAnswer says how to go on after an error of Twilio.
func judgeAnswer(facts *plan.Facts, step plan.Step, answer *twilio.Error, err error) Verdict {
	rejected := func(format string, args ...any) Verdict {
		return Verdict{Reason: v1alpha1.ReasonRejected, After: retry.Rejected.After(), Message: fmt.Sprintf(format, args...)}
	}
	switch retry.KindOf(err) {
	case retry.Throttling:
		return Verdict{After: retry.Throttled.From(retry.Seat(err))}
	case retry.Denial:
		return Verdict{Reason: v1alpha1.ReasonCredentialsRejected, After: retry.Denied.After(),
			Message: fmt.Sprintf("%s: correct the credentials of the account or their permissions.", answer)}
	case retry.Conflicting:
		return Verdict{Reason: v1alpha1.ReasonProgressing, After: retry.Busy.From(facts.Patience(retry.Busy.For)),
			Message: fmt.Sprintf("%s. It is tried again.", answer)}
	case retry.Missing:
		return rejected("%s: %s.", answer, twilio.ServiceAdvice)
	case retry.NoRegion:
		return rejected("%s: %s.", answer, twilio.RegionAdvice)
	case retry.Refusal:
		if step.Verb == plan.Delete {
			return rejected("%s: to leave the conversation as it is, set deletionPolicy to Retain, or closedPolicy to Keep.", answer)
		}
		return rejected("%s: correct the spec.", answer)
	}
	v := Verdict{Reason: v1alpha1.ReasonTwilioUnavailable, Message: fmt.Sprintf("%s. It is tried again.", answer)}
	if answer.RetryAfter > 0 {
		v.After = retry.Unavailable.From(answer.RetryAfter)
	} else {
		v.Retry = fmt.Errorf("carrying out %s: %w", step.Verb, err)
	}
	return v
}
