// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller_test

import (
	"fmt"
	"net/http"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
	"github.com/conversations-operator/conversations-operator/test/testbed/random"
)

var _ = Describe("closedPolicy: Recreate", func() {
	var t *tenant
	BeforeEach(func() { t = newTenantAt(ownTwilio(simulator.Options{})) })

	// reborn waits for a conversation in place of the first one.
	reborn := func(name, first string) *v1alpha1.Conversation {
		GinkgoHelper()
		Eventually(func() string { return t.get(name).Status.SID }).ShouldNot(Equal(first))
		return t.settled(name, v1alpha1.ReasonSynced)
	}

	It("starts a conversation over each time its timer closed it", func() {
		t.apply("round", `{closedPolicy: Recreate, uniqueName: round, state: active, timers: {closed: PT10M}, friendlyName: Round}`)
		conv := t.settled("round", v1alpha1.ReasonSynced)
		create := t.lastForm()
		for range 2 {
			first := conv.Status.SID
			service := "/v1/Services/" + conv.Status.ChatServiceSID + "/Conversations"
			before := len(t.writes())
			t.sim.Advance(11 * time.Minute)
			t.ask("round", random.Hex(4))
			conv = reborn("round", first)
			// A deletion that has to wait for its turn looks again first, so that only what is written is always the same.
			Expect(t.writes()[before:]).To(Equal([]sent{
				{http.MethodDelete, service + "/" + first, nil, ""},
				{http.MethodPost, "/v1/Conversations", create, ""},
			}))
			there := t.only()
			Expect(there.SID).To(Equal(conv.Status.SID))
			Expect(there.UniqueName).To(Equal("round"))
			Expect(conv.Status.State).To(Equal(v1alpha1.StateActive))
			Expect(conv.Status.Timers.DateClosed).To(Equal(second(there.Timers.Closed.Deadline)))
			Eventually(t.events("round")).Should(ContainElement(
				fmt.Sprintf("Normal Recreated Created conversation %s in place of %s.", there.SID, first)))
		}
		t.delete("round")
		t.gone("round")
		Expect(t.conversations()).To(BeEmpty())
	})

	It("also acts on one that was closed long ago", func() {
		t.apply("vip", `{}`)
		first := t.settled("vip", v1alpha1.ReasonSynced).Status.SID
		t.state(first, simulator.Closed)
		t.is("vip", v1alpha1.ReasonClosed, "closed")
		t.apply("vip", `{closedPolicy: Recreate}`)
		reborn("vip", first)
		Expect(t.conversations()).To(HaveLen(1))
	})

	It("also opens one that the spec said to close", func() {
		t.apply("vip", `{state: closed, closedPolicy: Recreate}`)
		first := t.settled("vip", v1alpha1.ReasonClosed).Status.SID
		t.apply("vip", `{state: active, closedPolicy: Recreate}`)
		conv := reborn("vip", first)
		Expect(conv.Status.State).To(Equal(v1alpha1.StateActive))
		Expect(t.conversations()).To(HaveLen(1))
	})

	It("leaves alone what the spec says is closed, what it must not create, and what is only reported", func() {
		there := t.seed(func(c *simulator.Conversation) { c.State = simulator.Closed })
		t.apply("wanted", `{closedPolicy: Recreate, state: closed}`)
		t.apply("named", "{closedPolicy: Recreate, adoption: {sid: "+there.SID+"}}")
		t.apply("reported", `{closedPolicy: Recreate, managementPolicy: Report}`)
		t.state(t.settled("reported", v1alpha1.ReasonSynced).Status.SID, simulator.Closed)
		for _, name := range []string{"wanted", "named", "reported"} {
			if name != "reported" {
				t.settled(name, v1alpha1.ReasonClosed)
			}
			t.is(name, v1alpha1.ReasonClosed, "closed")
		}
		Expect(t.conversations()).To(HaveLen(3))
		Expect(t.writes()).To(HaveLen(3), "two creates and one close")
	})

	It("comes to exactly one new conversation, whatever becomes of the answers", func() {
		const generated, users = "", ", uniqueName: round"
		cases := []struct {
			text       string
			match      simulator.Match
			effect     simulator.Effect
			uniqueName string
		}{
			{"the answer to the deletion is lost", matchDelete(1), dropAfter, generated},
			{"the deletion does not arrive", matchDelete(1), dropBefore, generated},
			{"the answer to the create is lost", matchCreate(1), dropAfter, generated},
			{"the answer to the create of a user's name is lost", matchCreate(1), dropAfter, users},
			{"the create does not arrive", matchCreate(1), dropBefore, users},
			{"Twilio is still busy with the name", matchCreate(1), simulator.Effect{Status: 409, Code: 50391}, users},
			{"the create is throttled", matchCreate(1), simulator.Effect{Status: 429, Code: 20429, RetryAfter: 1}, users},
		}
		at := make([]*tenant, len(cases))
		first := make([]string, len(cases))
		for i, c := range cases {
			at[i] = newTenantAt(t.sim)
			at[i].apply("round", "{closedPolicy: Recreate, timers: {closed: PT10M}, attributes: {a: 1}"+c.uniqueName+"}")
			first[i] = at[i].settled("round", v1alpha1.ReasonSynced).Status.SID
			at[i].fault(c.match, c.effect)
		}
		t.sim.Advance(11 * time.Minute)
		for _, t := range at {
			t.ask("round", "now")
		}
		for i, c := range cases {
			By(c.text)
			t := at[i]
			Eventually(func() string { return t.get("round").Status.SID }).ShouldNot(Equal(first[i]))
			conv := t.settled("round", v1alpha1.ReasonSynced)
			Expect(t.faultsApplied()).To(Equal(1))
			there := t.only()
			Expect(there.SID).To(Equal(conv.Status.SID))
			Expect(there.State).To(Equal(simulator.Active))
			Expect(conv.Status.Origin).To(Equal(v1alpha1.OriginCreated))
			Expect(conv.Status.State).To(Equal(v1alpha1.StateActive))
		}
	})

	It("is no mishap, however many are edited at once", func() {
		t.many(40, `{}`)
		for _, c := range t.conversations() {
			t.state(c.SID, simulator.Closed)
		}
		t.checkDrift()
		Eventually(func() int { return t.ready(v1alpha1.ReasonClosed) }).Should(Equal(40))
		before := len(t.requests())
		t.many(40, `{closedPolicy: Recreate}`)
		Expect(t.halted()).To(BeFalse())
		Expect(t.conversations()).To(HaveLen(40))
		Expect(t.conversations()).To(HaveEach(HaveField("State", simulator.Active)))
		Expect(t.since(before)).To(HaveLen(80), "one DELETE and one POST each")
	})

	It("does not leave what it deleted to look as if it had vanished while the creates wait", func() {
		t.many(20, `{}`)
		for _, c := range t.conversations() {
			t.state(c.SID, simulator.Closed)
		}
		t.checkDrift()
		Eventually(func() int { return t.ready(v1alpha1.ReasonClosed) }).Should(Equal(20))
		rule := t.fault(matchCreate(0), simulator.Effect{Status: http.StatusTooManyRequests, Code: 20429})
		for i := range 20 {
			t.apply(fmt.Sprintf("c%04d", i), `{closedPolicy: Recreate}`)
		}
		Eventually(t.conversations).Should(BeEmpty())
		Eventually(func() int { return t.ready(v1alpha1.ReasonProgressing) }).Should(Equal(20))
		Expect(t.sim.RemoveRule(rule)).To(Succeed())
		Eventually(func() int { return t.ready(v1alpha1.ReasonSynced) }, "60s").Should(Equal(20))
		Expect(t.conversations()).To(HaveLen(20))
		Expect(t.halted()).To(BeFalse())
	})

	It("leaves nothing behind when the object goes while the answer to the create is lost", func() {
		t.apply("round", `{closedPolicy: Recreate, uniqueName: round, timers: {closed: PT10M}}`)
		t.settled("round", v1alpha1.ReasonSynced)
		t.sim.Advance(11 * time.Minute)
		t.fault(matchCreate(1), dropAfter)
		rule := t.fault(simulator.Match{Operation: simulator.OperationFetch, Skip: 1}, htmlPage)
		t.ask("round", "now")
		t.settled("round", v1alpha1.ReasonTwilioUnavailable)
		t.delete("round")
		Expect(t.sim.RemoveRule(rule)).To(Succeed())
		t.gone("round")
		Expect(t.conversations()).To(BeEmpty())
	})
})
