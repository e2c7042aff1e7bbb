// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"errors"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/wait"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

const (
	// retryThrottled is the least wait after a 429: Twilio documents no Retry-After for this API.
	retryThrottled = time.Second
	// retryConflicting is how soon to try again, at the soonest, what another change stood in the way of (50391).
	retryConflicting = 2 * time.Second
	// probeRejected is how often values that Twilio refused are tried again although the spec did not change: what
	// they name may have come to be.
	probeRejected = 10 * time.Minute
	// queuedRetry is when an object that waits for a seat looks by itself, should nobody have woken it.
	queuedRetry = 2 * time.Minute
	// retryDenied is the shortest wait after Twilio rejected credentials: a single such answer may pass by itself.
	retryDenied = 5 * time.Second
	// jitter spreads what would come at once.
	jitter = 0.2
)

// errQueued: the account has no seat for this object yet. It is woken when there is one.
var errQueued = errors.New("waiting for a turn")

// errClaimed: another pass of this process took the conversation and is about to record it; the next look finds it there.
var errClaimed = errors.New("another object is taking this conversation")

// verdict says what follows from an error: what the user sees and when the object is looked at again. It is the only
// place that maps errors.
//
//	class                 Ready                         queue
//	a Kubernetes refusal  KubernetesRefused, in the end backoff
//	a Kubernetes error    no write                      backoff; a conflict: shortly
//	errQueued             no write                      woken when it has a seat
//	ErrThrottled          no write                      shortly: it then waits for a seat, which comes when Twilio says
//	ErrDenied             CredentialsRejected           after seconds, then ever later; an account found good wakes it sooner
//	ErrConflict, ErrExists Progressing                  shortly, then ever later
//	ErrInitializing       Progressing                   shortly, then ever later
//	ErrInvalid, ErrRegion,
//	no service            Rejected, Stalled             slow probe; an edit wakes it sooner
//	anything else         TwilioUnavailable             backoff, or when Twilio says
type verdict struct {
	// reason of Ready; empty: no write.
	reason, message string
	after           time.Duration
	// retry is returned to the queue, which backs off.
	retry error
}

func judge(facts *plan.Facts, step plan.Step, err error) verdict {
	answer, isTwilio := errors.AsType[*twilio.Error](err)
	switch {
	case apierrors.IsConflict(err), errors.Is(err, errClaimed):
		return verdict{after: conflictRetry}
	case errors.Is(err, errContested):
		return verdict{reason: v1alpha1.ReasonProgressing, after: jittered(facts.Patience(conflictRetry)),
			message: "Another object is adopting the same conversation: waiting until one of the two leaves it to the other."}
	case errors.Is(err, errQueued):
		return verdict{after: jittered(queuedRetry)}
	case kubeRefuses(err):
		return verdict{reason: v1alpha1.ReasonKubernetesRefused, message: kubeRefusal(err), retry: err}
	case !isTwilio:
		return verdict{retry: err}
	case errors.Is(err, twilio.ErrThrottled):
		return verdict{after: jittered(throttledRetry(err))}
	case errors.Is(err, twilio.ErrDenied):
		return verdict{reason: v1alpha1.ReasonCredentialsRejected, after: jittered(retryDenied),
			message: fmt.Sprintf("%s: correct the credentials of the account or their permissions.", answer)}
	case errors.Is(err, twilio.ErrConflict), errors.Is(err, twilio.ErrInitializing), errors.Is(err, twilio.ErrExists):
		return verdict{reason: v1alpha1.ReasonProgressing, after: jittered(facts.Patience(retryConflicting)),
			message: fmt.Sprintf("%s. It is tried again.", answer)}
	case errors.Is(err, twilio.ErrNotFound):
		return verdict{reason: v1alpha1.ReasonRejected, after: jittered(probeRejected),
			message: fmt.Sprintf("%s: create the object anew with a service of this account in spec.chatServiceSid, or none.", answer)}
	case errors.Is(err, twilio.ErrRegion):
		return verdict{reason: v1alpha1.ReasonRejected, after: jittered(probeRejected), message: fmt.Sprintf("%s: %s.", answer, twilio.RegionAdvice)}
	case errors.Is(err, twilio.ErrInvalid) && step.Verb == plan.Delete:
		return verdict{reason: v1alpha1.ReasonRejected, after: jittered(probeRejected),
			message: fmt.Sprintf("%s: to leave the conversation as it is, set deletionPolicy to Retain, or closedPolicy to Keep.", answer)}
	case errors.Is(err, twilio.ErrInvalid):
		return verdict{reason: v1alpha1.ReasonRejected, after: jittered(probeRejected),
			message: fmt.Sprintf("%s: correct the spec.", answer)}
	}
	v := verdict{reason: v1alpha1.ReasonTwilioUnavailable, message: fmt.Sprintf("%s. It is tried again.", answer)}
	if answer.RetryAfter > 0 {
		v.after = jittered(answer.RetryAfter)
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

// deniedWait is the wait after so many rejected answers in a row: it doubles up to [probeCredentials].
func deniedWait(times int) time.Duration {
	pause := retryDenied
	for n := 1; n < times && pause < probeCredentials; n++ {
		pause *= 2
	}
	return min(pause, probeCredentials)
}

// jittered is d or a little more, never less.
func jittered(d time.Duration) time.Duration { return wait.Jitter(d, jitter) }
