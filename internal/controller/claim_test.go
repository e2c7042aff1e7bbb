// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller_test

import (
	"net/http"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

// restricted keeps the tenant's credentials from reading the configuration, which tells whose they are.
func (t *tenant) restricted() {
	GinkgoHelper()
	t.fault(simulator.Match{Operation: simulator.OperationConfiguration}, simulator.Effect{Status: http.StatusForbidden, Code: 20006})
}

// claims are credentials of another account in a Secret that names the tenant's.
func (t *tenant) claims(other *tenant) map[string]string {
	return map[string]string{"TWILIO_ACCOUNT_SID": t.SID, "TWILIO_API_KEY": other.key.SID, "TWILIO_API_SECRET": other.key.Secret}
}

// status of the tenant's account.
func (t *tenant) status() v1alpha1.AccountStatus {
	GinkgoHelper()
	a := t.Account()
	Expect(k8s.Get(ctx(), client.ObjectKeyFromObject(a), a)).To(Succeed())
	return a.Status
}

var _ = Describe("A Secret that names another account than its key is of", func() {
	It("makes nothing move there, although Twilio does not tell whose the key is", func() {
		t, other := newTenant(), newBareTenant()
		other.restricted()
		t.changeAccount(func(s *v1alpha1.TwilioAccountSpec) { s.AccountSID = t.SID })
		t.apply("one", `{friendlyName: One}`)
		t.apply("two", `{friendlyName: Two}`)
		one, two := t.settled("one", v1alpha1.ReasonSynced), t.settled("two", v1alpha1.ReasonSynced)
		t.setSecret(t.claims(other))
		Eventually(func() string { return t.status().AccountSID }).Should(BeEmpty(), "a claim is not believed")
		t.checkDrift()
		t.settled("one", v1alpha1.ReasonAccountMismatch)
		t.settled("two", v1alpha1.ReasonAccountMismatch)
		t.delete("two")
		Eventually(func() string { return reason(t.get("two").Status.Conditions) }).Should(Equal(v1alpha1.ReasonAccountMismatch))
		Expect(other.conversations()).To(BeEmpty())

		t.setSecret(t.credentials())
		Expect(t.settled("one", v1alpha1.ReasonSynced).Status.SID).To(Equal(one.Status.SID))
		t.gone("two")
		Expect(t.conversations()).To(HaveLen(1))
		Expect(two.Status.SID).NotTo(BeEmpty())
	})

	It("stops the account with the first answer that names the other one, and what was created there is taken back", func() {
		t, other := newBareTenant(), newBareTenant()
		other.restricted()
		t.create(t.secret(t.claims(other)))
		t.create(t.Account())
		t.accountIs(v1alpha1.ReasonAuthenticated)
		t.apply("vip", `{friendlyName: One}`)
		a := t.accountIs(v1alpha1.ReasonAccountMismatch)
		Expect(message(a.Status.Conditions)).To(ContainSubstring("belong to account %s, not to %s", other.SID, t.SID))
		t.settled("vip", v1alpha1.ReasonAccountNotReady)
		Expect(other.conversations()).To(BeEmpty())
		Expect(t.get("vip").Status.SID).To(BeEmpty())

		t.setSecret(t.credentials())
		Expect(t.settled("vip", v1alpha1.ReasonSynced).Status.AccountSID).To(Equal(t.SID))
		Expect(t.conversations()).To(HaveLen(1))
		Expect(other.conversations()).To(BeEmpty())
	})

	It("adopts nothing of the other account by its name", func() {
		t, other := newBareTenant(), newBareTenant()
		other.restricted()
		there := other.seed(func(c *simulator.Conversation) { c.UniqueName = "vip" })
		other.fault(simulator.Match{Operation: simulator.OperationList}, simulator.Effect{
			Status: http.StatusOK, ContentType: "application/json", Body: `{"conversations": [], "meta": {"key": "conversations"}}`,
		})
		t.create(t.secret(t.claims(other)))
		t.create(t.Account())
		t.accountIs(v1alpha1.ReasonAuthenticated)
		t.apply("vip", `{uniqueName: vip, friendlyName: Mine, adoption: {policy: IfExists}}`)
		t.accountIs(v1alpha1.ReasonAccountMismatch)
		Expect(t.get("vip").Status.SID).To(BeEmpty())
		Expect(other.there(there.SID)).To(Equal(there))
	})

	It("holds nothing of the account that it names: not its requests, and not its breaker", func() {
		t, other := newTenant(), newBareTenant()
		other.restricted()
		t.apply("before", `{}`)
		t.settled("before", v1alpha1.ReasonSynced)
		thief := newBareTenant()
		thief.create(thief.secret(t.claims(other)))
		acct := thief.Account()
		acct.Spec.MaxConcurrentRequests = new(int32(1))
		thief.create(acct)
		thief.accountIs(v1alpha1.ReasonAuthenticated)
		other.fault(matchCreate(0), simulator.Effect{Status: http.StatusTooManyRequests, RetryAfter: 20})
		thief.apply("greedy", `{}`)
		Eventually(other.faultsApplied).Should(BeNumerically(">=", 1))
		t.apply("after", `{}`)
		t.settled("after", v1alpha1.ReasonSynced)
	})
})

var _ = Describe("A key that may only use conversations", func() {
	It("is known by the first conversation that it creates", func() {
		t := newBareTenant()
		t.restricted()
		t.create(t.secret(map[string]string{"TWILIO_API_KEY": t.key.SID, "TWILIO_API_SECRET": t.key.Secret}))
		t.create(t.Account())
		t.accountIs(v1alpha1.ReasonAuthenticated)
		Expect(t.status().AccountSID).To(BeEmpty())
		t.apply("vip", `{friendlyName: One}`)
		conv := t.settled("vip", v1alpha1.ReasonSynced)
		Eventually(func() string { return t.status().AccountSID }).Should(Equal(t.SID))
		Expect(t.sim.Remove(conv.Status.SID)).To(Succeed())
		conv = t.look("vip")
		Expect(reason(conv.Status.Conditions)).To(Equal(v1alpha1.ReasonSynced), "a 404 of the account that held it is believed")
		Expect(conv.Status.SID).To(Equal(t.only().SID))
	})
})
