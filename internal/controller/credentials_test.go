// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller_test

import (
	"fmt"
	"net/http"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
	"github.com/conversations-operator/conversations-operator/test/testbed/random"
)

// exchange gives the tenant's account the credentials of another, and waits until the operator knows.
func (t *tenant) exchange(other *tenant) {
	GinkgoHelper()
	t.setSecret(other.credentials())
	Eventually(t.accountSID).Should(Equal(other.SID))
}

var _ = Describe("A conversation whose account", func() {
	It("is missing waits for it, and makes do with the one that comes", func() {
		t := newBareTenant()
		t.create(t.secret(t.credentials()))
		t.apply("by-default", `{}`)
		t.apply("by-name", `{accountRef: {name: other}}`)
		conv := t.settled("by-default", v1alpha1.ReasonAccountNotReady)
		Expect(message(conv.Status.Conditions)).To(SatisfyAll(ContainSubstring("TwilioAccount"), ContainSubstring(`"default"`)))
		conv = t.settled("by-name", v1alpha1.ReasonAccountNotReady)
		Expect(message(conv.Status.Conditions)).To(Equal(`TwilioAccount "other" does not exist: create it, or delete this object.`))
		Expect(conv.Finalizers).To(BeEmpty())

		t.create(t.Account())
		t.settled("by-default", v1alpha1.ReasonSynced)
		other := t.Account()
		other.Name = "other"
		t.create(other)
		t.settled("by-name", v1alpha1.ReasonSynced)
		Expect(t.conversations()).To(HaveLen(2))
	})

	It("is not ready waits for it, and is not asked about meanwhile", func() {
		t := newBareTenant()
		t.create(t.Account())
		t.apply("vip", `{}`)
		t.settled("vip", v1alpha1.ReasonAccountNotReady)
		Eventually(func() string { return message(t.get("vip").Status.Conditions) }).Should(
			Equal(`TwilioAccount "default" is not ready (SecretMissing): see its conditions.`))
		t.create(t.secret(t.credentials()))
		conv := t.settled("vip", v1alpha1.ReasonSynced)
		Expect(conv.Status.AccountSID).To(Equal(t.SID))
		Expect(t.requests()).To(asked("create"))
	})

	It("loses its credentials says so where it asked, waits where it did not, and carries on after a rotation", func() {
		t := newTenant()
		const bystanders = 30
		t.many(bystanders, `{}`)
		t.apply("vip", `{friendlyName: One}`)
		t.settled("vip", v1alpha1.ReasonSynced)
		t.rotate(random.Hex(16))
		before := len(t.requests())
		t.apply("vip", `{friendlyName: Two}`)
		conv := t.settled("vip", v1alpha1.ReasonCredentialsRejected)
		Expect(message(conv.Status.Conditions)).To(SatisfyAll(ContainSubstring("20003"), ContainSubstring("correct the credentials")))
		Expect(conv.Status.FriendlyName).To(Equal("One"), "the last good state stays")
		t.accountIs(v1alpha1.ReasonCredentialsRejected)
		Eventually(func() int { return t.ready(v1alpha1.ReasonAccountNotReady) }).Should(Equal(bystanders))
		for i := range 10 {
			t.apply(fmt.Sprintf("c%04d", i), `{friendlyName: New}`)
		}
		for i := range 10 {
			t.settled(fmt.Sprintf("c%04d", i), v1alpha1.ReasonAccountNotReady)
		}
		Expect(t.requests()[before:]).To(HaveLen(1), "one rejected answer is enough")
		Eventually(t.events("vip")).Should(ContainElement(HavePrefix("Warning CredentialsRejected ")))

		t.setSecret(t.credentials())
		Eventually(func() int { return t.ready(v1alpha1.ReasonSynced) }).Should(Equal(bystanders + 1))
		Expect(t.get("vip").Status.FriendlyName).To(Equal("Two"))
	})

	It("gives it not enough permissions says so, and carries on with better ones", func() {
		t := newTenant()
		t.apply("vip", `{friendlyName: One}`)
		t.settled("vip", v1alpha1.ReasonSynced)
		rule := t.fault(matchUpdate(0), simulator.Effect{Status: http.StatusForbidden, Code: 20006, Message: "Access Denied"})
		t.apply("vip", `{friendlyName: Two}`)
		conv := t.settled("vip", v1alpha1.ReasonCredentialsRejected)
		Expect(message(conv.Status.Conditions)).To(SatisfyAll(ContainSubstring("20006"), ContainSubstring("permissions")))
		t.accountIs(v1alpha1.ReasonAuthenticated)
		Expect(t.sim.RemoveRule(rule)).To(Succeed())
		t.setSecret(map[string]string{"TWILIO_ACCOUNT_SID": t.SID, "TWILIO_API_KEY": t.key.SID, "TWILIO_API_SECRET": t.key.Secret})
		t.settled("vip", v1alpha1.ReasonSynced)
		Expect(t.only().FriendlyName).To(Equal("Two"))
	})

	It("becomes another Twilio account is neither created anew, nor corrected, nor believed missing", func() {
		t, other := newTenant(), newBareTenant()
		t.apply("edited", `{friendlyName: One}`)
		t.apply("vanished", `{}`)
		t.apply("refused", "{uniqueName: mine}")
		t.settled("edited", v1alpha1.ReasonSynced)
		t.settled("refused", v1alpha1.ReasonSynced)
		sid := t.settled("vanished", v1alpha1.ReasonSynced).Status.SID
		t.exchange(other)
		for _, name := range []string{"edited", "vanished", "refused"} {
			conv := t.settled(name, v1alpha1.ReasonAccountMismatch)
			Expect(message(conv.Status.Conditions)).To(SatisfyAll(ContainSubstring(t.SID), ContainSubstring(other.SID), ContainSubstring("restore")))
		}
		t.apply("edited", `{friendlyName: Two}`)
		t.settled("edited", v1alpha1.ReasonAccountMismatch)
		t.ask("vanished", "now")
		Expect(t.sim.Remove(sid)).To(Succeed())
		Consistently(other.requests, "300ms").Should(BeEmpty())
		Expect(other.conversations()).To(BeEmpty())

		t.exchange(t)
		t.settled("refused", v1alpha1.ReasonSynced)
		t.settled("edited", v1alpha1.ReasonSynced)
		Eventually(func() string { return t.get("vanished").Status.SID }).ShouldNot(Equal(sid))
		t.settled("vanished", v1alpha1.ReasonSynced)
		Expect(t.conversations()).To(HaveLen(3))
		Expect(t.requests()).NotTo(ContainElement(HaveField("Operation", simulator.OperationDelete)))
	})

	It("may have become another, which Twilio does not tell, is not believed when it has no such conversation", func() {
		t, other := newTenant(), newBareTenant()
		t.apply("vip", `{friendlyName: One}`)
		sid := t.settled("vip", v1alpha1.ReasonSynced).Status.SID
		other.fault(simulator.Match{Operation: simulator.OperationConfiguration}, simulator.Effect{Status: http.StatusForbidden, Code: 20006})
		t.setSecret(map[string]string{"TWILIO_API_KEY": other.key.SID, "TWILIO_API_SECRET": other.key.Secret})
		Eventually(t.accountSID).Should(BeEmpty())
		t.apply("vip", `{friendlyName: Two}`)
		conv := t.settled("vip", v1alpha1.ReasonAccountMismatch)
		Expect(message(conv.Status.Conditions)).To(SatisfyAll(ContainSubstring(sid), ContainSubstring("TWILIO_ACCOUNT_SID")))
		Expect(conv.Status.SID).To(Equal(sid))
		Expect(other.conversations()).To(BeEmpty())

		t.setSecret(t.credentials())
		conv = t.settled("vip", v1alpha1.ReasonSynced)
		Expect(conv.Status.SID).To(Equal(sid))
		Expect(t.only().FriendlyName).To(Equal("Two"))
	})
})
