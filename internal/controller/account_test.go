// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller_test

import (
	"net/http"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
	"github.com/conversations-operator/conversations-operator/test/testbed/random"
)

// accountIs waits until the tenant's account was looked at with the given reason of Ready, and answers it.
func (t *tenant) accountIs(want string) *v1alpha1.TwilioAccount {
	GinkgoHelper()
	a := t.Account()
	Eventually(func(g Gomega) {
		g.Expect(k8s.Get(ctx(), client.ObjectKeyFromObject(a), a)).To(Succeed())
		g.Expect(a.Status.ObservedGeneration).To(Equal(a.Generation))
		g.Expect(reason(a.Status.Conditions)).To(Equal(want), message(a.Status.Conditions))
	}).Should(Succeed())
	Expect(message(a.Status.Conditions)).NotTo(SatisfyAny(BeEmpty(), ContainSubstring(t.Token), ContainSubstring(t.key.Secret)))
	return a
}

// changeAccount edits the spec of the tenant's account.
func (t *tenant) changeAccount(edit func(*v1alpha1.TwilioAccountSpec)) {
	GinkgoHelper()
	a := t.Account()
	Expect(k8s.Get(ctx(), client.ObjectKeyFromObject(a), a)).To(Succeed())
	before := a.DeepCopy()
	edit(&a.Spec)
	Expect(k8s.Patch(ctx(), a, client.MergeFrom(before))).To(Succeed())
}

// checks of the account's credentials, as Twilio got them.
func (t *tenant) checks() []simulator.Request {
	var out []simulator.Request
	for _, r := range t.sim.Requests() {
		if r.Account == t.SID && (r.Query.Get("PageSize") == "1" || r.Operation == simulator.OperationConfiguration) {
			out = append(out, r)
		}
	}
	return out
}

var _ = Describe("An account", func() {
	It("takes a token, an API key, and an API key without the account's SID", func() {
		t := newBareTenant()
		t.create(t.secret(t.credentials()))
		t.create(t.Account())
		Expect(t.accountIs(v1alpha1.ReasonAuthenticated).Status.AccountSID).To(Equal(t.SID))
		Consistently(t.checks, "300ms").Should(HaveLen(1), "one request is enough")

		key := map[string]string{"TWILIO_API_KEY": t.key.SID, "TWILIO_API_SECRET": t.key.Secret}
		t.setSecret(key)
		Eventually(t.checks).Should(HaveLen(3), "a list, and the configuration that tells whose it is")
		Expect(t.accountIs(v1alpha1.ReasonAuthenticated).Status.AccountSID).To(Equal(t.SID))
		t.apply("vip", `{}`)
		t.settled("vip", v1alpha1.ReasonSynced)

		key["TWILIO_ACCOUNT_SID"] = t.SID
		t.setSecret(key)
		Eventually(t.checks).Should(HaveLen(4))
		t.apply("vip", `{friendlyName: One}`)
		t.settled("vip", v1alpha1.ReasonSynced)

		delete(key, "TWILIO_ACCOUNT_SID")
		t.setSecret(key)
		Eventually(t.checks).Should(HaveLen(5), "a conversation tells whose it is")
		Expect(t.accountIs(v1alpha1.ReasonAuthenticated).Status.AccountSID).To(Equal(t.SID))
	})

	It("prefers the API key where there is a token, too, and forgives a line break at the end", func() {
		t := newBareTenant()
		t.setSecret(map[string]string{"TWILIO_ACCOUNT_SID": t.SID + "\n", "TWILIO_AUTH_TOKEN": "old",
			"TWILIO_API_KEY": t.key.SID + "\n", "TWILIO_API_SECRET": t.key.Secret + "\n"})
		t.create(t.Account())
		t.accountIs(v1alpha1.ReasonAuthenticated)
	})

	It("waits for its Secret and sees it at once", func() {
		t := newBareTenant()
		t.create(t.Account())
		a := t.accountIs(v1alpha1.ReasonSecretMissing)
		Expect(message(a.Status.Conditions)).To(SatisfyAll(ContainSubstring(`"twilio"`), ContainSubstring(t.Namespace), ContainSubstring("create it")))
		t.create(t.secret(t.credentials()))
		t.accountIs(v1alpha1.ReasonAuthenticated)
	})

	It("names the key of the Secret that is wrong, and sees it corrected at once", func() {
		t := newBareTenant()
		t.create(t.secret(nil))
		t.create(t.Account())
		for _, c := range []struct {
			data map[string]string
			says []string
		}{
			{nil, []string{"TWILIO_ACCOUNT_SID", "add it"}},
			{map[string]string{"TWILIO_ACCOUNT_SID": t.SID}, []string{"TWILIO_AUTH_TOKEN", "TWILIO_API_KEY", "TWILIO_API_SECRET", "add one of them"}},
			{map[string]string{"TWILIO_AUTH_TOKEN": t.Token}, []string{"no TWILIO_ACCOUNT_SID"}},
			{map[string]string{"TWILIO_ACCOUNT_SID": "AC123", "TWILIO_AUTH_TOKEN": t.Token}, []string{"TWILIO_ACCOUNT_SID", "must be AC"}},
			{map[string]string{"TWILIO_ACCOUNT_SID": t.SID, "TWILIO_AUTH_TOKEN": "to ken"}, []string{"TWILIO_AUTH_TOKEN", "without spaces"}},
			{map[string]string{"TWILIO_API_KEY": t.key.SID}, []string{"no TWILIO_API_SECRET"}},
			{map[string]string{"TWILIO_API_SECRET": t.key.Secret}, []string{"no TWILIO_API_KEY"}},
			{map[string]string{"TWILIO_API_KEY": t.SID, "TWILIO_API_SECRET": t.key.Secret}, []string{"TWILIO_API_KEY", "must be SK"}},
		} {
			t.setSecret(c.data)
			for _, text := range c.says {
				Eventually(func() string { return message(t.accountIs(v1alpha1.ReasonSecretInvalid).Status.Conditions) }).Should(ContainSubstring(text))
			}
		}
		Expect(t.checks()).To(BeEmpty())
		t.setSecret(t.credentials())
		t.accountIs(v1alpha1.ReasonAuthenticated)
	})

	It("says that Twilio rejects its credentials, and sees them rotated at once", func() {
		t := newBareTenant()
		t.create(t.secret(map[string]string{"TWILIO_ACCOUNT_SID": t.SID, "TWILIO_AUTH_TOKEN": random.Hex(16)}))
		t.create(t.Account())
		a := t.accountIs(v1alpha1.ReasonCredentialsRejected)
		Expect(message(a.Status.Conditions)).To(SatisfyAll(ContainSubstring("20003"), ContainSubstring(`Secret "twilio"`), ContainSubstring("correct")))
		Eventually(t.events("default")).Should(ContainElement(HavePrefix("Warning CredentialsRejected ")))
		t.setSecret(t.credentials())
		t.accountIs(v1alpha1.ReasonAuthenticated)
		Eventually(t.events("default")).Should(ContainElement("Normal Authenticated Twilio took the credentials."))
	})

	It("that Twilio suspended is checked again when somebody asks", func() {
		t := newTenant()
		Expect(t.sim.SetSuspended(t.SID, true)).To(Succeed())
		t.checkAccount()
		t.accountIs(v1alpha1.ReasonCredentialsRejected)
		Expect(t.sim.SetSuspended(t.SID, false)).To(Succeed())
		t.checkAccount()
		t.accountIs(v1alpha1.ReasonAuthenticated)
	})

	It("that is throttled says nothing of it, and is checked again by itself", func() {
		known, fresh := newTenant(), newBareTenant()
		before := known.accountIs(v1alpha1.ReasonAuthenticated).Status
		throttled := simulator.Effect{Status: http.StatusTooManyRequests, Code: 20429, Message: "Too Many Requests"}
		var rules []string
		for _, t := range []*tenant{known, fresh} {
			rules = append(rules, t.fault(simulator.Match{Operation: simulator.OperationList}, throttled))
		}
		known.checkAccount()
		fresh.create(fresh.secret(fresh.credentials()))
		fresh.create(fresh.Account())
		Eventually(fresh.checks).ShouldNot(BeEmpty())
		status := func(t *tenant) func() v1alpha1.AccountStatus {
			return func() v1alpha1.AccountStatus {
				a := t.Account()
				Expect(k8s.Get(ctx(), client.ObjectKeyFromObject(a), a)).To(Succeed())
				a.Status.LastDriftCheck = nil
				return a.Status
			}
		}
		Consistently(status(known), "300ms").Should(Equal(before))
		Consistently(status(fresh), "300ms").Should(Equal(v1alpha1.AccountStatus{ObservedGeneration: -1}))

		for _, rule := range rules {
			Expect(sim.RemoveRule(rule)).To(Succeed())
		}
		fresh.accountIs(v1alpha1.ReasonAuthenticated)
		Eventually(func() string { return status(known)().LastHandledReconcileAt }).ShouldNot(BeEmpty())
	})

	It("is checked on any request, however it is worded", func() {
		t := newTenant()
		a := t.Account()
		Expect(k8s.Get(ctx(), client.ObjectKeyFromObject(a), a)).To(Succeed())
		patch := client.MergeFrom(a.DeepCopy())
		at := strings.Repeat("now ", 100)
		metav1.SetMetaDataAnnotation(&a.ObjectMeta, v1alpha1.ReconcileRequestedAtAnnotation, at)
		Expect(k8s.Patch(ctx(), a, patch)).To(Succeed())
		Eventually(func() string {
			Expect(k8s.Get(ctx(), client.ObjectKeyFromObject(a), a)).To(Succeed())
			return a.Status.LastHandledReconcileAt
		}).Should(Equal(at))
		Expect(t.checks()).To(HaveLen(2))
	})

	It("concludes nothing while Twilio does not answer, and asks again by itself", func() {
		down := newBareTenant()
		down.cut()
		down.create(down.secret(down.credentials()))
		down.create(down.Account())
		used := newTenant()
		used.apply("vip", `{}`)
		used.settled("vip", v1alpha1.ReasonSynced)
		rule := used.fault(simulator.Match{Operation: simulator.OperationList}, htmlPage)
		used.checkAccount()

		for _, t := range []*tenant{down, used} {
			a := t.accountIs(v1alpha1.ReasonTwilioUnavailable)
			Expect(a.Status.Conditions).To(ContainElement(SatisfyAll(
				HaveField("Type", v1alpha1.ConditionReady), HaveField("Status", metav1.ConditionUnknown))))
			Expect(message(a.Status.Conditions)).To(ContainSubstring("tried again"))
		}
		By("what works goes on working")
		used.apply("vip", `{friendlyName: New}`)
		used.settled("vip", v1alpha1.ReasonSynced)
		Expect(used.only().FriendlyName).To(Equal("New"))

		down.dial()
		Expect(used.sim.RemoveRule(rule)).To(Succeed())
		for _, t := range []*tenant{down, used} {
			t.accountIs(v1alpha1.ReasonAuthenticated)
		}
		Eventually(func() *int32 { return used.accountIs(v1alpha1.ReasonAuthenticated).Status.Conversations }).Should(HaveValue(BeEquivalentTo(1)))
	})

	It("says that nothing needs it, rather than nothing", func() {
		t := newTenant()
		count := func() *int32 { return t.accountIs(v1alpha1.ReasonAuthenticated).Status.Conversations }
		Expect(count()).To(HaveValue(BeEquivalentTo(0)))
		t.apply("vip", `{}`)
		Eventually(count).Should(HaveValue(BeEquivalentTo(1)))
		t.delete("vip")
		Eventually(count).Should(HaveValue(BeEquivalentTo(0)))
	})

	It("is asked about once, however often it is looked at", func() {
		t := newTenant()
		t.apply("vip", `{}`)
		t.settled("vip", v1alpha1.ReasonSynced)
		before := t.checks()
		t.relabel("some", "label")
		acct := t.accountIs(v1alpha1.ReasonAuthenticated)
		patch := client.MergeFrom(acct.DeepCopy())
		metav1.SetMetaDataLabel(&acct.ObjectMeta, "some", "label")
		Expect(k8s.Patch(ctx(), acct, patch)).To(Succeed())
		Consistently(t.checks, "300ms").Should(Equal(before))
		Expect(before).To(HaveLen(1))
		Expect(before).To(HaveEach(HaveField("Method", http.MethodGet)))
	})
})

// checkAccount asks for a check of the account's credentials and waits until it was made.
func (t *tenant) checkAccount() {
	GinkgoHelper()
	a := t.Account()
	Expect(k8s.Get(ctx(), client.ObjectKeyFromObject(a), a)).To(Succeed())
	patch := client.MergeFrom(a.DeepCopy())
	metav1.SetMetaDataAnnotation(&a.ObjectMeta, v1alpha1.ReconcileRequestedAtAnnotation, random.Hex(4))
	before := len(t.checks())
	Expect(k8s.Patch(ctx(), a, patch)).To(Succeed())
	Eventually(func() int { return len(t.checks()) }).Should(BeNumerically(">", before))
}
