// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// overdueIntervals is after how many intervals without the end of a drift check somebody should know.
const overdueIntervals = 3

// late is the condition that tells that drift checks are overdue; nil: they are not.
func late(acct Account) *metav1.Condition {
	return meta.FindStatusCondition(acct.CommonStatus().Conditions, v1alpha1.ConditionDriftCheckOverdue)
}

// overdue tells on the account what stands in the way of a check that was interrupted, if none ended for too long.
func (r *DriftReconciler) overdue(ctx context.Context, acct Account, c *driftCheck, stopped error) error {
	r.mu.Lock()
	begun := r.begun[keyOf(acct)]
	r.mu.Unlock()
	since := begun
	// A check that waits, or takes long, may have begun just now, long after the one before.
	if last := r.last(acct); !last.IsZero() && !errors.Is(stopped, errQueued) && !errors.Is(stopped, errPaused) {
		since = last
	}
	if ctx.Err() != nil || untilOverdue(acct, since) > 0 {
		return nil
	}
	return r.setOverdue(ctx, acct, c.obstacle(stopped))
}

// idle tells on an account that is not ready that its drift checks are overdue, or answers when they will be; zero: never,
// as where there are to be none.
func (r *DriftReconciler) idle(ctx context.Context, acct Account) (time.Duration, error) {
	ready := readyOf(acct.CommonStatus().Conditions)
	if driftInterval(acct) == 0 {
		r.giveUp(keyOf(acct))
		before := acct.DeepCopyObject().(Account)
		r.removeOverdue(acct)
		return 0, writeStatus(ctx, r.Client, r.fresh, before, acct)
	}
	switch last := r.last(acct); {
	case last.IsZero(), ready.Status == metav1.ConditionTrue, !acct.GetDeletionTimestamp().IsZero():
		return 0, nil
	case untilOverdue(acct, last) > 0:
		return untilOverdue(acct, last), nil
	}
	return 0, r.setOverdue(ctx, acct, sayNotReady(keyOf(acct), ready.Reason))
}

// untilOverdue is how long it takes until the checks of an account are overdue of which the last one ended, or the first
// one began, then.
func untilOverdue(acct Account, since time.Time) time.Duration {
	if interval := driftInterval(acct); interval > 0 {
		return time.Until(since.Add(overdueIntervals * interval))
	}
	return 1
}

// obstacle says what stands in the way, the same for as long as it does.
func (c *driftCheck) obstacle(stopped error) string {
	switch {
	case errors.Is(stopped, errPaused):
		return "it takes longer than that. Raise spec.driftCheckIntervalSeconds."
	case errors.Is(stopped, errQueued):
		return "it waits for its turn, behind what is created, updated and deleted, or for Twilio to answer. It goes on by itself."
	case errors.Is(stopped, twilio.ErrThrottled):
		return "Twilio asks to wait. It goes on by itself."
	case errors.Is(stopped, twilio.ErrDenied):
		return fmt.Sprintf("%s. Correct the credentials of the account or their permissions.", stopped)
	}
	failed := slices.DeleteFunc(slices.Clone(c.services), func(s *serviceCheck) bool { return s.err == nil })
	if len(failed) == 0 {
		return fmt.Sprintf("%s. It is tried again.", stopped)
	}
	first := slices.MinFunc(failed, func(a, b *serviceCheck) int { return cmp.Compare(a.sid, b.sid) })
	return fmt.Sprintf("the conversations of service %s cannot be read: %s. It is tried again.", first.sid, first.err)
}

func (r *DriftReconciler) setOverdue(ctx context.Context, acct Account, obstacle string) error {
	if is := late(acct); is != nil && !r.tells(is) {
		return nil
	}
	before := acct.DeepCopyObject().(Account)
	message := shorten(fmt.Sprintf("No drift check ended for three intervals: %s%s", obstacle, r.whose()), maxMessage)
	set(&acct.CommonStatus().Conditions, metav1.Condition{
		Reason: v1alpha1.ReasonDriftCheckOverdue, Message: message, ObservedGeneration: acct.GetGeneration(),
	}, v1alpha1.ConditionDriftCheckOverdue, true)
	if err := writeStatus(ctx, r.Client, r.fresh, before, acct); err != nil {
		return err
	}
	if late(before) == nil {
		r.recorder.Eventf(acct, nil, corev1.EventTypeWarning, v1alpha1.ReasonDriftCheckOverdue, "CheckDrift", "%s", shorten(message, maxNote))
	}
	return nil
}

// removeOverdue follows the end of a check, or that there are to be none.
func (r *DriftReconciler) removeOverdue(acct Account) {
	if is := late(acct); is != nil && r.tells(is) {
		meta.RemoveStatusCondition(&acct.CommonStatus().Conditions, v1alpha1.ConditionDriftCheckOverdue)
	}
}

// whose names the conversations that this manager checks, where others check others of the same account.
func (r *DriftReconciler) whose() string {
	if r.options.WatchLabelSelector == nil {
		return ""
	}
	return fmt.Sprintf(" This is about the conversations with the labels %s.", r.options.WatchLabelSelector)
}

// tells is true of the condition that this manager set, or the one before it.
func (r *DriftReconciler) tells(is *metav1.Condition) bool {
	return r.options.WatchLabelSelector == nil || strings.HasSuffix(is.Message, r.whose())
}
