// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller_test

import (
	"fmt"
	"net/url"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

// tampering is a change of one field behind the operator's back.
type tampering struct {
	// spec has the field, and value is what it says.
	spec, field, value string
	change             func(*simulator.Conversation)
	// observed is what Twilio then has, and correction what is sent to put it right.
	observed   string
	correction url.Values
}

var _ = DescribeTable("What changes behind the operator's back is corrected, or reported, as the policy says:",
	func(c tampering) {
		t := newTenant()
		states := []string{simulator.Active, simulator.Inactive, simulator.Closed}
		for _, policy := range []v1alpha1.ManagementPolicy{"Enforce", "Report"} {
			for _, state := range states {
				t.apply(name(policy, state), fmt.Sprintf("{state: %s, managementPolicy: %s, %s}", state, policy, c.spec))
			}
		}
		for _, state := range states {
			// Observe has something to observe only where it was there before.
			t.apply(name("Observe", state), fmt.Sprintf("{state: %s, %s}", state, c.spec))
		}
		for _, state := range states {
			want := v1alpha1.ReasonSynced
			if state == simulator.Closed {
				want = v1alpha1.ReasonClosed
			}
			t.settled(name("Enforce", state), want)
			t.settled(name("Report", state), want)
			t.settled(name("Observe", state), want)
			t.change(name("Observe", state), func(s *v1alpha1.ConversationSpec) { s.ManagementPolicy = "Observe" })
			t.settled(name("Observe", state), want)
		}
		before := len(t.writes())
		drift := []v1alpha1.FieldDrift{{Field: c.field, Desired: c.value, Observed: c.observed}}
		for _, there := range t.conversations() {
			t.edit(there.SID, c.change)
		}
		for _, policy := range []v1alpha1.ManagementPolicy{"Enforce", "Report", "Observe"} {
			for _, state := range states {
				By(fmt.Sprintf("%s, %s", policy, state))
				conv := t.look(name(policy, state))
				Expect(meta.IsStatusConditionTrue(conv.Status.Conditions, v1alpha1.ConditionReady)).To(BeTrue())
				corrected := policy == v1alpha1.ManagementPolicyEnforce && state != simulator.Closed
				Expect(meta.IsStatusConditionTrue(conv.Status.Conditions, v1alpha1.ConditionDrifted)).To(Equal(!corrected))
				if !corrected {
					Expect(conv.Status.Drift).To(Equal(drift))
					continue
				}
				Expect(conv.Status.Drift).To(BeEmpty())
				Expect(t.lastForm()).To(Equal(c.correction))
				Eventually(t.events(conv.Name)).Should(ContainElement("Normal DriftCorrected Corrected " + c.field + "."))
			}
		}
		Expect(t.writes()).To(HaveLen(before+2), "one for each that is enforced and open")
		Eventually(t.events(name("Report", simulator.Active))).Should(
			ContainElement("Normal DriftDetected Twilio differs from the spec in " + c.field + "."))

		// What is put back at Twilio is no drift any more.
		for _, there := range t.conversations() {
			t.edit(there.SID, func(now *simulator.Conversation) { restore(now, c) })
		}
		conv := t.look(name("Report", simulator.Inactive))
		Expect(conv.Status.Drift).To(BeEmpty())
		Expect(meta.FindStatusCondition(conv.Status.Conditions, v1alpha1.ConditionDrifted)).To(BeNil())
		Expect(t.writes()).To(HaveLen(before + 2))
	},
	Entry("friendlyName", tampering{
		spec: "friendlyName: Mine", field: "friendlyName", value: "Mine",
		change:   func(c *simulator.Conversation) { c.FriendlyName = "Theirs" },
		observed: "Theirs", correction: form("FriendlyName", "Mine"),
	}),
	Entry("attributes", tampering{
		spec: "attributes: {tier: gold, level: 1}", field: "attributes", value: `{"level":1,"tier":"gold"}`,
		change:   func(c *simulator.Conversation) { c.Attributes = `{"tier": "gold"}` },
		observed: `{"tier": "gold"}`, correction: form("Attributes", `{"level":1,"tier":"gold"}`),
	}),
	Entry("messagingServiceSid", tampering{
		spec: "messagingServiceSid: MG0123456789abcdef0123456789abcdef", field: "messagingServiceSid", value: "MG0123456789abcdef0123456789abcdef",
		change:   func(c *simulator.Conversation) { c.MessagingServiceSID = "MGffffffffffffffffffffffffffffffff" },
		observed: "MGffffffffffffffffffffffffffffffff", correction: form("MessagingServiceSid", "MG0123456789abcdef0123456789abcdef"),
	}),
	Entry("bindings.email.address", tampering{
		spec: "bindings: {email: {address: a@example.com}}", field: "bindings.email.address", value: "a@example.com",
		change:   func(c *simulator.Conversation) { c.Email.Address = "" },
		observed: "", correction: form("Bindings.Email.Address", "a@example.com"),
	}),
	Entry("bindings.email.name", tampering{
		spec: "bindings: {email: {name: Mine}}", field: "bindings.email.name", value: "Mine",
		change:   func(c *simulator.Conversation) { c.Email.Name = "Theirs" },
		observed: "Theirs", correction: form("Bindings.Email.Name", "Mine"),
	}),
)

// name of the object with that policy and state.
func name(policy v1alpha1.ManagementPolicy, state string) string {
	return strings.ToLower(string(policy)) + "-" + state
}

// restore undoes a tampering.
func restore(now *simulator.Conversation, c tampering) {
	was := map[string]*string{
		"friendlyName": &now.FriendlyName, "attributes": &now.Attributes, "messagingServiceSid": &now.MessagingServiceSID,
		"bindings.email.address": &now.Email.Address, "bindings.email.name": &now.Email.Name,
	}
	*was[c.field] = c.value
}

var _ = Describe("A policy", func() {
	It("Enforce gives a conversation its unique name back", func() {
		t := newTenant()
		t.apply("mine", `{uniqueName: mine}`)
		t.apply("generated", `{}`)
		mine, generated := t.settled("mine", v1alpha1.ReasonSynced), t.settled("generated", v1alpha1.ReasonSynced)
		for i, conv := range []*v1alpha1.Conversation{mine, generated} {
			t.edit(conv.Status.SID, func(c *simulator.Conversation) { c.UniqueName = "" })
			t.look(conv.Name)
			Expect(t.lastForm()).To(Equal(form("UniqueName", conv.Status.UniqueName)))
			Expect(t.writes()).To(HaveLen(3 + i))
		}
	})

	It("Enforce corrects everything in one request", func() {
		t := newTenant()
		t.apply("vip", everyField)
		conv := t.settled("vip", v1alpha1.ReasonSynced)
		t.edit(conv.Status.SID, func(c *simulator.Conversation) {
			c.FriendlyName, c.Attributes, c.Email, c.UniqueName = "x", "{}", simulator.Email{}, "y"
			c.Timers = simulator.Timers{}
			c.DateCreated = c.DateCreated.AddDate(1, 0, 0)
		})
		t.look("vip")
		want := form()
		for _, key := range []string{"FriendlyName", "Attributes", "Bindings.Email.Address", "Bindings.Email.Name", "UniqueName"} {
			want[key] = everyFieldForm[key]
		}
		Expect(t.writes()).To(HaveLen(2), "dates and timers are never compared with what was sent")
		Expect(t.lastForm()).To(Equal(want))
	})

	It("Enforce sends an edit and a correction in one request", func() {
		t := newTenant()
		t.apply("vip", `{friendlyName: One, attributes: {a: 1}}`)
		conv := t.settled("vip", v1alpha1.ReasonSynced)
		t.edit(conv.Status.SID, func(c *simulator.Conversation) { c.Attributes = "{}" })
		t.change("vip", func(s *v1alpha1.ConversationSpec) { s.Suspend = true })
		t.settled("vip", v1alpha1.ReasonSynced)
		t.ask("vip", "now")
		t.change("vip", func(s *v1alpha1.ConversationSpec) { s.FriendlyName, s.Suspend = "Two", false })
		t.settled("vip", v1alpha1.ReasonSynced)
		Expect(t.lastForm()).To(Equal(form("FriendlyName", "Two", "Attributes", `{"a":1}`)))
		Expect(t.writes()).To(HaveLen(2))
	})

	It("Report applies edits and leaves the drift beside them", func() {
		t := newTenant()
		t.apply("vip", `{managementPolicy: Report, friendlyName: One, attributes: {a: 1}}`)
		conv := t.settled("vip", v1alpha1.ReasonSynced)
		t.edit(conv.Status.SID, func(c *simulator.Conversation) { c.Attributes = "{}" })
		t.look("vip")
		t.change("vip", func(s *v1alpha1.ConversationSpec) { s.FriendlyName = "Two" })
		conv = t.settled("vip", v1alpha1.ReasonSynced)
		Expect(t.lastForm()).To(Equal(form("FriendlyName", "Two")))
		Expect(conv.Status.Drift).To(Equal([]v1alpha1.FieldDrift{{Field: "attributes", Desired: `{"a":1}`, Observed: "{}"}}))
	})

	It("that becomes Enforce puts right what was reported", func() {
		t := newTenant()
		t.apply("vip", `{managementPolicy: Report, friendlyName: One}`)
		conv := t.settled("vip", v1alpha1.ReasonSynced)
		t.edit(conv.Status.SID, func(c *simulator.Conversation) { c.FriendlyName = "Theirs" })
		Expect(t.look("vip").Status.Drift).To(HaveLen(1))
		t.change("vip", func(s *v1alpha1.ConversationSpec) { s.ManagementPolicy = "" })
		conv = t.settled("vip", v1alpha1.ReasonSynced)
		Expect(conv.Status.Drift).To(BeEmpty())
		Expect(t.only().FriendlyName).To(Equal("One"))
	})

	It("Report says that a conversation is gone, and Enforce then makes a new one", func() {
		t := newTenant()
		t.apply("vip", `{managementPolicy: Report, friendlyName: One}`)
		conv := t.settled("vip", v1alpha1.ReasonSynced)
		first := conv.Status.SID
		Expect(t.sim.Remove(first)).To(Succeed())
		conv = t.look("vip")
		Expect(reason(conv.Status.Conditions)).To(Equal(v1alpha1.ReasonConversationMissing))
		Expect(message(conv.Status.Conditions)).To(ContainSubstring(first))
		Expect(conv.Status.SID).To(Equal(first), "the last good state stays")
		Expect(t.conversations()).To(BeEmpty())

		t.change("vip", func(s *v1alpha1.ConversationSpec) { s.ManagementPolicy = "Enforce" })
		conv = t.settled("vip", v1alpha1.ReasonSynced)
		Expect(conv.Status.SID).To(Equal(t.only().SID))
		Eventually(t.events("vip")).Should(ContainElement(
			fmt.Sprintf("Normal Recreated Created conversation %s in place of %s.", conv.Status.SID, first)))
	})

	It("Enforce makes a vanished conversation anew, once", func() {
		t := newTenant()
		t.apply("vip", everyField)
		conv := t.settled("vip", v1alpha1.ReasonSynced)
		first := conv.Status.SID
		Expect(t.sim.Remove(first)).To(Succeed())
		conv = t.look("vip")
		Expect(t.lastForm()).To(Equal(everyFieldForm))
		Expect(conv.Status.SID).To(Equal(t.only().SID))
		Expect(conv.Status.Origin).To(Equal(v1alpha1.OriginCreated))
		t.delete("vip")
		t.gone("vip")
		Expect(t.conversations()).To(BeEmpty())
	})

	It("Observe never writes, not even on deletion", func() {
		t := newTenant()
		there := t.seed(func(c *simulator.Conversation) { c.FriendlyName = "Theirs"; c.UniqueName = "legacy" })
		t.apply("watched", `{managementPolicy: Observe, deletionPolicy: Delete, uniqueName: legacy, friendlyName: Mine, timers: {closed: PT1H}}`)
		conv := t.settled("watched", v1alpha1.ReasonSynced)
		Expect(conv.Status.SID).To(Equal(there.SID))
		Expect(conv.Status.Drift).To(ContainElement(v1alpha1.FieldDrift{Field: "friendlyName", Desired: "Mine", Observed: "Theirs"}))
		t.change("watched", func(s *v1alpha1.ConversationSpec) { s.FriendlyName = "Theirs" })
		conv = t.settled("watched", v1alpha1.ReasonSynced)
		Expect(conv.Status.Drift).NotTo(ContainElement(HaveField("Field", "friendlyName")))
		t.delete("watched")
		t.gone("watched")
		Expect(t.writes()).To(BeEmpty())
		Expect(t.only().SID).To(Equal(there.SID))
	})
})
