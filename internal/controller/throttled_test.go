// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller_test

import (
	"net/http"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

// condition of the tenant's account, of that type; nil: it is not there.
func (t *tenant) condition(kind string) func() *metav1.Condition {
	return func() *metav1.Condition {
		a := t.Account()
		_ = k8s.Get(ctx(), client.ObjectKeyFromObject(a), a)
		return meta.FindStatusCondition(a.Status.Conditions, kind)
	}
}

var _ = Describe("An account that is told to wait for an hour", func() {
	hour := simulator.Effect{Status: http.StatusTooManyRequests, RetryAfter: 3600, Body: "slow down"}

	It("says so, and goes on as soon as a check of it succeeds", func() {
		t := newTenant()
		told := t.applied(t.fault(simulator.Match{Operation: simulator.OperationCreate, Count: 1}, hour))
		t.apply("vip", `{}`)
		Eventually(told).Should(Equal(1))
		Eventually(t.condition(v1alpha1.ConditionThrottled)).Should(And(
			HaveField("Status", metav1.ConditionTrue), HaveField("Reason", v1alpha1.ReasonThrottled),
			HaveField("Message", ContainSubstring(v1alpha1.ReconcileRequestedAtAnnotation)),
		))
		Expect(t.accountReason()).To(Equal(v1alpha1.ReasonAuthenticated))
		Eventually(t.events("default")).Should(ContainElement(HavePrefix("Warning Throttled")))
		before := len(t.requests())
		t.apply("other", `{}`)
		Consistently(func() int { return len(t.requests()) }, "300ms").Should(Equal(before), "nothing is sent meanwhile")
		Expect(t.get("vip").Status.Conditions).To(BeEmpty(), "a throttled object writes no status")

		t.checkAccount()
		t.settled("vip", v1alpha1.ReasonSynced)
		t.settled("other", v1alpha1.ReasonSynced)
		Eventually(t.condition(v1alpha1.ConditionThrottled)).Should(BeNil())
		Expect(t.conversations()).To(HaveLen(2))
	})

	It("says so before it could be checked for the first time, and a check that is told to wait too changes nothing", func() {
		t := newBareTenant()
		rule := t.fault(simulator.Match{}, hour)
		t.create(t.secret(t.credentials()))
		t.create(t.Account())
		Eventually(t.condition(v1alpha1.ConditionThrottled)).ShouldNot(BeNil())
		Expect(t.accountReason()).To(Equal(v1alpha1.ReasonProgressing))
		t.checkAccount()
		Consistently(t.condition(v1alpha1.ConditionThrottled), "300ms").ShouldNot(BeNil())

		Expect(t.sim.RemoveRule(rule)).To(Succeed())
		t.checkAccount()
		t.accountIs(v1alpha1.ReasonAuthenticated)
		Eventually(t.condition(v1alpha1.ConditionThrottled)).Should(BeNil())
	})
})

var _ = Describe("A Secret of which the metadata changes", func() {
	It("costs no check, no write and no look at the conversations; its content costs one check", func() {
		t := newTenant()
		t.apply("vip", `{}`)
		t.settled("vip", v1alpha1.ReasonSynced)
		a := t.Account()
		version := func() string {
			Expect(k8s.Get(ctx(), client.ObjectKeyFromObject(a), a)).To(Succeed())
			return a.ResourceVersion
		}
		Eventually(func() *int32 { version(); return a.Status.Conversations }).Should(HaveValue(BeEquivalentTo(1)))
		checks, before := len(t.checks()), version()
		t.labelSecret("team", "sales")
		t.labelSecret("team", "support")
		Consistently(version, "500ms").Should(Equal(before))
		Expect(t.checks()).To(HaveLen(checks))

		secret := t.secret(nil)
		t.setSecret(map[string]string{"TWILIO_API_KEY": t.key.SID, "TWILIO_API_SECRET": t.key.Secret})
		Expect(k8s.Get(ctx(), client.ObjectKeyFromObject(secret), secret)).To(Succeed())
		Eventually(func() string { version(); return a.Status.Credentials.SecretResourceVersion }).Should(Equal(secret.ResourceVersion))
		Expect(t.checks()).To(HaveLen(checks + 1))
	})

	It("is not asked about again while Twilio rejects it", func() {
		t := newBareTenant()
		t.create(t.secret(map[string]string{"TWILIO_ACCOUNT_SID": t.SID, "TWILIO_AUTH_TOKEN": "wrong"}))
		t.create(t.Account())
		t.accountIs(v1alpha1.ReasonCredentialsRejected)
		checks := len(t.checks())
		t.labelSecret("team", "sales")
		Consistently(t.checks, "500ms").Should(HaveLen(checks))
		t.setSecret(t.credentials())
		t.accountIs(v1alpha1.ReasonAuthenticated)
	})
})

func (t *tenant) labelSecret(key, value string) {
	GinkgoHelper()
	secret := t.secret(nil)
	Expect(k8s.Get(ctx(), client.ObjectKeyFromObject(secret), secret)).To(Succeed())
	before := secret.DeepCopy()
	metav1.SetMetaDataLabel(&secret.ObjectMeta, key, value)
	Expect(k8s.Patch(ctx(), secret, client.MergeFrom(before))).To(Succeed())
}
