// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller_test

import (
	"fmt"
	"net/http"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
	"github.com/conversations-operator/conversations-operator/test/testbed/random"
)

var _ = Describe("A spec that is refused", func() {
	It("for the size of its attributes is not even sent, and the last good state stays", func() {
		t := newTenant()
		t.apply("new", "attributes: "+kibibytes(17))
		conv := t.settled("new", v1alpha1.ReasonRejected)
		Expect(message(conv.Status.Conditions)).To(SatisfyAll(
			ContainSubstring("spec.attributes"), ContainSubstring(fmt.Sprint(17<<10)), ContainSubstring(fmt.Sprint(16<<10)), ContainSubstring("shorten")))
		Expect(t.requests()).To(BeEmpty())
		t.apply("new", "attributes: "+kibibytes(16))
		t.settled("new", v1alpha1.ReasonSynced)

		t.apply("new", "{friendlyName: Two, attributes: "+kibibytes(17)+"}")
		conv = t.settled("new", v1alpha1.ReasonRejected)
		Expect(conv.Status.SID).To(Equal(t.only().SID))
		Expect(conv.Status.State).To(Equal(v1alpha1.StateActive))
		Expect(t.only().FriendlyName).To(BeEmpty())
		Expect(t.only().Attributes).To(HaveLen(16 << 10))
		Expect(t.requests()).To(asked("create"))
		Eventually(t.events("new")).Should(ContainElement(HavePrefix("Warning Rejected ")))

		t.apply("new", "{friendlyName: Two}")
		t.settled("new", v1alpha1.ReasonSynced)
		Expect(t.only().Attributes).To(Equal("{}"))
	})

	It("by Twilio says why, is sent once, and makes nothing", func() {
		t := newTenant()
		t.configure(func(c *simulator.Configuration) { c.MessagingServices = []string{"MG0123456789abcdef0123456789abcdef"} })
		t.apply("vip", "{uniqueName: mine, messagingServiceSid: MGffffffffffffffffffffffffffffffff}")
		conv := t.settled("vip", v1alpha1.ReasonRejected)
		Expect(message(conv.Status.Conditions)).To(Equal(
			"Twilio answered 400: Messaging service does not belong to account (50342): correct the spec."))
		Consistently(t.requests).Should(asked("create"))
		t.apply("vip", "{uniqueName: mine, messagingServiceSid: MG0123456789abcdef0123456789abcdef}")
		conv = t.settled("vip", v1alpha1.ReasonSynced)
		Expect(t.requests()).To(asked("create", "fetch", "create"), "a refusal is no proof that nothing was created")
		Expect(conv.Status.MessagingServiceSID).To(Equal("MG0123456789abcdef0123456789abcdef"))
		Expect(conv.Status.SID).To(Equal(t.only().SID))
	})

	It("with the longest words still tells all of it in Ready, and what an event has room for", func() {
		t := newTenant()
		name := strings.Repeat("🎉", 256)
		there := t.legacy(name)
		t.apply("named", "{uniqueName: "+name+"}")
		conv := t.settled("named", v1alpha1.ReasonUniqueNameTaken)
		Expect(message(conv.Status.Conditions)).To(SatisfyAll(ContainSubstring(there.SID), HaveSuffix("choose another uniqueName.")))
		t.fault(matchCreate(0), simulator.Effect{Status: http.StatusBadRequest, Code: 50003, Message: strings.Repeat("too long ", 200)})
		t.apply("vip", "{friendlyName: One}")
		conv = t.settled("vip", v1alpha1.ReasonRejected)
		Expect(message(conv.Status.Conditions)).To(HaveSuffix("(50003): correct the spec."))

		Eventually(t.events("named")).Should(ContainElement(HavePrefix("Warning UniqueNameTaken The unique name ")))
		Eventually(t.events("vip")).Should(ContainElement(HavePrefix("Warning Rejected Twilio answered 400: too long ")))
	})

	It("by Twilio is told although somebody labels the object meanwhile", func() {
		t := newTenant()
		rule := t.fault(matchCreate(1), simulator.Effect{Hold: true, Status: http.StatusBadRequest, Code: 50342})
		t.apply("vip", "{}")
		Eventually(t.applied(rule)).Should(Equal(1))
		t.label("vip")
		Expect(t.sim.RemoveRule(rule)).To(Succeed())
		t.settled("vip", v1alpha1.ReasonRejected)
		Expect(t.requests()).To(asked("create"))
	})

	It("by Twilio on an edit leaves everything as it was, and may come true later", func() {
		t := newTenant()
		t.configure(func(c *simulator.Configuration) { c.MessagingServices = []string{"MG0123456789abcdef0123456789abcdef"} })
		t.apply("vip", "{friendlyName: One}")
		before := t.settled("vip", v1alpha1.ReasonSynced)
		t.apply("vip", "{friendlyName: Two, messagingServiceSid: MGffffffffffffffffffffffffffffffff}")
		conv := t.settled("vip", v1alpha1.ReasonRejected)
		Expect(message(conv.Status.Conditions)).To(ContainSubstring("50342"))
		Expect(statusOf(conv)).To(Equal(statusOf(before)))
		Expect(t.only().FriendlyName).To(Equal("One"))
		Consistently(t.requests).Should(asked("create", "update"))

		t.configure(func(c *simulator.Configuration) {
			c.MessagingServices = append(c.MessagingServices, "MGffffffffffffffffffffffffffffffff")
		})
		conv = t.look("vip")
		Expect(reason(conv.Status.Conditions)).To(Equal(v1alpha1.ReasonSynced))
		Expect(t.only().FriendlyName).To(Equal("Two"))
	})

	It("because of a service that the account does not have says so, until it has", func() {
		t := newTenantAt(ownTwilio(simulator.Options{}))
		for i, code := range []int{20404, 50050} {
			t.sim.SetQuirks(simulator.Quirks{ServiceNotFoundCode: code})
			name, service := fmt.Sprintf("vip-%d", i), random.SID("IS")
			t.apply(name, "{chatServiceSid: "+service+", uniqueName: mine}")
			conv := t.settled(name, v1alpha1.ReasonRejected)
			Expect(message(conv.Status.Conditions)).To(SatisfyAll(ContainSubstring(fmt.Sprint(code)), ContainSubstring("spec.chatServiceSid")))
			Expect(t.sim.AddService(t.SID, service)).To(Succeed())
			conv = t.look(name)
			Expect(reason(conv.Status.Conditions)).To(Equal(v1alpha1.ReasonSynced))
			Expect(conv.Status.ChatServiceSID).To(Equal(service))
		}
	})

	It("and never came to be is deleted at once", func() {
		t := newTenant()
		t.apply("vip", "chatServiceSid: IS"+random.Hex(16))
		t.settled("vip", v1alpha1.ReasonRejected)
		t.delete("vip")
		t.gone("vip")
		Expect(t.requests()).To(asked("create", "fetch"), "a refusal is no proof that nothing was created")
	})

	It("is not sent again, however often it is looked at, unless somebody asks or the credentials change", func() {
		t := newTenant()
		t.apply("vip", "chatServiceSid: IS"+random.Hex(16))
		conv := t.settled("vip", v1alpha1.ReasonRejected)
		for range 3 {
			t.relabel("some", random.Hex(4))
		}
		t.changeAccount(func(s *v1alpha1.TwilioAccountSpec) { s.MaxConcurrentRequests = new(int32(7)) })
		t.accountIs(v1alpha1.ReasonAuthenticated)
		Consistently(t.requests, "300ms").Should(asked("create"))
		Expect(t.get("vip").ResourceVersion).To(Equal(conv.ResourceVersion))
		t.look("vip")
		Expect(t.requests()).To(asked("create", "fetch", "create"))
		t.setSecret(map[string]string{"TWILIO_ACCOUNT_SID": t.SID, "TWILIO_API_KEY": t.key.SID, "TWILIO_API_SECRET": t.key.Secret})
		Eventually(t.requests).Should(asked("create", "fetch", "create", "fetch", "create"))
	})

	It("for a name that is too long for Twilio names the code", func() {
		t := newTenantAt(ownTwilio(simulator.Options{Quirks: simulator.Quirks{UniqueNameMax: 64}}))
		t.apply("generated", `{}`)
		t.settled("generated", v1alpha1.ReasonSynced)
		t.apply("long", "uniqueName: "+strings.Repeat("x", 65))
		Expect(message(t.settled("long", v1alpha1.ReasonRejected).Status.Conditions)).To(ContainSubstring("50004"))
	})
})
