// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package drift

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/controller/account"
	"github.com/conversations-operator/conversations-operator/internal/controller/conversation"
	"github.com/conversations-operator/conversations-operator/internal/retry"
	"github.com/conversations-operator/conversations-operator/internal/tenancy"
)

// checkedAt is an account that is Ready and was last checked then.
func checkedAt(uid string, at time.Time) *v1alpha1.TwilioAccount {
	acct := &v1alpha1.TwilioAccount{ObjectMeta: metav1.ObjectMeta{UID: types.UID(uid)}}
	acct.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ConditionReady, Status: metav1.ConditionTrue, Reason: v1alpha1.ReasonAuthenticated}}
	acct.Status.LastDriftCheck = &v1alpha1.DriftCheck{CompletionTime: new(metav1.NewTime(at))}
	return acct
}

func driftReconciler() *Reconciler {
	return NewReconciler(nil, account.Shared{Registry: account.NewRegistry(func(string) {})}, conversation.NewMemory(), v1alpha1.TwilioAccountKind)
}

// lateness is how much later than its interval an account's next check is due.
func lateness(t *testing.T, uid string, at time.Time) time.Duration {
	t.Helper()
	wait, due := driftReconciler().due(tenancy.Key{}, checkedAt(uid, at))
	if due {
		t.Fatalf("the account %s is due at once", uid)
	}
	late := wait + time.Since(at) - retry.DriftCheck.For
	if late < 0 || late > retry.DriftCheck.For/driftJitter {
		t.Fatalf("the account %s is checked %s after its interval", uid, late)
	}
	return late
}

func TestChecksThatEndedTogetherAreSpread(t *testing.T) { synctest.Test(t, areSpread) }

func areSpread(t *testing.T) {
	const accounts, slots = 1000, 10
	at := time.Now()
	var in [slots + 1]int
	for i := range accounts {
		uid := fmt.Sprintf("uid-%d", i)
		late := lateness(t, uid, at)
		if again := lateness(t, uid, at); again != late {
			t.Fatalf("another process would check the account %s %s late, not %s", uid, again, late)
		}
		in[late*slots/(retry.DriftCheck.For/driftJitter)]++
	}
	for slot, n := range in[:slots] {
		if n < accounts/slots/2 || n > accounts/slots*2 {
			t.Errorf("%d of %d accounts are checked in tenth %d of the time that they are spread over", n, accounts, slot)
		}
	}
}

func TestACheckDatedInTheFutureDelaysNoCheckLonger(t *testing.T) {
	wait, due := driftReconciler().due(tenancy.Key{}, checkedAt("uid", time.Now().Add(24*time.Hour)))
	if most := retry.DriftCheck.For + retry.DriftCheck.For/driftJitter; due || wait > most {
		t.Errorf("the next check is due in %s, at most %s are allowed", wait, most)
	}
}

func TestChecksOfAnAccountAreNotAlwaysEquallyLate(t *testing.T) { synctest.Test(t, areNotEquallyLate) }

func areNotEquallyLate(t *testing.T) {
	at := time.Now()
	var all []time.Duration
	for i := range 20 {
		all = append(all, lateness(t, "uid", at.Add(-time.Duration(i)*10*time.Second)))
	}
	if slices.Max(all)-slices.Min(all) < retry.DriftCheck.For/driftJitter/4 {
		t.Errorf("they are late by %v", all)
	}
}

func TestARequestThatAnotherManagerTookUpIsStillThisOnes(t *testing.T) {
	acct := checkedAt("uid", time.Now())
	acct.Spec.DriftCheckIntervalSeconds = new(int32(0))
	acct.Annotations = map[string]string{v1alpha1.ReconcileRequestedAtAnnotation: "now"}
	acct.Status.LastHandledReconcileAt = "now"
	alone, shard := driftReconciler(), driftReconciler()
	shard.Options.WatchLabelSelector = labels.SelectorFromSet(labels.Set{"shard": "a"})
	if alone.requested(acct) {
		t.Error("a manager which begins repeats the check that the process before made")
	}
	if !shard.requested(acct) {
		t.Error("the check of one manager stands for the other managers of the account")
	}
}
