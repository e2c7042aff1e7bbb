// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller_test

import (
	"maps"
	"net/http"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
	"github.com/conversations-operator/conversations-operator/test/testbed/random"
)

// keyed are the keys of a Secret with an API key, and with a suffix.
func keyed(key simulator.APIKey, suffix string) map[string]string {
	return map[string]string{"TWILIO_API_KEY" + suffix: key.SID, "TWILIO_API_SECRET" + suffix: key.Secret}
}

// setSecrets makes the tenant's Secret hold exactly the parts.
func (t *tenant) setSecrets(parts ...map[string]string) {
	GinkgoHelper()
	all := map[string]string{}
	for _, part := range parts {
		maps.Copy(all, part)
	}
	t.setSecret(all)
}

// nextKey is another API key of the tenant's account.
func (t *tenant) nextKey() simulator.APIKey {
	GinkgoHelper()
	key := simulator.APIKey{SID: random.SID("SK"), Secret: random.Hex(16)}
	Expect(t.sim.AddAPIKey(t.SID, key)).To(Succeed())
	return key
}

// says waits until the tenant's account is ready with a message that has these texts.
func (t *tenant) says(texts ...string) {
	GinkgoHelper()
	for _, text := range texts {
		Eventually(func() string { return message(t.accountIs(v1alpha1.ReasonAuthenticated).Status.Conditions) }).Should(ContainSubstring(text))
	}
}

const bothGood = "Twilio took the credentials, and the next ones too. The current ones may be revoked."

// newRotation is a tenant whose Secret has two keys that Twilio took.
func newRotation() (t *tenant, next simulator.APIKey) {
	GinkgoHelper()
	t = newBareTenant()
	next = t.nextKey()
	t.setSecrets(keyed(t.key, ""), keyed(next, "_NEXT"))
	t.create(t.Account())
	t.says(bothGood)
	return t, next
}

var _ = Describe("An account with next credentials", func() {
	It("goes on with them when the current ones are revoked, and says so", func() {
		t, next := newRotation()
		t.apply("vip", `{friendlyName: One}`)
		t.settled("vip", v1alpha1.ReasonSynced)

		Expect(t.sim.RevokeAPIKey(t.SID, t.key.SID)).To(Succeed())
		t.apply("vip", `{friendlyName: Two}`)
		t.settled("vip", v1alpha1.ReasonSynced)
		Expect(t.only().FriendlyName).To(Equal("Two"))
		t.says("The current ones are rejected: Twilio answered 401", `Move the next ones to the keys without _NEXT in the Secret "twilio"`)
		Expect(t.events("vip")()).NotTo(ContainElement(HavePrefix("Warning ")))

		t.setSecret(keyed(next, ""))
		Eventually(func() string { return message(t.accountIs(v1alpha1.ReasonAuthenticated).Status.Conditions) }).Should(Equal("Twilio took the credentials."))
		t.apply("vip", `{friendlyName: Three}`)
		t.settled("vip", v1alpha1.ReasonSynced)
	})

	It("takes the secondary auth token as well", func() {
		t := newBareTenant()
		second := random.Hex(16)
		Expect(t.sim.SetSecondaryAuthToken(t.SID, second)).To(Succeed())
		t.setSecrets(t.credentials(), map[string]string{"TWILIO_AUTH_TOKEN_NEXT": second})
		t.create(t.Account())
		t.says(bothGood)
		Expect(t.sim.SetAuthToken(t.SID, second)).To(Succeed())
		t.apply("vip", `{}`)
		t.settled("vip", v1alpha1.ReasonSynced)
		t.says("The current ones are rejected")
	})

	It("creates nothing in the account of another", func() {
		t, other := newBareTenant(), newBareTenant()
		t.setSecrets(keyed(t.key, ""), keyed(other.key, "_NEXT"))
		t.create(t.Account())
		t.says("belong to account "+other.SID+", not to "+t.SID, `correct the keys with _NEXT in the Secret "twilio"`)
		t.apply("vip", `{}`)
		t.settled("vip", v1alpha1.ReasonSynced)

		Expect(t.sim.RevokeAPIKey(t.SID, t.key.SID)).To(Succeed())
		t.apply("vip", `{friendlyName: Two}`)
		t.settled("vip", v1alpha1.ReasonCredentialsRejected)
		a := t.accountIs(v1alpha1.ReasonCredentialsRejected)
		Expect(message(a.Status.Conditions)).To(SatisfyAll(ContainSubstring("20003"),
			ContainSubstring("The next credentials are not used: they belong to account "+other.SID)))
		Expect(other.requests()).To(BeEmpty())
		Expect(other.conversations()).To(BeEmpty())
	})

	It("does not use them as long as Twilio does not tell whose they are", func() {
		t := newBareTenant()
		next := t.nextKey()
		rule := t.fault(simulator.Match{Operation: simulator.OperationConfiguration}, forbidden)
		t.setSecrets(keyed(t.key, ""), keyed(next, "_NEXT"))
		t.create(t.Account())
		t.says("Twilio does not tell to which account they belong")
		By("a conversation that tells")
		t.apply("vip", `{}`)
		t.settled("vip", v1alpha1.ReasonSynced)
		t.says(bothGood)
		Expect(t.sim.RemoveRule(rule)).To(Succeed())
	})

	It("works although they are rejected, and sees them become good", func() {
		t := newBareTenant()
		next := simulator.APIKey{SID: random.SID("SK"), Secret: random.Hex(16)}
		t.setSecrets(keyed(t.key, ""), keyed(next, "_NEXT"))
		t.create(t.Account())
		t.says("The next ones are not used: Twilio answered 401")
		t.apply("vip", `{}`)
		t.settled("vip", v1alpha1.ReasonSynced)
		Expect(t.sim.AddAPIKey(t.SID, next)).To(Succeed())
		t.says(bothGood)
	})

	It("rejects an object only if Twilio rejects both", func() {
		t, next := newRotation()
		t.apply("vip", `{friendlyName: One}`)
		t.settled("vip", v1alpha1.ReasonSynced)
		Expect(t.sim.RevokeAPIKey(t.SID, t.key.SID)).To(Succeed())
		Expect(t.sim.RevokeAPIKey(t.SID, next.SID)).To(Succeed())
		t.apply("vip", `{friendlyName: Two}`)
		t.settled("vip", v1alpha1.ReasonCredentialsRejected)
		t.accountIs(v1alpha1.ReasonCredentialsRejected)
		t.setSecret(t.credentials())
		t.settled("vip", v1alpha1.ReasonSynced)
		Expect(t.only().FriendlyName).To(Equal("Two"))
	})

	It("goes on with the current ones beside half a pair, and names the other half", func() {
		t := newBareTenant()
		next := t.nextKey()
		half := map[string]string{"TWILIO_API_KEY_NEXT": next.SID}
		t.setSecrets(keyed(t.key, ""), half)
		t.create(t.Account())
		t.says(`The next ones are not used: Secret "twilio" has no TWILIO_API_SECRET_NEXT: add it.`)
		Expect(t.checks()).To(HaveLen(2), "a list and the configuration, with the current ones")
		t.apply("vip", `{friendlyName: One}`)
		t.settled("vip", v1alpha1.ReasonSynced)
		t.setSecrets(keyed(t.key, ""), keyed(next, "_NEXT"))
		t.says(bothGood)

		By("half a pair beside current ones that are revoked")
		t.setSecrets(keyed(t.key, ""), half)
		t.says("has no TWILIO_API_SECRET_NEXT")
		Expect(t.sim.RevokeAPIKey(t.SID, t.key.SID)).To(Succeed())
		t.apply("vip", `{friendlyName: Two}`)
		t.settled("vip", v1alpha1.ReasonCredentialsRejected)
		Expect(message(t.accountIs(v1alpha1.ReasonCredentialsRejected).Status.Conditions)).To(ContainSubstring("has no TWILIO_API_SECRET_NEXT"))
		t.setSecrets(keyed(t.key, ""), keyed(next, "_NEXT"))
		t.settled("vip", v1alpha1.ReasonSynced)
	})

	It("keeps what works while Twilio does not tell of them", func() {
		t, _ := newRotation()
		Expect(t.sim.RevokeAPIKey(t.SID, t.key.SID)).To(Succeed())
		rule := t.fault(simulator.Match{Operation: simulator.OperationList},
			simulator.Effect{Status: http.StatusServiceUnavailable, Code: 20503, Message: "Service Unavailable"})
		t.apply("vip", `{}`)
		t.settled("vip", v1alpha1.ReasonSynced)
		Eventually(t.applied(rule)).ShouldNot(BeZero())
		t.apply("vip", `{friendlyName: Two}`)
		t.settled("vip", v1alpha1.ReasonSynced)
		Expect(t.sim.RemoveRule(rule)).To(Succeed())
		t.says("The current ones are rejected")
	})
})
