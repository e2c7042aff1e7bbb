// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller_test

import (
	"fmt"
	"net/http"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
	"github.com/conversations-operator/conversations-operator/test/testbed/random"
)

var _ = Describe("A deletion", func() {
	It("of what is gone already is done", func() {
		t := newTenant()
		t.apply("vip", `{}`)
		Expect(t.sim.Remove(t.settled("vip", v1alpha1.ReasonSynced).Status.SID)).To(Succeed())
		t.delete("vip")
		t.gone("vip")
		Expect(t.requests()).To(asked("create", "delete"))
	})

	It("goes on until Twilio has said that it happened", func() {
		cases := map[string][]simulator.Effect{
			"the answer is lost":         {dropAfter},
			"it does not arrive":         {dropBefore},
			"a page comes after it":      {{Status: 502, HTML: true, AfterEffect: true}},
			"a page says that it worked": {{Status: 200, HTML: true}},
			"a page says 404":            {{Status: 404, HTML: true}},
			"Twilio is busy with it":     {{Status: 409, Code: 50391}},
			"Twilio is down":             {{Status: 503, Code: 20503}, {Status: 500}},
			"there are too many":         {{Status: http.StatusTooManyRequests, Code: 50074, RetryAfter: 1}},
			"it happens late":            {late},
		}
		at := map[string]*tenant{}
		for text, effects := range cases {
			t := newTenant()
			at[text] = t
			t.apply("vip", `{}`)
			t.settled("vip", v1alpha1.ReasonSynced)
			for _, effect := range effects {
				t.fault(matchDelete(1), effect)
			}
			t.delete("vip")
		}
		for text, t := range at {
			By(text)
			t.gone("vip")
			Expect(t.faultsApplied()).To(Equal(len(cases[text])))
			Expect(t.conversations()).To(BeEmpty())
		}
	})

	It("retains what the spec says, whatever becomes of the credentials", func() {
		t := newTenant()
		t.apply("vip", `{deletionPolicy: Retain}`)
		sid := t.settled("vip", v1alpha1.ReasonSynced).Status.SID
		t.tearSecret()
		t.settled("vip", v1alpha1.ReasonAccountNotReady)
		t.delete("vip")
		t.gone("vip")
		Expect(t.only().SID).To(Equal(sid))
		Eventually(t.events("vip")).Should(ContainElement("Normal Released Released conversation " + sid + "; it stays at Twilio."))
	})

	It("of an object that never made anything is done at once, without any account", func() {
		t := newBareTenant()
		t.apply("orphan", `{}`)
		t.settled("orphan", v1alpha1.ReasonAccountNotReady)
		t.delete("orphan")
		t.gone("orphan")
		Expect(t.requests()).To(BeEmpty())
	})

	It("is held while the object is suspended", func() {
		t := newTenant()
		t.apply("vip", `{}`)
		t.settled("vip", v1alpha1.ReasonSynced)
		t.apply("vip", `{suspend: true}`)
		t.settled("vip", v1alpha1.ReasonSynced)
		t.delete("vip")
		Consistently(t.conversations, "300ms").Should(HaveLen(1))
		conv := t.get("vip")
		Expect(conv.DeletionTimestamp).NotTo(BeNil())
		Expect(conv.Status.Conditions).To(ContainElement(HaveField("Type", v1alpha1.ConditionSuspended)))
		t.apply("vip", `{}`)
		t.gone("vip")
		Expect(t.requests()).To(asked("create", "delete"))
	})

	It("of a conversation that Twilio does not delete says so, and ends with Retain", func() {
		t := newTenantAt(ownTwilio(simulator.Options{Quirks: simulator.Quirks{RefuseDeletingClosed: true}}))
		t.apply("done", `{state: closed}`)
		t.settled("done", v1alpha1.ReasonClosed)
		t.delete("done")
		conv := t.settled("done", v1alpha1.ReasonRejected)
		Expect(message(conv.Status.Conditions)).To(SatisfyAll(ContainSubstring("50377"), ContainSubstring("deletionPolicy")))
		t.apply("done", `{state: closed, deletionPolicy: Retain}`)
		t.gone("done")
		Expect(t.conversations()).To(HaveLen(1))
	})
})

var _ = Describe("A deletion without credentials that work", func() {
	// begin has a conversation whose object is deleted after the credentials were spoilt.
	begin := func(spoil func(*tenant), reasonOfReady string) *tenant {
		GinkgoHelper()
		t := newTenant()
		t.apply("vip", `{}`)
		t.settled("vip", v1alpha1.ReasonSynced)
		spoil(t)
		t.delete("vip")
		conv := t.settled("vip", reasonOfReady)
		Expect(message(conv.Status.Conditions)).NotTo(BeEmpty())
		Expect(t.conversations()).To(HaveLen(1))
		return t
	}
	rejected := func(t *tenant) { t.rotate(random.Hex(16)) }
	keyless := func(t *tenant) {
		t.setSecret(map[string]string{"TWILIO_ACCOUNT_SID": t.SID})
		t.accountIs(v1alpha1.ReasonSecretInvalid)
	}
	torn := func(t *tenant) { t.tearSecret() }
	exchanged := func(t *tenant) {
		other := newBareTenant()
		t.setSecret(map[string]string{"TWILIO_ACCOUNT_SID": other.SID, "TWILIO_AUTH_TOKEN": other.Token})
		Eventually(t.accountSID).Should(Equal(other.SID))
	}

	for _, c := range []struct {
		text   string
		spoil  func(*tenant)
		reason string
	}{
		{"Twilio rejects", rejected, v1alpha1.ReasonCredentialsRejected},
		{"lack a key", keyless, v1alpha1.ReasonAccountNotReady},
		{"are gone with their Secret", torn, v1alpha1.ReasonAccountNotReady},
		{"are another account's", exchanged, v1alpha1.ReasonAccountMismatch},
	} {
		It("waits when they "+c.text+", and goes through when they are back", func() {
			t := begin(c.spoil, c.reason)
			t.setSecret(t.credentials())
			t.gone("vip")
			Expect(t.conversations()).To(BeEmpty())
		})

		It("waits when they "+c.text+", and lets go when the policy becomes Retain", func() {
			t := begin(c.spoil, c.reason)
			t.apply("vip", `{deletionPolicy: Retain}`)
			t.gone("vip")
			Expect(t.conversations()).To(HaveLen(1))
		})
	}
})

var _ = Describe("A deletion while the create is on its way", func() {
	It("leaves nothing at Twilio", func() {
		cases := map[string]func(*tenant) string{
			"the create is answered at last": func(t *tenant) string { return t.fault(matchCreate(1), simulator.Effect{Hold: true}) },
			"the create arrives and is lost": func(t *tenant) string {
				return t.fault(matchCreate(1), simulator.Effect{AfterEffect: true, Hold: true})
			},
			"the create arrives late":          func(t *tenant) string { return t.fault(matchCreate(1), late) },
			"the answer was lost just before":  func(t *tenant) string { return t.fault(matchCreate(1), dropAfter) },
			"the request was lost just before": func(t *tenant) string { return t.fault(matchCreate(1), dropBefore) },
		}
		at, rules := map[string][]*tenant{}, map[*tenant]string{}
		for text, begin := range cases {
			for _, spec := range []string{generatedName, usersName} {
				t := newTenant()
				at[text] = append(at[text], t)
				rules[t] = begin(t)
				t.apply("vip", spec)
				Eventually(t.applied(rules[t])).Should(Equal(1))
				Expect(t.get("vip").Finalizers).NotTo(BeEmpty())
				t.delete("vip")
			}
		}
		Eventually(sim.Held).Should(BeNumerically(">=", 4))
		By("the client has given up by now where its request is held")
		for _, t := range append(at["the create is answered at last"], at["the create arrives and is lost"]...) {
			Eventually(t.requests).Should(ContainElement(HaveField("Operation", simulator.OperationFetch)))
			Expect(t.sim.ReleaseRule(rules[t])).To(Succeed())
		}
		for text, tenants := range at {
			for i, t := range tenants {
				By(fmt.Sprintf("%s (%d)", text, i))
				t.gone("vip")
				Expect(t.conversations()).To(BeEmpty())
			}
		}
	})
})

var _ = Describe("An object that is removed by force while its create is on its way", func() {
	It("does not keep the conversation from the next one of its name", func() {
		t := newTenant()
		rule := t.fault(matchCreate(1), simulator.Effect{Hold: true})
		t.apply("vip", `{}`)
		Eventually(t.applied(rule)).Should(Equal(1))
		conv := t.get("vip")
		t.delete("vip")
		Expect(k8s.Patch(ctx(), conv, client.RawPatch(types.MergePatchType, []byte(`{"metadata":{"finalizers":null}}`)))).To(Succeed())
		t.gone("vip")
		Expect(t.sim.RemoveRule(rule)).To(Succeed())
		Eventually(t.conversations).Should(HaveLen(1))
		t.apply("vip", `{}`)
		Expect(t.settled("vip", v1alpha1.ReasonSynced).Status.SID).To(Equal(t.only().SID))
	})
})

var _ = Describe("The deletion of everything in a namespace", func() {
	It("ends by itself and leaves nothing at Twilio", func() {
		t := newTenant()
		for i := range 5 {
			t.apply(fmt.Sprintf("c%d", i), `{}`)
		}
		Eventually(func() int { return t.ready(v1alpha1.ReasonSynced) }).Should(Equal(5))
		secret, acct := t.secret(nil), t.Account()
		Expect(k8s.Delete(ctx(), secret)).To(Succeed())
		Expect(k8s.Delete(ctx(), acct)).To(Succeed())
		for i := range 5 {
			t.delete(fmt.Sprintf("c%d", i))
		}
		for i := range 5 {
			t.gone(fmt.Sprintf("c%d", i))
		}
		Eventually(func() bool { return missing(acct) && missing(secret) }).Should(BeTrue())
		Expect(t.conversations()).To(BeEmpty())
	})

	It("keeps the account and its Secret usable until the last conversation is gone", func() {
		t := newTenant()
		t.apply("vip", `{}`)
		t.settled("vip", v1alpha1.ReasonSynced)
		secret, acct := t.secret(nil), t.Account()
		Expect(k8s.Delete(ctx(), secret)).To(Succeed())
		t.apply("vip", `{friendlyName: Edited}`)
		t.settled("vip", v1alpha1.ReasonSynced)
		Expect(k8s.Delete(ctx(), acct)).To(Succeed())
		conv := t.settled("vip", v1alpha1.ReasonAccountNotReady)
		Expect(message(conv.Status.Conditions)).To(ContainSubstring("being deleted"))
		Consistently(func() bool { return missing(acct) || missing(secret) }, "300ms").Should(BeFalse())
		t.delete("vip")
		t.gone("vip")
		Eventually(func() bool { return missing(acct) && missing(secret) }).Should(BeTrue())
		Expect(t.conversations()).To(BeEmpty())
	})

	It("lets an unused account and its Secret go at once", func() {
		t := newTenant()
		secret, acct := t.secret(nil), t.Account()
		Expect(k8s.Delete(ctx(), acct)).To(Succeed())
		Eventually(func() bool { return missing(acct) }).Should(BeTrue())
		Expect(k8s.Get(ctx(), client.ObjectKeyFromObject(secret), secret)).To(Succeed())
		Expect(secret.Finalizers).To(BeEmpty())
	})

	It("does not wait for objects that hold nothing", func() {
		t := newTenant()
		t.apply("refused", "attributes: "+kibibytes(17))
		t.settled("refused", v1alpha1.ReasonRejected)
		acct := t.Account()
		Expect(k8s.Delete(ctx(), acct)).To(Succeed())
		Eventually(func() bool { return missing(acct) }).Should(BeTrue())
	})
})
