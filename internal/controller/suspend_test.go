// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

var _ = Describe("suspend", func() {
	suspend := func(t *tenant) *v1alpha1.Conversation {
		GinkgoHelper()
		generation := t.change("vip", func(s *v1alpha1.ConversationSpec) { s.Suspend = true }).Generation
		Eventually(func() int64 { return t.get("vip").Status.ObservedGeneration }).Should(Equal(generation))
		conv := t.get("vip")
		Expect(meta.IsStatusConditionTrue(conv.Status.Conditions, v1alpha1.ConditionSuspended)).To(BeTrue())
		return conv
	}
	resume := func(t *tenant) {
		GinkgoHelper()
		t.change("vip", func(s *v1alpha1.ConversationSpec) { s.Suspend = false })
	}

	It("from the beginning makes no request until it ends", func() {
		t := newTenant()
		t.apply("vip", `{suspend: true}`)
		conv := t.settled("vip", v1alpha1.ReasonProgressing)
		Expect(meta.IsStatusConditionTrue(conv.Status.Conditions, v1alpha1.ConditionSuspended)).To(BeTrue())
		Expect(conv.Finalizers).To(BeEmpty())
		Consistently(t.requests, "300ms").Should(BeEmpty())
		resume(t)
		conv = t.settled("vip", v1alpha1.ReasonSynced)
		Expect(meta.FindStatusCondition(conv.Status.Conditions, v1alpha1.ConditionSuspended)).To(BeNil())
		Expect(t.requests()).To(asked("create"))
	})

	It("keeps Ready, holds edits and looks, and lets them happen when it ends", func() {
		t := newTenant()
		t.apply("vip", `{friendlyName: One, attributes: {a: 1}}`)
		before := t.settled("vip", v1alpha1.ReasonSynced)
		conv := suspend(t)
		Expect(reason(conv.Status.Conditions)).To(Equal(v1alpha1.ReasonSynced))
		Expect(meta.IsStatusConditionTrue(conv.Status.Conditions, v1alpha1.ConditionReady)).To(BeTrue())

		t.change("vip", func(s *v1alpha1.ConversationSpec) { s.FriendlyName = "Two" })
		conv = t.settled("vip", v1alpha1.ReasonSynced)
		Expect(statusOf(conv)).To(Equal(statusOf(before)))
		t.edit(conv.Status.SID, func(c *simulator.Conversation) { c.Attributes = "{}" })
		t.ask("vip", "now")
		t.tearSecret()
		t.setSecret(t.credentials())
		t.accountIs(v1alpha1.ReasonAuthenticated)
		Consistently(t.requests, "300ms").Should(asked("create"))
		Expect(reason(t.get("vip").Status.Conditions)).To(Equal(v1alpha1.ReasonSynced), "an account that goes changes nothing")
		Expect(t.get("vip").Status.LastHandledReconcileAt).To(BeEmpty())

		resume(t)
		conv = t.settled("vip", v1alpha1.ReasonSynced)
		Expect(t.requests()).To(asked("create", "fetch", "update"))
		Expect(t.lastForm()).To(Equal(form("FriendlyName", "Two", "Attributes", `{"a":1}`)))
		Expect(conv.Status.LastHandledReconcileAt).To(Equal("now"))
		Expect(meta.FindStatusCondition(conv.Status.Conditions, v1alpha1.ConditionSuspended)).To(BeNil())
	})

	It("keeps what stalls an object, too", func() {
		t := newTenant()
		there := t.legacy("vip")
		t.apply("vip", `{uniqueName: vip}`)
		t.settled("vip", v1alpha1.ReasonUniqueNameTaken)
		conv := suspend(t)
		Expect(reason(conv.Status.Conditions)).To(Equal(v1alpha1.ReasonUniqueNameTaken))
		Expect(meta.IsStatusConditionTrue(conv.Status.Conditions, v1alpha1.ConditionStalled)).To(BeTrue())
		Expect(t.sim.Remove(there.SID)).To(Succeed())
		resume(t)
		t.settled("vip", v1alpha1.ReasonSynced)
	})

	It("while the answer to a create is lost makes no second conversation", func() {
		t := newTenant()
		t.fault(matchCreate(1), dropAfter)
		rule := t.fault(simulator.Match{Operation: simulator.OperationFetch}, htmlPage)
		t.apply("vip", usersName)
		t.settled("vip", v1alpha1.ReasonTwilioUnavailable)
		suspend(t)
		requests := len(t.requests())
		Consistently(t.requests, "1s").Should(HaveLen(requests))
		Expect(t.sim.RemoveRule(rule)).To(Succeed())
		resume(t)
		Expect(t.settled("vip", v1alpha1.ReasonSynced).Status.SID).To(Equal(t.only().SID))
	})

	It("ends without a request where nothing happened", func() {
		t := newTenant()
		t.apply("vip", `{friendlyName: One}`)
		t.settled("vip", v1alpha1.ReasonSynced)
		suspend(t)
		resume(t)
		t.settled("vip", v1alpha1.ReasonSynced)
		Expect(t.requests()).To(asked("create"))
	})
})
