// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package account

import (
	"math/rand/v2"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/handler"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/condition"
	"github.com/conversations-operator/conversations-operator/internal/retry"
	"github.com/conversations-operator/conversations-operator/internal/tenancy"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
	"github.com/conversations-operator/conversations-operator/internal/twilio/budget"
)

const (
	throttledMessage = "Twilio, or a proxy that answers in its place, asks to wait: nothing is sent for this account. The operator asks again within " +
		"five minutes. To ask now, set the annotation " + v1alpha1.ReconcileRequestedAtAnnotation + " on this account to a new value."
	uncheckedMessage = "Twilio asks to wait before the credentials are checked."
)

// setThrottled sets the condition Throttled by the account's budget, and answers when to look again; zero: the budget
// needs no look.
func (r *Reconciler) setThrottled(key tenancy.Key, acct tenancy.Account, found finding) time.Duration {
	// Without a connected account, Twilio can have asked only a check to wait.
	b := found.budget
	if live := r.Registry.Lookup(key); live != nil {
		b = live.Budget
	}
	var until time.Time
	var is bool
	if b != nil {
		until, is = b.Throttled()
	}
	status := acct.CommonStatus()
	if is && condition.ReadyOf(status.Conditions).Reason == "" {
		status.ObservedGeneration = acct.GetGeneration()
		condition.SetReady(&status.Conditions, acct.GetGeneration(), v1alpha1.ReasonProgressing, uncheckedMessage)
	}
	if was := meta.FindStatusCondition(status.Conditions, v1alpha1.ConditionThrottled); was != nil && !is && r.Options.WatchLabelSelector != nil {
		// Twilio may have asked another manager to wait.
		if left := time.Until(was.LastTransitionTime.Add(twilio.MaxRetryAfter)); left > 0 {
			return left
		}
	}
	condition.Set(&status.Conditions, metav1.Condition{
		Reason: v1alpha1.ReasonThrottled, Message: throttledMessage, ObservedGeneration: acct.GetGeneration(),
	}, v1alpha1.ConditionThrottled, is)
	if !is {
		return 0
	}
	// Objects waiting for a seat ask Twilio first. A check has to ask only if no object waits, or if Twilio asks the
	// objects to wait again.
	left := time.Until(until)
	if left <= 0 && found.after > 0 {
		return 0
	}
	return max(left, 0) + rand.N(retry.HoldEnds.Most)
}

// heldLongEnough: it is time to look whether Twilio still asks to wait.
func heldLongEnough(b *budget.Budget) bool {
	until, is := b.Throttled()
	return is && !time.Now().Before(until)
}

func (r *Reconciler) tellThrottled(before, acct tenancy.Account) {
	if throttled(acct) && !throttled(before) {
		r.Recorder.Eventf(acct, nil, corev1.EventTypeWarning, v1alpha1.ReasonThrottled, "CheckCredentials", "%s", throttledMessage)
	}
}

func throttled(acct tenancy.Account) bool {
	return meta.IsStatusConditionTrue(acct.CommonStatus().Conditions, v1alpha1.ConditionThrottled)
}

// result looks again in time. An account whose check Twilio did not answer comes after the accounts without a check so
// far.
func (f finding) result() ctrl.Result {
	priority := 0
	if f.reason == v1alpha1.ReasonTwilioUnavailable {
		priority = handler.LowPriority
	}
	return ctrl.Result{RequeueAfter: f.after, Priority: &priority}
}
