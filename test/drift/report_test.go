// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package drift

import (
	"fmt"
	"strings"
	"unicode/utf8"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

var _ = Describe("Drift that a check finds", func() {
	for _, policy := range []v1alpha1.ManagementPolicy{v1alpha1.ManagementPolicyReport, v1alpha1.ManagementPolicyObserve} {
		It(fmt.Sprintf("is shown under %s, by the list alone, until it is put right", policy), func() {
			w := newWorld()
			mine := func(c *simulator.Conversation) {
				c.UniqueName, c.FriendlyName, c.Attributes, c.Email.Address = "vip", "Mine", `{"tier":"gold"}`, "help@example.com"
			}
			sids, err := w.sim.Seed("", 1, func(_ int, c *simulator.Conversation) { mine(c) })
			Expect(err).NotTo(HaveOccurred())
			w.conversation("vip", fmt.Sprintf(`{uniqueName: vip, friendlyName: Mine, attributes: {tier: gold}, managementPolicy: %s,
				bindings: {email: {address: help@example.com}}, adoption: {policy: IfExists}}`, policy))
			Expect(w.settled("vip", v1alpha1.ReasonSynced).Status.Drift).To(BeEmpty())

			since := w.mark()
			w.edit(sids[0], func(c *simulator.Conversation) { c.FriendlyName, c.Email.Address = "Theirs", "" })
			check := w.check()
			Expect(check.Drifted).To(BeEquivalentTo(1))
			Eventually(func() []v1alpha1.FieldDrift { return w.get("vip").Status.Drift }).Should(ConsistOf(
				v1alpha1.FieldDrift{Field: "friendlyName", Desired: "Mine", Observed: "Theirs"},
				v1alpha1.FieldDrift{Field: "bindings.email.address", Desired: "help@example.com"}))
			conv := w.settled("vip", v1alpha1.ReasonSynced)
			Expect(conv.Status.FriendlyName).To(Equal("Theirs"))
			shown := drifted(conv)
			Expect(shown.Status).To(Equal(metav1.ConditionTrue))
			Expect(shown.Reason).To(Equal(v1alpha1.ReasonDriftDetected))
			Expect(shown.Message).To(And(ContainSubstring("friendlyName"), ContainSubstring("bindings.email.address")))
			told := "Normal DriftDetected Twilio differs from the spec in friendlyName, bindings.email.address."
			Eventually(w.events("vip")).Should(ContainElement(told))

			By("telling it once")
			version := conv.ResourceVersion
			Expect(w.check().Drifted).To(BeEquivalentTo(1))
			only(since, map[string]int{"list": 2})
			Expect(w.get("vip").ResourceVersion).To(Equal(version))
			Expect(count(w.events("vip")(), told)).To(Equal(1))

			By("following what changes further")
			w.edit(sids[0], func(c *simulator.Conversation) { c.Email.Address = "help@example.com" })
			w.check()
			Eventually(func() []v1alpha1.FieldDrift { return w.get("vip").Status.Drift }).Should(ConsistOf(
				v1alpha1.FieldDrift{Field: "friendlyName", Desired: "Mine", Observed: "Theirs"}))

			By("seeing it put right at Twilio")
			w.edit(sids[0], mine)
			Expect(w.check().Drifted).To(BeZero())
			Eventually(func() *metav1.Condition { return drifted(w.get("vip")) }).Should(BeNil())
			Expect(w.settled("vip", v1alpha1.ReasonSynced).Status.Drift).To(BeEmpty())
			only(since, map[string]int{"list": 4})
		})
	}

	It("is corrected under Enforce, with an event that names the fields, and not shown any more", func() {
		w := newWorld()
		w.conversation("vip", `{friendlyName: Mine, attributes: {tier: gold}}`)
		sid := w.settled("vip", v1alpha1.ReasonSynced).Status.SID
		w.edit(sid, func(c *simulator.Conversation) { c.FriendlyName, c.Attributes = "Theirs", "{}" })
		since := w.mark()
		Expect(w.check().Drifted).To(BeEquivalentTo(1))
		Eventually(w.events("vip")).Should(ContainElement("Normal DriftCorrected Corrected friendlyName, attributes."))
		only(since, map[string]int{"list": 1, "fetch": 1, "update": 1})
		there := w.there()[sid]
		Expect(there.FriendlyName).To(Equal("Mine"))
		Expect(there.Attributes).To(MatchJSON(`{"tier":"gold"}`))
		conv := w.settled("vip", v1alpha1.ReasonSynced)
		Expect(conv.Status.FriendlyName).To(Equal("Mine"))
		Expect(conv.Status.Drift).To(BeEmpty())
		Expect(drifted(conv)).To(BeNil())
	})

	It("is shown under Enforce too as long as Twilio does not take the correction", func() {
		w := newWorld()
		w.conversation("vip", `{friendlyName: Mine}`)
		sid := w.settled("vip", v1alpha1.ReasonSynced).Status.SID
		w.edit(sid, func(c *simulator.Conversation) { c.FriendlyName = "Theirs" })
		rule := w.fault(simulator.Match{Operation: simulator.OperationUpdate}, simulator.Effect{Status: 400, Code: 20001, Message: "No"})
		w.check()
		conv := w.settled("vip", v1alpha1.ReasonRejected)
		Expect(conv.Status.Drift).To(Equal([]v1alpha1.FieldDrift{{Field: "friendlyName", Desired: "Mine", Observed: "Theirs"}}))
		Expect(drifted(conv)).NotTo(BeNil())
		Expect(w.sim.RemoveRule(rule)).To(Succeed())
		w.look("vip")
		conv = w.settled("vip", v1alpha1.ReasonSynced)
		Expect(conv.Status.Drift).To(BeEmpty())
		Expect(drifted(conv)).To(BeNil())
	})

	It("is shown shortened where values are long", func() {
		w := newWorld()
		w.conversation("vip", `{attributes: {note: short}, managementPolicy: Report}`)
		sid := w.settled("vip", v1alpha1.ReasonSynced).Status.SID
		w.edit(sid, func(c *simulator.Conversation) { c.Attributes = `{"note":"` + strings.Repeat("ü", 8000) + `"}` })
		w.check()
		Eventually(func() []v1alpha1.FieldDrift { return w.get("vip").Status.Drift }).Should(HaveLen(1))
		d := w.get("vip").Status.Drift[0]
		Expect(d.Field).To(Equal("attributes"))
		Expect(d.Desired).To(MatchJSON(`{"note":"short"}`))
		Expect(d.Observed).To(And(HavePrefix(`{"note":"üü`), HaveSuffix("…")))
		Expect(utf8.RuneCountInString(d.Observed)).To(Equal(256))
	})
})

func drifted(conv *v1alpha1.Conversation) *metav1.Condition {
	return meta.FindStatusCondition(conv.Status.Conditions, v1alpha1.ConditionDrifted)
}

func count(all []string, want string) int {
	n := 0
	for _, s := range all {
		if s == want {
			n++
		}
	}
	return n
}
