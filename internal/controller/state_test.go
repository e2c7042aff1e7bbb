// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

// is checks what a look at an object says of it.
func (t *tenant) is(name, reasonOfReady string, state v1alpha1.ConversationState) *v1alpha1.Conversation {
	GinkgoHelper()
	conv := t.look(name)
	Expect(reason(conv.Status.Conditions)).To(Equal(reasonOfReady), message(conv.Status.Conditions))
	Expect(conv.Status.State).To(Equal(state))
	return conv
}

// state moves a conversation behind the operator's back.
func (t *tenant) state(sid, state string) {
	GinkgoHelper()
	t.edit(sid, func(c *simulator.Conversation) { c.State = state })
}

var _ = Describe("The state", func() {
	var t *tenant
	BeforeEach(func() { t = newTenantAt(ownTwilio(simulator.Options{})) })

	It("that is left out is neither sent nor compared", func() {
		t.apply("vip", `{}`)
		conv := t.settled("vip", v1alpha1.ReasonSynced)
		Expect(t.lastForm()).NotTo(HaveKey("State"))
		t.state(conv.Status.SID, simulator.Inactive)
		Expect(t.is("vip", v1alpha1.ReasonSynced, "inactive").Status.Drift).To(BeEmpty())
		t.state(conv.Status.SID, simulator.Closed)
		Expect(t.is("vip", v1alpha1.ReasonClosed, "closed").Status.Drift).To(BeEmpty())
		Expect(t.writes()).To(HaveLen(1))
	})

	It("that a timer makes inactive, or a message active, is no drift", func() {
		t.apply("vip", `{state: active, timers: {inactive: PT10M}}`)
		conv := t.settled("vip", v1alpha1.ReasonSynced)
		t.sim.Advance(11 * time.Minute)
		Expect(t.is("vip", v1alpha1.ReasonSynced, "inactive").Status.Drift).To(BeEmpty())
		Expect(t.sim.Message(conv.Status.SID)).To(Succeed())
		conv = t.is("vip", v1alpha1.ReasonSynced, "active")
		Expect(conv.Status.Timers.DateInactive).To(Equal(second(t.only().Timers.Inactive.Deadline)))
		t.sim.Advance(11 * time.Minute)
		t.is("vip", v1alpha1.ReasonSynced, "inactive")
		Expect(t.writes()).To(HaveLen(1))
	})

	It("inactive stays with a message that revives the conversation", func() {
		t.apply("vip", `{state: inactive}`)
		conv := t.settled("vip", v1alpha1.ReasonSynced)
		Expect(t.sim.Message(conv.Status.SID)).To(Succeed())
		Expect(t.is("vip", v1alpha1.ReasonSynced, "active").Status.Drift).To(BeEmpty())
		Expect(t.writes()).To(HaveLen(1))
	})

	It("that nothing explains is drift", func() {
		t.apply("no-timer", `{state: active}`)
		t.apply("not-due", `{state: active, timers: {inactive: PT1H}}`)
		t.apply("reported", `{state: active, managementPolicy: Report}`)
		for _, name := range []string{"no-timer", "not-due", "reported"} {
			t.state(t.settled(name, v1alpha1.ReasonSynced).Status.SID, simulator.Inactive)
		}
		for i, name := range []string{"no-timer", "not-due"} {
			t.is(name, v1alpha1.ReasonSynced, "active")
			Expect(t.lastForm()).To(Equal(form("State", "active")))
			Expect(t.writes()).To(HaveLen(4 + i))
		}
		conv := t.is("reported", v1alpha1.ReasonSynced, "inactive")
		Expect(conv.Status.Drift).To(Equal([]v1alpha1.FieldDrift{{Field: "state", Desired: "active", Observed: "inactive"}}))
		Expect(t.writes()).To(HaveLen(5))
	})

	It("closed by a timer is the end of a normal life", func() {
		t.apply("vip", `{state: active, timers: {closed: PT10M}}`)
		conv := t.settled("vip", v1alpha1.ReasonSynced)
		Expect(conv.Status.Timers.DateClosed).To(Equal(second(t.only().Timers.Closed.Deadline)))
		t.sim.Advance(10 * time.Minute)
		conv = t.is("vip", v1alpha1.ReasonClosed, "closed")
		Expect(conv.Status.Drift).To(BeEmpty())
		Expect(conv.Status.Timers).To(BeNil())

		By("an edit comes too late and is not sent")
		t.change("vip", func(s *v1alpha1.ConversationSpec) { s.FriendlyName = "Late" })
		conv = t.settled("vip", v1alpha1.ReasonConversationClosed)
		Expect(conv.Status.Drift).To(ContainElement(v1alpha1.FieldDrift{Field: "friendlyName", Desired: "Late"}))
		Expect(message(conv.Status.Conditions)).To(ContainSubstring("closedPolicy"))

		By("without the edit all is well again")
		t.change("vip", func(s *v1alpha1.ConversationSpec) { s.FriendlyName = "" })
		t.settled("vip", v1alpha1.ReasonClosed)
		Expect(t.writes()).To(HaveLen(1))
	})

	It("closed by the account's default timer is, too", func() {
		t.configure(func(c *simulator.Configuration) { c.DefaultClosedTimer = "PT20M"; c.DefaultInactiveTimer = "PT10M" })
		t.apply("vip", `{state: active}`)
		conv := t.settled("vip", v1alpha1.ReasonSynced)
		Expect(conv.Status.Timers.DateClosed).NotTo(BeNil())
		Expect(conv.Status.Drift).To(BeEmpty(), "a timer that the spec does not name is no drift")
		t.sim.Advance(11 * time.Minute)
		t.is("vip", v1alpha1.ReasonSynced, "inactive")
		t.sim.Advance(11 * time.Minute)
		t.is("vip", v1alpha1.ReasonClosed, "closed")
		Expect(t.writes()).To(HaveLen(1))
	})

	It("closed by somebody, where the spec names another, needs somebody to act", func() {
		t.apply("no-timer", `{state: active}`)
		t.apply("not-due", `{state: inactive, timers: {closed: PT1H}}`)
		for _, name := range []string{"no-timer", "not-due"} {
			t.state(t.settled(name, v1alpha1.ReasonSynced).Status.SID, simulator.Closed)
		}
		for _, name := range []string{"no-timer", "not-due"} {
			conv := t.is(name, v1alpha1.ReasonConversationClosed, "closed")
			Expect(conv.Status.Drift).To(ContainElement(HaveField("Field", "state")))
			Eventually(t.events(name)).Should(ContainElement(HavePrefix("Warning ConversationClosed ")))
		}
		t.change("no-timer", func(s *v1alpha1.ConversationSpec) { s.State = "" })
		Expect(t.settled("no-timer", v1alpha1.ReasonClosed).Status.Drift).To(BeEmpty())
		t.change("not-due", func(s *v1alpha1.ConversationSpec) { s.State = "closed" })
		Expect(t.settled("not-due", v1alpha1.ReasonClosed).Status.Drift).To(BeEmpty())
		Expect(t.writes()).To(HaveLen(2))
	})

	It("closed is sent once, and cannot be left", func() {
		t.apply("vip", `{state: active, timers: {closed: P1D}}`)
		t.settled("vip", v1alpha1.ReasonSynced)
		t.change("vip", func(s *v1alpha1.ConversationSpec) { s.State = "closed" })
		conv := t.settled("vip", v1alpha1.ReasonClosed)
		Expect(t.lastForm()).To(Equal(form("State", "closed")))
		Expect(conv.Status.Timers).To(BeNil())
		t.change("vip", func(s *v1alpha1.ConversationSpec) { s.FriendlyName, s.Timers = "Late", nil })
		conv = t.settled("vip", v1alpha1.ReasonClosed)
		Expect(conv.Status.Drift).To(ContainElement(HaveField("Field", "friendlyName")))
		t.change("vip", func(s *v1alpha1.ConversationSpec) { s.State = "active" })
		t.settled("vip", v1alpha1.ReasonConversationClosed)
		Expect(t.writes()).To(HaveLen(2))
	})

	It("closed on a new object survives lost answers", func() {
		t.fault(matchCreate(1), dropAfter)
		t.fault(matchUpdate(1), dropAfter)
		t.apply("done", `{state: closed, friendlyName: Done}`)
		conv := t.settled("done", v1alpha1.ReasonClosed)
		Expect(t.only().SID).To(Equal(conv.Status.SID))
		Expect(t.only().State).To(Equal(simulator.Closed))
		Expect(conv.Status.Drift).To(BeEmpty())
	})

	It("closed behind the operator's back ends an edit that is under way", func() {
		t.apply("free", `{friendlyName: One}`)
		t.apply("open", `{friendlyName: One, state: active}`)
		for name, want := range map[string]string{"free": v1alpha1.ReasonClosed, "open": v1alpha1.ReasonConversationClosed} {
			t.state(t.settled(name, v1alpha1.ReasonSynced).Status.SID, simulator.Closed)
			t.change(name, func(s *v1alpha1.ConversationSpec) { s.FriendlyName = "Two" })
			conv := t.settled(name, want)
			Expect(conv.Status.Drift).To(ContainElement(v1alpha1.FieldDrift{Field: "friendlyName", Desired: "Two", Observed: "One"}))
		}
		Expect(t.writes()).To(HaveLen(4), "two creates, and two edits that Twilio refused")
	})

	It("initializing is waited for", func() {
		there := t.seed(func(c *simulator.Conversation) { c.State = simulator.Initializing })
		t.apply("new", "{friendlyName: Mine, adoption: {sid: "+there.SID+"}}")
		conv := t.settled("new", v1alpha1.ReasonProgressing)
		Expect(message(conv.Status.Conditions)).To(Equal("Twilio is still setting the conversation up."))
		Expect(t.writes()).To(BeEmpty())
		t.state(there.SID, simulator.Active)
		t.settled("new", v1alpha1.ReasonSynced)
		Expect(t.writes()).To(HaveLen(1))
		Expect(t.only().FriendlyName).To(Equal("Mine"))
	})

	It("initializing that an edit runs into is no error", func() {
		t.apply("vip", `{friendlyName: One}`)
		conv := t.settled("vip", v1alpha1.ReasonSynced)
		t.state(conv.Status.SID, simulator.Initializing)
		t.change("vip", func(s *v1alpha1.ConversationSpec) { s.FriendlyName = "Two" })
		conv = t.settled("vip", v1alpha1.ReasonProgressing)
		Expect(message(conv.Status.Conditions)).To(ContainSubstring("50386"))
		t.state(conv.Status.SID, simulator.Active)
		t.settled("vip", v1alpha1.ReasonSynced)
		Expect(t.only().FriendlyName).To(Equal("Two"))
	})
})
