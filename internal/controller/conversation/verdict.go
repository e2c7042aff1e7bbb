// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package conversation

import (
	"errors"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/condition"
	"github.com/conversations-operator/conversations-operator/internal/controller/account"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/retry"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// errClaimed: another pass of this process took the conversation and is about to record the conversation. The next look
// finds the record.
var errClaimed = errors.New("another object is taking this conversation")

// verdict says how to go on after an error: the condition which the user sees, and when to look at the object again.
// docs/retries.md, which package retry prints, has the whole table.
type verdict struct {
	// reason of Ready; empty: no write.
	reason, message string
	after           time.Duration
	// retry is the error for the work queue, which backs off.
	retry error
}

func judge(facts *plan.Facts, step plan.Step, err error) verdict {
	switch {
	case apierrors.IsConflict(err), errors.Is(err, errClaimed):
		return verdict{after: retry.Conflict.After()}
	case errors.Is(err, errContested):
		return verdict{reason: v1alpha1.ReasonProgressing, after: retry.Contested.From(facts.Patience(retry.Contested.For)),
			message: "Another object is adopting the same conversation: waiting until one of the two leaves it to the other."}
	case errors.Is(err, account.ErrQueued):
		return verdict{after: retry.Queued.After()}
	case condition.Refuses(err):
		return verdict{reason: v1alpha1.ReasonKubernetesRefused, message: condition.Refusal(err), retry: err}
	}
	answer, isTwilio := errors.AsType[*twilio.Error](err)
	if !isTwilio {
		return verdict{retry: err}
	}
	return judgeAnswer(facts, step, answer, err)
}

// judgeAnswer says how to go on after an error of Twilio.
func judgeAnswer(facts *plan.Facts, step plan.Step, answer *twilio.Error, err error) verdict {
	rejected := func(format string, args ...any) verdict {
		return verdict{reason: v1alpha1.ReasonRejected, after: retry.Rejected.After(), message: fmt.Sprintf(format, args...)}
	}
	switch retry.KindOf(err) {
	case retry.Throttling:
		return verdict{after: retry.Throttled.From(retry.Seat(err))}
	case retry.Denial:
		return verdict{reason: v1alpha1.ReasonCredentialsRejected, after: retry.Denied.After(),
			message: fmt.Sprintf("%s: correct the credentials of the account or their permissions.", answer)}
	case retry.Conflicting:
		return verdict{reason: v1alpha1.ReasonProgressing, after: retry.Busy.From(facts.Patience(retry.Busy.For)),
			message: fmt.Sprintf("%s. It is tried again.", answer)}
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
	v := verdict{reason: v1alpha1.ReasonTwilioUnavailable, message: fmt.Sprintf("%s. It is tried again.", answer)}
	if answer.RetryAfter > 0 {
		v.after = retry.Unavailable.From(answer.RetryAfter)
	} else {
		v.retry = fmt.Errorf("carrying out %s: %w", step.Verb, err)
	}
	return v
}

func (v verdict) result() (ctrl.Result, error) {
	if v.retry != nil {
		return ctrl.Result{}, v.retry
	}
	return ctrl.Result{RequeueAfter: v.after}, nil
}
