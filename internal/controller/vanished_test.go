// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

// accountNamed is the key of a TwilioAccount.
func accountNamed(namespace string) accountKey {
	return accountKey{v1alpha1.TwilioAccountKind, types.NamespacedName{Namespace: namespace, Name: "default"}}
}

// A hundred namespaces with a few conversations each may be one Twilio account.
func TestWhatVanishedIsCountedByTwilioAccount(t *testing.T) {
	a, b := accountNamed("a"), accountNamed("b")
	v := newVanished()
	v.note("AC1", "a1", loss{account: a})
	v.note("AC1", "a1", loss{account: a, listed: true})
	v.note("AC1", "b1", loss{account: b})
	v.note("AC2", "c1", loss{account: a})
	check := func(when string, ofA, ofB int) {
		t.Helper()
		if v.count("AC1", a) != ofA || v.count("AC1", b) != ofB {
			t.Errorf("%s: %d count for a and %d for b, and not %d and %d", when, v.count("AC1", a), v.count("AC1", b), ofA, ofB)
		}
	}
	check("each object once", 2, 2)
	v.note("AC1", "a2", loss{account: a, listed: true, held: true})
	check("what waits already counts for other account objects alone", 2, 3)
	v.end(a)
	check("a check ends the count of single looks", 2, 3)
	v.begin(a)
	check("the next check begins anew", 1, 1)
	v.forget(b)
	check("an account object is gone", 0, 0)
	if v.count("AC2", a) != 0 || len(v.by) != 0 {
		t.Errorf("%d Twilio accounts are remembered", len(v.by))
	}
}

// Whatever Ready says, an object whose conversation was there counts as vanished, unless the operator itself took it away.
func TestAConversationIsThereWhateverReadySays(t *testing.T) {
	recreate := v1alpha1.ConversationSpec{ClosedPolicy: v1alpha1.ClosedPolicyRecreate}
	applied := &v1alpha1.AppliedSpec{}
	const mismatch, missing = v1alpha1.ReasonAccountMismatch, v1alpha1.ReasonConversationMissing
	there := v1alpha1.ConversationStatus{SID: "CH1"}
	closed := v1alpha1.ConversationStatus{SID: "CH1", LastApplied: applied, State: v1alpha1.StateClosed}
	for name, c := range map[string]struct {
		reason string
		spec   v1alpha1.ConversationSpec
		status v1alpha1.ConversationStatus
		want   bool
	}{
		"in sync":                          {v1alpha1.ReasonSynced, v1alpha1.ConversationSpec{}, there, true},
		"of a mismatched account":          {mismatch, v1alpha1.ConversationSpec{}, there, true},
		"of Twilio that did not answer":    {v1alpha1.ReasonTwilioUnavailable, v1alpha1.ConversationSpec{}, there, true},
		"under way":                        {v1alpha1.ReasonProgressing, v1alpha1.ConversationSpec{}, there, true},
		"found to be gone":                 {missing, v1alpha1.ConversationSpec{}, there, false},
		"not there yet":                    {v1alpha1.ReasonProgressing, v1alpha1.ConversationSpec{}, v1alpha1.ConversationStatus{}, false},
		"of another object":                {v1alpha1.ReasonSynced, v1alpha1.ConversationSpec{}, v1alpha1.ConversationStatus{SID: "CH1", ObjectUID: "other"}, false},
		"active, and replaced once closed": {v1alpha1.ReasonSynced, recreate, v1alpha1.ConversationStatus{SID: "CH1", LastApplied: applied}, true},
		"closed, and replaced for that":    {v1alpha1.ReasonProgressing, recreate, closed, false},
		"deleted in order to be replaced":  {v1alpha1.ReasonProgressing, recreate, there, false},
	} {
		t.Run(name, func(t *testing.T) {
			conv := &v1alpha1.Conversation{Spec: c.spec, Status: c.status}
			conv.UID = "mine"
			conv.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ConditionReady, Reason: c.reason}}
			if present(conv) != c.want {
				t.Errorf("it counts as there: %t", !c.want)
			}
		})
	}
}
