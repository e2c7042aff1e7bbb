// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

var _ = Describe("A unique name that is taken", func() {
	It("is refused, and the conversation stays untouched", func() {
		t := newTenant()
		there := t.legacy("vip")
		t.apply("vip", `{uniqueName: vip, friendlyName: Mine}`)
		conv := t.settled("vip", v1alpha1.ReasonUniqueNameTaken)
		Expect(message(conv.Status.Conditions)).To(SatisfyAll(ContainSubstring(there.SID), ContainSubstring("adoption.policy"), ContainSubstring("IfExists")))
		Expect(conv.Status.SID).To(BeEmpty())
		Expect(t.only()).To(Equal(there))
		Eventually(t.events("vip")).Should(ContainElement(HavePrefix("Warning UniqueNameTaken ")))
		t.delete("vip")
		t.gone("vip")
		Expect(t.only()).To(Equal(there), "it was not made for the object")
	})

	It("is free once the other conversation is gone", func() {
		t := newTenant()
		there := t.legacy("vip")
		t.apply("vip", `{uniqueName: vip}`)
		t.settled("vip", v1alpha1.ReasonUniqueNameTaken)
		Expect(t.sim.Remove(there.SID)).To(Succeed())
		conv := t.look("vip")
		Expect(reason(conv.Status.Conditions)).To(Equal(v1alpha1.ReasonSynced))
		Expect(conv.Status.SID).To(Equal(t.only().SID))
		Expect(conv.Status.Origin).To(Equal(v1alpha1.OriginCreated))
	})

	It("is adopted as soon as the policy says so", func() {
		t := newTenant()
		there := t.legacy("vip")
		t.apply("vip", `{uniqueName: vip}`)
		t.settled("vip", v1alpha1.ReasonUniqueNameTaken)
		t.apply("vip", `{uniqueName: vip, adoption: {policy: IfExists}}`)
		conv := t.settled("vip", v1alpha1.ReasonSynced)
		Expect(conv.Status.SID).To(Equal(there.SID))
		Expect(conv.Status.Origin).To(Equal(v1alpha1.OriginAdopted))
	})

	It("is refused for an edit, too, and the last good state stays", func() {
		t := newTenant()
		there := t.legacy("taken")
		t.apply("vip", `{uniqueName: mine}`)
		first := t.settled("vip", v1alpha1.ReasonSynced)
		t.apply("vip", `{uniqueName: taken, adoption: {policy: IfExists}}`)
		conv := t.settled("vip", v1alpha1.ReasonUniqueNameTaken)
		Expect(message(conv.Status.Conditions)).To(ContainSubstring(there.SID))
		Expect(conv.Status.SID).To(Equal(first.Status.SID), "an object keeps its conversation")
		Expect(conv.Status.UniqueName).To(Equal("mine"))
		Expect(t.conversations()).To(HaveLen(2))

		Expect(t.sim.Remove(there.SID)).To(Succeed())
		conv = t.look("vip")
		Expect(reason(conv.Status.Conditions)).To(Equal(v1alpha1.ReasonSynced))
		Expect(t.only().UniqueName).To(Equal("taken"))
	})

	It("is refused for an edit in the same words however often it is looked at", func() {
		t := newTenant()
		t.legacy("taken")
		t.apply("vip", `{uniqueName: mine}`)
		t.settled("vip", v1alpha1.ReasonSynced)
		t.apply("vip", `{uniqueName: taken}`)
		first := t.settled("vip", v1alpha1.ReasonUniqueNameTaken)
		again := t.look("vip")
		Expect(again.Status.Conditions).To(Equal(first.Status.Conditions))
		Eventually(t.events("vip")).Should(HaveLen(2), "one of the creation and one of the refusal")
		Consistently(t.events("vip")).Should(HaveLen(2))
	})

	It("is asked for where the conversation is, also when the account's default service has changed", func() {
		t := newTenant()
		t.apply("vip", `{uniqueName: mine}`)
		t.settled("vip", v1alpha1.ReasonSynced)
		there := t.legacy("taken")
		service := t.newService()
		t.configure(func(c *simulator.Configuration) { c.DefaultServiceSID = service })
		t.seed(func(c *simulator.Conversation) { c.UniqueName, c.ServiceSID = "taken", service })
		t.apply("vip", `{uniqueName: taken}`)
		conv := t.settled("vip", v1alpha1.ReasonUniqueNameTaken)
		Expect(message(conv.Status.Conditions)).To(ContainSubstring(there.SID))
		Expect(t.sim.Remove(there.SID)).To(Succeed())
		conv = t.look("vip")
		Expect(reason(conv.Status.Conditions)).To(Equal(v1alpha1.ReasonSynced), message(conv.Status.Conditions))
		Expect(conv.Status.UniqueName).To(Equal("taken"))
	})

	It("is refused for a correction, too, and what drifted is shown", func() {
		t := newTenant()
		t.apply("vip", `{uniqueName: mine, friendlyName: One}`)
		conv := t.settled("vip", v1alpha1.ReasonSynced)
		t.edit(conv.Status.SID, func(c *simulator.Conversation) { c.UniqueName, c.FriendlyName = "away", "Two" })
		there := t.legacy("mine")
		conv = t.look("vip")
		Expect(reason(conv.Status.Conditions)).To(Equal(v1alpha1.ReasonUniqueNameTaken))
		Expect(message(conv.Status.Conditions)).To(ContainSubstring(there.SID))
		Expect(conv.Status.UniqueName).To(Equal("away"))
		Expect(conv.Status.Drift).To(ConsistOf(HaveField("Field", "uniqueName"), HaveField("Field", "friendlyName")))
		Expect(t.sim.Remove(there.SID)).To(Succeed())
		conv = t.look("vip")
		Expect(reason(conv.Status.Conditions)).To(Equal(v1alpha1.ReasonSynced))
		Expect(conv.Status.Drift).To(BeEmpty())
		Expect(t.only().UniqueName).To(Equal("mine"))
	})

	It("is nobody's business in another account", func() {
		other, t := newTenant(), newTenant()
		other.fault(matchCreate(1), dropAfter)
		rule := other.fault(simulator.Match{Operation: simulator.OperationFetch}, htmlPage)
		other.apply("vip", `{uniqueName: everywhere, friendlyName: Same}`)
		other.settled("vip", v1alpha1.ReasonTwilioUnavailable)
		t.fault(matchCreate(1), dropAfter)
		t.apply("vip", `{uniqueName: everywhere, friendlyName: Same}`)
		t.settled("vip", v1alpha1.ReasonSynced)
		Expect(other.sim.RemoveRule(rule)).To(Succeed())
		other.settled("vip", v1alpha1.ReasonSynced)
	})

	It("is not somebody else's where another object has it", func() {
		t := newTenant()
		t.apply("first", `{uniqueName: vip}`)
		t.settled("first", v1alpha1.ReasonSynced)
		t.apply("second", `{uniqueName: vip, adoption: {policy: IfExists}}`)
		conv := t.settled("second", v1alpha1.ReasonAlreadyManaged)
		Expect(message(conv.Status.Conditions)).To(ContainSubstring(t.Namespace + "/first"))
		t.delete("first")
		t.gone("first")
		conv = t.settled("second", v1alpha1.ReasonSynced)
		Expect(conv.Status.SID).To(Equal(t.only().SID))
	})
})
