// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package drift

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
	"github.com/conversations-operator/conversations-operator/internal/condition"
	"github.com/conversations-operator/conversations-operator/internal/retry"
	"github.com/conversations-operator/conversations-operator/internal/tenancy"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// overdueIntervals is after how many intervals without the end of a drift check the account's status says so.
const overdueIntervals = 3

// late is the condition about overdue drift checks; nil: not overdue.
func late(acct tenancy.Account) *metav1.Condition {
	return meta.FindStatusCondition(acct.CommonStatus().Conditions, v1alpha1.ConditionDriftCheckOverdue)
}

// overdue records on the account why an interrupted check cannot go on, if no check ended for too long.
func (r *Reconciler) overdue(ctx context.Context, acct tenancy.Account, c *check, stopped error) error {
	since := r.recall(tenancy.KeyOf(acct)).begun
	// A check which waits, or takes long, may have begun just now, long after the check before.
	if last := r.last(acct); !last.IsZero() && !errors.Is(stopped, retry.ErrQueued) && !errors.Is(stopped, errPaused) {
		since = last
	}
	if ctx.Err() != nil || untilOverdue(acct, since) > 0 {
		return nil
	}
	return r.setOverdue(ctx, acct, c.obstacle(stopped))
}

// idle records on an account which is not ready that its drift checks are overdue, or answers when they will be
// overdue; zero: never, for example without an interval.
func (r *Reconciler) idle(ctx context.Context, acct tenancy.Account) (time.Duration, error) {
	ready := condition.ReadyOf(acct.CommonStatus().Conditions)
	if Interval(acct) == 0 {
		if !r.requested(acct) {
			r.giveUp(tenancy.KeyOf(acct))
		}
		before := acct.DeepCopyObject().(tenancy.Account)
		r.removeOverdue(acct)
		return 0, r.Registry.WriteStatus(ctx, r.Client, before, acct)
	}
	switch last := r.last(acct); {
	case last.IsZero(), ready.Status == metav1.ConditionTrue, !acct.GetDeletionTimestamp().IsZero():
		return 0, nil
	case untilOverdue(acct, last) > 0:
		return untilOverdue(acct, last), nil
	}
	return 0, r.setOverdue(ctx, acct, tenancy.SayNotReady(tenancy.KeyOf(acct), ready.Reason))
}

// untilOverdue is how long until the checks of an account are overdue, if the last check ended, or the first check
// began, at the given time.
func untilOverdue(acct tenancy.Account, since time.Time) time.Duration {
	if interval := Interval(acct); interval > 0 {
		return time.Until(since.Add(overdueIntervals * interval))
	}
	return 1
}

// obstacle says why the check cannot go on. The message stays the same for the same obstacle.
func (c *check) obstacle(stopped error) string {
	switch {
	case errors.Is(stopped, errPaused):
		return "it takes longer than that. Raise spec.driftCheckIntervalSeconds."
	case errors.Is(stopped, retry.ErrQueued):
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

func (r *Reconciler) setOverdue(ctx context.Context, acct tenancy.Account, obstacle string) error {
	if is := late(acct); is != nil && !r.tells(is) {
		return nil
	}
	before := acct.DeepCopyObject().(tenancy.Account)
	message := condition.Shorten(fmt.Sprintf("No drift check ended for three intervals: %s%s", obstacle, r.selectionNote()), condition.MaxMessage)
	condition.Set(&acct.CommonStatus().Conditions, metav1.Condition{
		Reason: v1alpha1.ReasonDriftCheckOverdue, Message: message, ObservedGeneration: acct.GetGeneration(),
	}, v1alpha1.ConditionDriftCheckOverdue, true)
	if err := r.Registry.WriteStatus(ctx, r.Client, before, acct); err != nil {
		return err
	}
	if late(before) == nil {
		r.Recorder.Eventf(acct, nil, corev1.EventTypeWarning, v1alpha1.ReasonDriftCheckOverdue, "CheckDrift", "%s", condition.Shorten(message, condition.MaxNote))
	}
	return nil
}

// removeOverdue takes the condition away after the end of a check, or once the account has no drift checks any more.
func (r *Reconciler) removeOverdue(acct tenancy.Account) {
	if is := late(acct); is != nil && r.tells(is) {
		meta.RemoveStatusCondition(&acct.CommonStatus().Conditions, v1alpha1.ConditionDriftCheckOverdue)
	}
}

// selectionNote names the conversations of this manager's checks, if other managers check other conversations of the
// same account.
func (r *Reconciler) selectionNote() string {
	if r.Options.WatchLabelSelector == nil {
		return ""
	}
	return fmt.Sprintf(" This is about the conversations with the labels %s.", r.Options.WatchLabelSelector)
}

// tells is true for the condition of this manager, or of its earlier process.
func (r *Reconciler) tells(is *metav1.Condition) bool {
	return r.Options.WatchLabelSelector == nil || strings.HasSuffix(is.Message, r.selectionNote())
}

// CompletedAt is when the last drift check was completed, nil without a completed check.
func CompletedAt(status *v1alpha1.AccountStatus) *metav1.Time {
	if status.LastDriftCheck == nil {
		return nil
	}
	return status.LastDriftCheck.CompletionTime
}
