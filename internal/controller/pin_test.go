// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller_test

import (
	"net/http"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
	"github.com/conversations-operator/conversations-operator/test/testbed/random"
)

var _ = Describe("An account that is pinned", func() {
	It("refuses the credentials of another", func() {
		t := newBareTenant()
		t.create(t.secret(t.credentials()))
		acct := t.Account()
		acct.Spec.AccountSID = random.SID("AC")
		t.create(acct)
		a := t.accountIs(v1alpha1.ReasonAccountMismatch)
		Expect(message(a.Status.Conditions)).To(SatisfyAll(ContainSubstring(t.SID), ContainSubstring(acct.Spec.AccountSID), ContainSubstring("spec.accountSid")))
		t.apply("vip", `{}`)
		t.settled("vip", v1alpha1.ReasonAccountNotReady)
		t.changeAccount(func(s *v1alpha1.TwilioAccountSpec) { s.AccountSID = t.SID })
		t.accountIs(v1alpha1.ReasonAuthenticated)
		t.settled("vip", v1alpha1.ReasonSynced)
	})

	It("refuses credentials of which Twilio does not tell whose they are", func() {
		t := newBareTenant()
		t.fault(simulator.Match{Operation: simulator.OperationConfiguration}, simulator.Effect{Status: http.StatusForbidden, Code: 20006})
		key := map[string]string{"TWILIO_API_KEY": t.key.SID, "TWILIO_API_SECRET": t.key.Secret}
		t.create(t.secret(key))
		acct := t.Account()
		acct.Spec.AccountSID = t.SID
		t.create(acct)
		a := t.accountIs(v1alpha1.ReasonAccountMismatch)
		Expect(message(a.Status.Conditions)).To(SatisfyAll(ContainSubstring(t.SID), ContainSubstring("TWILIO_ACCOUNT_SID")))
		t.apply("vip", `{}`)
		t.settled("vip", v1alpha1.ReasonAccountNotReady)

		key["TWILIO_ACCOUNT_SID"] = t.SID
		t.setSecret(key)
		t.accountIs(v1alpha1.ReasonAuthenticated)
		t.settled("vip", v1alpha1.ReasonSynced)
	})

	It("refuses an API key that belongs to another account than its Secret says", func() {
		t, other := newBareTenant(), newBareTenant()
		t.create(t.secret(map[string]string{"TWILIO_ACCOUNT_SID": other.SID, "TWILIO_API_KEY": t.key.SID, "TWILIO_API_SECRET": t.key.Secret}))
		acct := t.Account()
		acct.Spec.AccountSID = t.SID
		t.create(acct)
		a := t.accountIs(v1alpha1.ReasonAccountMismatch)
		Expect(message(a.Status.Conditions)).To(ContainSubstring("belong to account %s, not to %s", t.SID, other.SID))
	})
})
