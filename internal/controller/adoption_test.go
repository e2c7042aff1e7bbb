// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

// legacy makes an old conversation with a unique name that no object knows of.
func (t *tenant) legacy(uniqueName string) simulator.Conversation {
	GinkgoHelper()
	return t.seed(func(c *simulator.Conversation) {
		c.UniqueName, c.FriendlyName, c.DateCreated = uniqueName, "Theirs", c.DateCreated.AddDate(0, -1, 0)
	})
}

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
		Expect(message(conv.Status.Conditions)).To(ContainSubstring(t.namespace + "/first"))
		t.delete("first")
		t.gone("first")
		conv = t.settled("second", v1alpha1.ReasonSynced)
		Expect(conv.Status.SID).To(Equal(t.only().SID))
	})
})

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
		sid := "CH" + random(16)
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
		Expect(message(conv.Status.Conditions)).To(SatisfyAll(ContainSubstring(t.namespace+"/creator"), ContainSubstring(sid)))
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

var _ = Describe("Two objects with one unique name", func() {
	It("that come at the same time make exactly one conversation", func() {
		t := newTenant()
		const pairs = 8
		for i := range pairs {
			for _, side := range []string{"a", "b"} {
				t.apply(fmt.Sprintf("%s-%d", side, i), fmt.Sprintf(`{uniqueName: 'name-%d, x="=\\"', friendlyName: Same}`, i))
			}
		}
		Eventually(func() []int {
			return []int{t.ready(v1alpha1.ReasonSynced), t.ready(v1alpha1.ReasonAlreadyManaged) + t.ready(v1alpha1.ReasonUniqueNameTaken)}
		}).Should(Equal([]int{pairs, pairs}))
		Expect(t.conversations()).To(HaveLen(pairs))
		By("who lost learns from another look whom it lost to")
		t.relabel("looked-at", "again")
		Eventually(func() int { return t.ready(v1alpha1.ReasonAlreadyManaged) }).Should(Equal(pairs))
		for i := range pairs {
			a, b := t.get(fmt.Sprintf("a-%d", i)), t.get(fmt.Sprintf("b-%d", i))
			Expect([]bool{a.Status.SID == "", b.Status.SID == ""}).To(ConsistOf(true, false))
		}
	})

	It("of which one takes another name leave it to the other at once", func() {
		t := newTenant()
		t.apply("first", `{uniqueName: vip, friendlyName: One}`)
		t.settled("first", v1alpha1.ReasonSynced)
		t.apply("late", `{uniqueName: vip, friendlyName: Two}`)
		t.settled("late", v1alpha1.ReasonAlreadyManaged)
		t.apply("other", `{friendlyName: Three}`)
		t.settled("other", v1alpha1.ReasonSynced)
		t.apply("first", `{uniqueName: gold, friendlyName: One}`)
		t.settled("late", v1alpha1.ReasonSynced)
		By("also to one that has a conversation already")
		t.apply("other", `{uniqueName: vip, friendlyName: Three}`)
		t.settled("other", v1alpha1.ReasonUniqueNameTaken)
		t.apply("late", `{friendlyName: Two}`)
		t.settled("other", v1alpha1.ReasonSynced)
		Expect(t.conversations()).To(ConsistOf(
			SatisfyAll(HaveField("UniqueName", "gold"), HaveField("FriendlyName", "One")),
			SatisfyAll(HaveField("UniqueName", HavePrefix("k8s.")), HaveField("FriendlyName", "Two")),
			SatisfyAll(HaveField("UniqueName", "vip"), HaveField("FriendlyName", "Three")),
		))
	})

	It("make exactly one even if every answer is lost", func() {
		t := newTenant()
		t.fault(matchCreate(4), dropAfter)
		for i := range 4 {
			t.apply(fmt.Sprintf("rival-%d", i), `{uniqueName: vip, friendlyName: Same}`)
		}
		Eventually(func() []int {
			return []int{t.ready(v1alpha1.ReasonSynced), t.ready(v1alpha1.ReasonAlreadyManaged) + t.ready(v1alpha1.ReasonUniqueNameTaken)}
		}).Should(Equal([]int{1, 3}))
		Expect(t.conversations()).To(HaveLen(1))
		By("who lost learns from another look whom it lost to")
		t.relabel("looked-at", "again")
		Eventually(func() (lost []string) {
			var winner string
			for i := range 4 {
				conv := t.get(fmt.Sprintf("rival-%d", i))
				if conv.Status.SID != "" {
					winner = conv.Name
				}
				lost = append(lost, message(conv.Status.Conditions))
			}
			return slices.DeleteFunc(lost, func(message string) bool {
				return !strings.Contains(message, "managed by Conversation "+t.namespace+"/"+winner+":")
			})
		}).Should(HaveLen(3))
	})
})
