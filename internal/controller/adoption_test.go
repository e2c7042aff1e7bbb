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

// legacy makes an old conversation with a unique name that no object knows of.
func (t *tenant) legacy(uniqueName string) simulator.Conversation {
	GinkgoHelper()
	return t.seed(func(c *simulator.Conversation) {
		c.UniqueName, c.FriendlyName, c.DateCreated = uniqueName, "Theirs", c.DateCreated.AddDate(0, -1, 0)
	})
}

var _ = Describe("Adoption by name", func() {
	It("applies the spec, and retains the conversation on deletion", func() {
		t := newTenant()
		there := t.legacy("vip")
		t.apply("vip", `{uniqueName: vip, friendlyName: Mine, attributes: {a: 1}, adoption: {policy: IfExists}}`)
		conv := t.settled("vip", v1alpha1.ReasonSynced)
		Expect(conv.Status.SID).To(Equal(there.SID))
		Expect(t.only().FriendlyName).To(Equal("Mine"))
		Expect(t.requests()).To(asked("create", "fetch", "update"))
		Eventually(t.events("vip")).Should(ContainElement("Normal Adopted Adopted conversation " + there.SID + "."))
		t.delete("vip")
		t.gone("vip")
		Expect(t.only().SID).To(Equal(there.SID))
		Eventually(t.events("vip")).Should(ContainElement("Normal Released Released conversation " + there.SID + "; it stays at Twilio."))
	})

	It("creates what does not exist, and then deletes it", func() {
		t := newTenant()
		t.apply("vip", `{uniqueName: vip, adoption: {policy: IfExists}}`)
		conv := t.settled("vip", v1alpha1.ReasonSynced)
		Expect(conv.Status.Origin).To(Equal(v1alpha1.OriginCreated))
		Expect(t.requests()).To(asked("create"))
		t.delete("vip")
		t.gone("vip")
		Expect(t.conversations()).To(BeEmpty())
	})

	It("deletes what it adopted where the spec says so", func() {
		t := newTenant()
		t.legacy("vip")
		t.apply("vip", `{uniqueName: vip, adoption: {policy: IfExists}, deletionPolicy: Delete}`)
		t.settled("vip", v1alpha1.ReasonSynced)
		t.delete("vip")
		t.gone("vip")
		Expect(t.conversations()).To(BeEmpty())
	})

	It("keeps a clock that runs, and starts one that does not", func() {
		t := newTenant()
		there := t.seed(func(c *simulator.Conversation) {
			c.UniqueName = "vip"
			c.Timers.Closed.Duration = "P1D"
			c.DateCreated = c.DateCreated.AddDate(0, -1, 0)
		})
		t.apply("vip", `{uniqueName: vip, adoption: {policy: IfExists}, timers: {closed: P2D, inactive: PT1H}}`)
		conv := t.settled("vip", v1alpha1.ReasonSynced)
		Expect(t.only().Timers.Closed).To(Equal(there.Timers.Closed))
		Expect(t.lastForm()).To(Equal(form("Timers.Inactive", "PT1H")))
		Expect(conv.Status.Timers.DateClosed).To(Equal(second(there.Timers.Closed.Deadline)))
		t.change("vip", func(s *v1alpha1.ConversationSpec) { s.Timers.Closed = "P3D" })
		t.settled("vip", v1alpha1.ReasonSynced)
		Expect(t.lastForm()).To(Equal(form("Timers.Closed", "P3D")))
	})

	It("leaves the name to a conversation whose spec no longer names one", func() {
		t := newTenant()
		t.legacy("vip")
		t.apply("vip", `{uniqueName: vip, adoption: {policy: IfExists}}`)
		t.settled("vip", v1alpha1.ReasonSynced)
		t.apply("vip", `{}`)
		conv := t.settled("vip", v1alpha1.ReasonSynced)
		Expect(conv.Status.UniqueName).To(Equal("vip"))
		Expect(t.writes()).To(HaveLen(1), "the create that was refused")
	})

	It("takes over what was made by an object that is gone", func() {
		t := newTenant()
		t.apply("old", `{uniqueName: vip, deletionPolicy: Retain}`)
		sid := t.settled("old", v1alpha1.ReasonSynced).Status.SID
		t.delete("old")
		t.gone("old")
		t.apply("new", `{uniqueName: vip, adoption: {policy: IfExists}}`)
		Expect(t.settled("new", v1alpha1.ReasonSynced).Status.SID).To(Equal(sid))
	})
})

var _ = Describe("Adoption by sid", func() {
	It("manages exactly that conversation and keeps its name", func() {
		t := newTenant()
		there := t.legacy("their/name")
		t.apply("vip", "{friendlyName: Mine, adoption: {sid: "+there.SID+"}}")
		conv := t.settled("vip", v1alpha1.ReasonSynced)
		Expect(conv.Status.SID).To(Equal(there.SID))
		Expect(conv.Status.Origin).To(Equal(v1alpha1.OriginAdopted))
		Expect(t.only().UniqueName).To(Equal("their/name"))
		Expect(t.requests()).To(asked("fetch", "update"))
		t.change("vip", func(s *v1alpha1.ConversationSpec) { s.UniqueName = "their/other/name" })
		t.settled("vip", v1alpha1.ReasonSynced)
		Expect(t.only().UniqueName).To(Equal("their/other/name"))
		t.delete("vip")
		t.gone("vip")
		Expect(t.only().SID).To(Equal(there.SID))
	})

	It("finds it in the service that the spec names", func() {
		t := newTenant()
		service := t.newService()
		there := t.seed(func(c *simulator.Conversation) { c.ServiceSID = service })
		t.apply("vip", "{chatServiceSid: "+service+", adoption: {sid: "+there.SID+"}}")
		t.settled("vip", v1alpha1.ReasonSynced)
		Expect(t.sentRequests()).To(Equal([]sent{
			{http.MethodGet, "/v1/Services/" + service + "/Conversations/" + there.SID, nil, ""},
		}))
	})

	It("never creates one, and finds it when it comes", func() {
		t := newTenant()
		sid := random.SID("CH")
		t.apply("vip", "{uniqueName: vip, closedPolicy: Recreate, adoption: {sid: "+sid+", policy: IfExists}}")
		conv := t.settled("vip", v1alpha1.ReasonConversationMissing)
		Expect(message(conv.Status.Conditions)).To(SatisfyAll(ContainSubstring(sid), ContainSubstring("adoption.sid")))
		t.look("vip")
		Expect(t.writes()).To(BeEmpty())
		t.seed(func(c *simulator.Conversation) { c.SID = sid })
		conv = t.look("vip")
		Expect(conv.Status.SID).To(Equal(sid))

		By("it is gone again")
		Expect(t.sim.Remove(sid)).To(Succeed())
		conv = t.look("vip")
		Expect(reason(conv.Status.Conditions)).To(Equal(v1alpha1.ReasonConversationMissing))
		Expect(t.conversations()).To(BeEmpty())
		t.delete("vip")
		t.gone("vip")
	})

	It("of a conversation that another object manages is refused until that object is gone", func() {
		t := newTenant()
		t.apply("creator", `{friendlyName: One, deletionPolicy: Retain}`)
		sid := t.settled("creator", v1alpha1.ReasonSynced).Status.SID
		t.apply("second", "{friendlyName: Two, adoption: {sid: "+sid+"}}")
		conv := t.settled("second", v1alpha1.ReasonAlreadyManaged)
		Expect(message(conv.Status.Conditions)).To(SatisfyAll(ContainSubstring(t.Namespace+"/creator"), ContainSubstring(sid)))
		Expect(conv.Status.SID).To(BeEmpty())
		Expect(t.only().FriendlyName).To(Equal("One"))
		Eventually(t.events("second")).Should(ContainElement(HavePrefix("Warning AlreadyManaged ")))
		t.delete("creator")
		t.gone("creator")
		conv = t.settled("second", v1alpha1.ReasonSynced)
		Expect(conv.Status.SID).To(Equal(sid))
		Expect(t.only().FriendlyName).To(Equal("Two"))
	})

	It("by two objects at once gives it to one of them", func() {
		t := newTenant()
		there := t.legacy("vip")
		for i := range 4 {
			t.apply(fmt.Sprintf("rival-%d", i), "{adoption: {sid: "+there.SID+"}}")
		}
		Eventually(func() []int { return []int{t.ready(v1alpha1.ReasonSynced), t.ready(v1alpha1.ReasonAlreadyManaged)} }).Should(Equal([]int{1, 3}))
		Consistently(func() int { return t.ready(v1alpha1.ReasonSynced) }, "300ms").Should(Equal(1))
	})
})
