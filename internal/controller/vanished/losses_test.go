// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package vanished

import (
	"testing"

	"k8s.io/apimachinery/pkg/types"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/tenancy"
)

// accountNamed is the key of a TwilioAccount.
func accountNamed(namespace string) tenancy.Key {
	return tenancy.Key{Kind: v1alpha1.TwilioAccountKind, NamespacedName: types.NamespacedName{Namespace: namespace, Name: "default"}}
}

// A hundred namespaces with a few conversations each may be one Twilio account.
func TestWhatVanishedIsCountedByTwilioAccount(t *testing.T) {
	a, b := accountNamed("a"), accountNamed("b")
	v := NewLosses()
	v.Note("AC1", "a1", Loss{Account: a})
	v.Note("AC1", "a1", Loss{Account: a, Listed: true})
	v.Note("AC1", "b1", Loss{Account: b})
	v.Note("AC2", "c1", Loss{Account: a})
	check := func(when string, ofA, ofB int) {
		t.Helper()
		if v.Count("AC1", a) != ofA || v.Count("AC1", b) != ofB {
			t.Errorf("%s: %d count for a and %d for b, and not %d and %d", when, v.Count("AC1", a), v.Count("AC1", b), ofA, ofB)
		}
	}
	check("each object once", 2, 2)
	v.Note("AC1", "a2", Loss{Account: a, Listed: true, Held: true})
	check("what waits already counts for other account objects alone", 2, 3)
	v.End(a)
	check("a check ends the count of single looks", 2, 3)
	v.Begin(a)
	check("the next check begins anew", 1, 1)
	v.Forget(b)
	check("an account object is gone", 0, 0)
	if v.Count("AC2", a) != 0 || len(v.by) != 0 {
		t.Errorf("%d Twilio accounts are remembered", len(v.by))
	}
}
