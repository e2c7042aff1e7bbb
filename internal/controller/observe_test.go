// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

func enforce(s *v1alpha1.ConversationSpec) { s.ManagementPolicy = v1alpha1.ManagementPolicyEnforce }

var _ = Describe("managementPolicy: Observe", func() {
	It("finds a conversation by its sid, and manages it once it may", func() {
		t := newTenant()
		there := t.legacy("vip")
		t.apply("vip", "{managementPolicy: Observe, friendlyName: Mine, adoption: {sid: "+there.SID+"}}")
		conv := t.settled("vip", v1alpha1.ReasonSynced)
		Expect(statusOf(conv)).To(Equal(answered(there, "/v1/Conversations")))
		Expect(conv.Status.Drift).To(Equal([]v1alpha1.FieldDrift{{Field: "friendlyName", Desired: "Mine", Observed: "Theirs"}}))
		Expect(t.requests()).To(asked("fetch"))

		t.change("vip", enforce)
		conv = t.settled("vip", v1alpha1.ReasonSynced)
		Expect(conv.Status.Origin).To(Equal(v1alpha1.OriginAdopted))
		Expect(conv.Status.Drift).To(BeEmpty())
		Expect(t.only().FriendlyName).To(Equal("Mine"))
		Expect(t.only().UniqueName).To(Equal("vip"))
		t.delete("vip")
		t.gone("vip")
		Expect(t.only().SID).To(Equal(there.SID))
	})

	It("finds a conversation by its unique name, and takes an adoption to manage it", func() {
		t := newTenant()
		there := t.legacy("vip")
		t.apply("vip", `{managementPolicy: Observe, uniqueName: vip, friendlyName: Mine}`)
		Expect(t.settled("vip", v1alpha1.ReasonSynced).Status.SID).To(Equal(there.SID))
		Expect(t.requests()).To(asked("fetch"))

		t.change("vip", enforce)
		conv := t.settled("vip", v1alpha1.ReasonUniqueNameTaken)
		Expect(message(conv.Status.Conditions)).To(ContainSubstring(there.SID))
		t.change("vip", func(s *v1alpha1.ConversationSpec) {
			s.Adoption = &v1alpha1.AdoptionSpec{Policy: v1alpha1.AdoptionPolicyIfExists}
		})
		conv = t.settled("vip", v1alpha1.ReasonSynced)
		Expect(conv.Status.Origin).To(Equal(v1alpha1.OriginAdopted))
		Expect(t.only().FriendlyName).To(Equal("Mine"))
		Expect(t.writes()).To(HaveLen(1))
	})

	It("finds a conversation by the generated name, which is the operator's own", func() {
		t := newTenant()
		there := t.legacy(plan.GeneratedName(clusterName, t.Namespace, "vip"))
		t.apply("vip", `{managementPolicy: Observe, friendlyName: Mine}`)
		Expect(t.settled("vip", v1alpha1.ReasonSynced).Status.SID).To(Equal(there.SID))
		t.change("vip", enforce)
		conv := t.settled("vip", v1alpha1.ReasonSynced)
		Expect(conv.Status.Origin).To(Equal(v1alpha1.OriginCreated))
		Expect(t.only().FriendlyName).To(Equal("Mine"))
		Expect(t.writes()).To(HaveLen(1))
		t.delete("vip")
		t.gone("vip")
		Expect(t.conversations()).To(BeEmpty())
	})

	It("creates nothing, sees what comes and what goes, and is no hindrance to deletion", func() {
		t := newTenant()
		t.apply("vip", `{managementPolicy: Observe, uniqueName: vip}`)
		conv := t.settled("vip", v1alpha1.ReasonConversationMissing)
		Expect(message(conv.Status.Conditions)).To(SatisfyAll(ContainSubstring(`"vip"`), ContainSubstring("Observe")))
		there := t.legacy("vip")
		Expect(t.look("vip").Status.SID).To(Equal(there.SID))
		t.state(there.SID, simulator.Closed)
		t.is("vip", v1alpha1.ReasonClosed, "closed")
		Expect(t.sim.Remove(there.SID)).To(Succeed())
		conv = t.look("vip")
		Expect(reason(conv.Status.Conditions)).To(Equal(v1alpha1.ReasonConversationMissing))
		Expect(t.writes()).To(BeEmpty())
		requests := len(t.requests())
		t.delete("vip")
		t.gone("vip")
		Expect(t.requests()).To(HaveLen(requests))
	})

	It("does not share a conversation that another object manages", func() {
		t := newTenant()
		t.apply("manager", `{uniqueName: vip}`)
		sid := t.settled("manager", v1alpha1.ReasonSynced).Status.SID
		t.apply("watcher", `{managementPolicy: Observe, uniqueName: vip}`)
		conv := t.settled("watcher", v1alpha1.ReasonAlreadyManaged)
		Expect(message(conv.Status.Conditions)).To(SatisfyAll(ContainSubstring(sid), ContainSubstring(t.Namespace+"/manager")))
	})

	It("keeps its hands off what was managed before", func() {
		t := newTenant()
		t.apply("vip", `{friendlyName: One}`)
		t.settled("vip", v1alpha1.ReasonSynced)
		t.apply("vip", `{managementPolicy: Observe, friendlyName: Two}`)
		conv := t.settled("vip", v1alpha1.ReasonSynced)
		Expect(conv.Status.Drift).To(Equal([]v1alpha1.FieldDrift{{Field: "friendlyName", Desired: "Two", Observed: "One"}}))
		t.change("vip", enforce)
		conv = t.settled("vip", v1alpha1.ReasonSynced)
		Expect(conv.Status.Drift).To(BeEmpty())
		Expect(t.lastForm()).To(Equal(form("FriendlyName", "Two")))
		Expect(t.writes()).To(HaveLen(2))
	})
})
