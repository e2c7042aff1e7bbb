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

var _ = Describe("A timer", func() {
	var t *tenant
	BeforeEach(func() { t = newTenantAt(ownTwilio(simulator.Options{})) })

	deadline := func() time.Time { return t.only().Timers.Closed.Deadline }

	It("is not sent again, neither with another edit nor after a message", func() {
		t.apply("vip", `{timers: {closed: PT1H}}`)
		t.settled("vip", v1alpha1.ReasonSynced)
		first := deadline()
		t.sim.Advance(30 * time.Minute)
		t.change("vip", func(s *v1alpha1.ConversationSpec) { s.FriendlyName = "New" })
		conv := t.settled("vip", v1alpha1.ReasonSynced)
		Expect(t.lastForm()).To(Equal(form("FriendlyName", "New")))
		Expect(deadline()).To(Equal(first))
		Expect(conv.Status.Timers.DateClosed).To(Equal(second(first)))

		Expect(t.sim.Message(conv.Status.SID)).To(Succeed())
		conv = t.look("vip")
		Expect(deadline()).To(BeTemporally(">", first))
		Expect(conv.Status.Timers.DateClosed).To(Equal(second(deadline())))
		Expect(t.writes()).To(HaveLen(2))
	})

	It("starts anew when it is edited", func() {
		t.apply("vip", `{timers: {closed: PT1H}}`)
		t.settled("vip", v1alpha1.ReasonSynced)
		t.sim.Advance(30 * time.Minute)
		before := t.sim.Now()
		t.change("vip", func(s *v1alpha1.ConversationSpec) { s.Timers.Closed = "PT2H" })
		conv := t.settled("vip", v1alpha1.ReasonSynced)
		Expect(deadline()).To(And(BeTemporally(">=", before.Add(2*time.Hour)), BeTemporally("<=", t.sim.Now().Add(2*time.Hour))))
		Expect(conv.Status.Timers.DateClosed).To(Equal(second(deadline())))
	})

	It("PT0S stops the account's default, and so does dropping one", func() {
		t.configure(func(c *simulator.Configuration) { c.DefaultClosedTimer = "PT20M" })
		t.apply("none", `{timers: {closed: PT0S}}`)
		Expect(t.settled("none", v1alpha1.ReasonSynced).Status.Timers).To(BeNil())
		t.apply("dropped", `{timers: {closed: PT1H}}`)
		Expect(t.settled("dropped", v1alpha1.ReasonSynced).Status.Timers).NotTo(BeNil())
		t.apply("dropped", `{}`)
		Expect(t.settled("dropped", v1alpha1.ReasonSynced).Status.Timers).To(BeNil())
		t.apply("none", `{}`)
		t.settled("none", v1alpha1.ReasonSynced)
		t.sim.Advance(24 * time.Hour)
		t.is("none", v1alpha1.ReasonSynced, "active")
		t.is("dropped", v1alpha1.ReasonSynced, "active")
		Expect(t.writes()).To(HaveLen(3), "dropping PT0S changes nothing")
	})

	It("that restarts with every update is not sent again either", func() {
		t.sim.SetQuirks(simulator.Quirks{RestartTimersOnUpdate: true})
		t.apply("vip", `{timers: {closed: PT1H, inactive: PT30M}}`)
		t.settled("vip", v1alpha1.ReasonSynced)
		t.sim.Advance(20 * time.Minute)
		t.change("vip", func(s *v1alpha1.ConversationSpec) { s.FriendlyName = "New" })
		conv := t.settled("vip", v1alpha1.ReasonSynced)
		Expect(conv.Status.Timers.DateClosed).To(Equal(second(deadline())))
		conv = t.look("vip")
		Expect(conv.Status.Drift).To(BeEmpty())
		Expect(t.writes()).To(HaveLen(2))
	})

	It("that Twilio does not let go of is reported as refused, and stays", func() {
		t.sim.SetQuirks(simulator.Quirks{RefuseZeroTimers: true})
		t.apply("vip", `{timers: {closed: PT1H}}`)
		t.settled("vip", v1alpha1.ReasonSynced)
		t.apply("vip", `{}`)
		conv := t.settled("vip", v1alpha1.ReasonRejected)
		Expect(message(conv.Status.Conditions)).To(ContainSubstring("50376"))
		Expect(conv.Status.Timers.DateClosed).To(Equal(second(deadline())))
		t.apply("vip", `{timers: {closed: PT1H}}`)
		t.settled("vip", v1alpha1.ReasonSynced)
		Expect(t.writes()).To(HaveLen(2), "the refused one changed nothing, so the timer runs as it was sent first")
	})
})
