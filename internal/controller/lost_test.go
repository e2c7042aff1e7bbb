// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller_test

import (
	"net/http"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

const (
	generatedName = `{friendlyName: One, attributes: {a: 1}, timers: {closed: P1D}}`
	usersName     = `{uniqueName: mine, friendlyName: One, attributes: {a: 1}, timers: {closed: P1D}}`
)

var _ = Describe("A create without a proper answer makes exactly one conversation:", func() {
	It("whatever becomes of the answer", func() {
		cases := []struct {
			text, spec string
			effects    []simulator.Effect
		}{
			{"the connection breaks after it took effect", usersName, []simulator.Effect{dropAfter}},
			{"the connection breaks after it took effect, under a generated name", generatedName, []simulator.Effect{dropAfter}},
			{"the connection breaks before it arrives", usersName, []simulator.Effect{dropBefore}},
			{"a proxy's page comes after it took effect", usersName, []simulator.Effect{{Status: 502, HTML: true, AfterEffect: true}}},
			{"a proxy's page comes instead", usersName, []simulator.Effect{htmlPage}},
			{"Twilio's 500 comes after it took effect", usersName, []simulator.Effect{{Status: 500, Code: 20500, AfterEffect: true}}},
			{"Twilio's 503 comes instead", usersName, []simulator.Effect{{Status: 503, Code: 20503}}},
			{"the body breaks off", usersName, []simulator.Effect{halfBody}},
			{"the body is empty", usersName, []simulator.Effect{emptyBody}},
			{"the body is a page with status 200", usersName, []simulator.Effect{{Status: 200, Body: "<html></html>", AfterEffect: true}}},
			{"it is redirected", usersName, []simulator.Effect{{Redirect: "https://example.com/"}}},
			{"it takes effect after the time is up", usersName, []simulator.Effect{late}},
			{"it takes effect after the time is up, under a generated name", generatedName, []simulator.Effect{late}},
			{"Twilio is busy with the name", usersName, []simulator.Effect{{Status: 409, Code: 50391}}},
			{"one answer after the other is lost", usersName, []simulator.Effect{dropBefore, htmlPage, emptyBody}},
			{"one answer after the other is lost, under a generated name", generatedName, []simulator.Effect{dropBefore, htmlPage, emptyBody}},
			{"Twilio says 429 first and loses the answer then", usersName, []simulator.Effect{{Status: 429, Code: 20429}, dropAfter}},
		}
		at := make([]*tenant, len(cases))
		for i, c := range cases {
			at[i] = newTenant()
			for _, effect := range c.effects {
				at[i].fault(matchCreate(1), effect)
			}
			at[i].apply("vip", c.spec)
		}
		for i, c := range cases {
			By(c.text)
			t := at[i]
			conv := t.settled("vip", v1alpha1.ReasonSynced)
			Expect(t.faultsApplied()).To(Equal(len(c.effects)))
			there := t.only()
			Expect(conv.Status.SID).To(Equal(there.SID))
			Expect(conv.Status.Origin).To(Equal(v1alpha1.OriginCreated))
			Expect(conv.Status.Drift).To(BeEmpty())
			Expect(conv.Status.Timers.DateClosed).To(Equal(second(there.Timers.Closed.Deadline)))
			Expect(t.writes()).To(HaveEach(HaveField("Path", "/v1/Conversations")), "nothing is sent but the create")
		}
	})

	It("Twilio cannot be reached, until it can", func() {
		t := newTenant()
		t.cut()
		t.apply("vip", `{uniqueName: mine}`)
		conv := t.settled("vip", v1alpha1.ReasonTwilioUnavailable)
		Expect(message(conv.Status.Conditions)).To(Equal("no answer from Twilio: connection refused. It is tried again."))
		t.dial()
		conv = t.settled("vip", v1alpha1.ReasonSynced)
		Expect(conv.Status.SID).To(Equal(t.only().SID))
	})

	It("the look for it finds a page, and nothing is concluded from that", func() {
		t := newTenant()
		t.fault(matchCreate(1), dropAfter)
		t.fault(simulator.Match{Operation: simulator.OperationFetch, Count: 1}, htmlPage)
		t.fault(simulator.Match{Operation: simulator.OperationFetch, Count: 1}, simulator.Effect{Status: 404, HTML: true})
		t.apply("vip", `{uniqueName: mine, friendlyName: One}`)
		conv := t.settled("vip", v1alpha1.ReasonSynced)
		Expect(conv.Status.SID).To(Equal(t.only().SID))
		Expect(t.requests()).To(asked("create", "fetch", "fetch", "fetch"))
	})

	It("the user edits the spec before the answer is found", func() {
		t := newTenant()
		t.fault(matchCreate(1), dropAfter)
		rule := t.fault(simulator.Match{Operation: simulator.OperationFetch}, htmlPage)
		t.apply("vip", `{uniqueName: mine, friendlyName: One}`)
		t.settled("vip", v1alpha1.ReasonTwilioUnavailable)
		t.apply("vip", `{uniqueName: yours, friendlyName: Two}`)
		Expect(t.sim.RemoveRule(rule)).To(Succeed())
		conv := t.settled("vip", v1alpha1.ReasonSynced)
		there := t.only()
		Expect(conv.Status.SID).To(Equal(there.SID))
		Expect(there.UniqueName).To(Equal("yours"))
		Expect(there.FriendlyName).To(Equal("Two"))
	})

	It("somebody else takes the name first, which is then not the operator's", func() {
		t := newTenant()
		t.fault(matchCreate(1), dropBefore)
		rule := t.fault(simulator.Match{Operation: simulator.OperationFetch}, htmlPage)
		t.apply("vip", `{uniqueName: mine, friendlyName: Mine}`)
		t.settled("vip", v1alpha1.ReasonTwilioUnavailable)
		there := t.seed(func(c *simulator.Conversation) { c.UniqueName, c.FriendlyName = "mine", "Theirs" })
		Expect(t.sim.RemoveRule(rule)).To(Succeed())
		conv := t.settled("vip", v1alpha1.ReasonUniqueNameTaken)
		Expect(message(conv.Status.Conditions)).To(ContainSubstring(there.SID))
		t.delete("vip")
		t.gone("vip")
		Expect(t.only()).To(Equal(there))
	})
})

var _ = Describe("A throttled object", func() {
	for text, effect := range map[string]simulator.Effect{
		"without Retry-After": {Status: http.StatusTooManyRequests, Code: 20429},
		"with Retry-After":    {Status: http.StatusTooManyRequests, Code: 50074, RetryAfter: 1},
		"by a page":           {Status: http.StatusTooManyRequests, HTML: true},
	} {
		It("writes no status and is tried again, "+text, func() {
			t := newTenant()
			rule := t.fault(matchCreate(0), effect)
			t.apply("vip", `{uniqueName: mine}`)
			Eventually(t.applied(rule)).Should(BeNumerically(">=", 2))
			conv := t.get("vip")
			Expect(conv.Status.Conditions).To(BeEmpty())
			Expect(conv.Status.ObservedGeneration).To(BeEquivalentTo(-1))
			Expect(t.sim.RemoveRule(rule)).To(Succeed())
			conv = t.settled("vip", v1alpha1.ReasonSynced)
			Expect(conv.Status.SID).To(Equal(t.only().SID))
			Expect(t.events("vip")()).NotTo(ContainElement(HavePrefix("Warning")))
		})
	}

	for _, edit := range []string{
		`{friendlyName: One, timers: {closed: PT1H}}`, `{friendlyName: One, state: inactive}`, `{friendlyName: One, attributes: {a: 1}}`,
		`{friendlyName: Two, managementPolicy: Report}`,
	} {
		It("keeps its last status while an edit waits that a lost answer would leave no trace of: "+edit, func() {
			t := newTenant()
			t.apply("vip", `{friendlyName: One}`)
			before := t.settled("vip", v1alpha1.ReasonSynced)
			rule := t.fault(matchUpdate(0), simulator.Effect{Status: http.StatusTooManyRequests, RetryAfter: 1})
			t.apply("vip", edit)
			Eventually(t.applied(rule)).Should(BeNumerically(">=", 3))
			Expect(t.get("vip").Status).To(Equal(before.Status))
			Expect(t.sim.RemoveRule(rule)).To(Succeed())
			t.settled("vip", v1alpha1.ReasonSynced)
		})
	}

	It("that is edited once more, or as it was, does not wait for what was turned away", func() {
		t := newTenant()
		t.apply("vip", `{timers: {closed: P1D}}`)
		t.settled("vip", v1alpha1.ReasonSynced)
		rule := t.fault(matchUpdate(0), simulator.Effect{Status: http.StatusTooManyRequests, RetryAfter: 1})
		t.apply("vip", `{timers: {closed: P2D}}`)
		Eventually(t.applied(rule)).Should(BeNumerically(">=", 1))
		t.apply("vip", `{timers: {closed: P1D}}`)
		t.settled("vip", v1alpha1.ReasonSynced)
		t.apply("vip", `{timers: {closed: P3D}}`)
		Eventually(t.applied(rule)).Should(BeNumerically(">=", 2))
		Expect(t.sim.RemoveRule(rule)).To(Succeed())
		t.apply("vip", `{timers: {closed: P4D}}`)
		t.settled("vip", v1alpha1.ReasonSynced)
		Expect(t.lastForm()).To(Equal(form("Timers.Closed", "P4D")))
		Eventually(t.events("vip")).Should(HaveLen(2), "one of the creation and one of the edit that was taken")
		Expect(t.events("vip")()).To(HaveLen(2))
	})

	It("keeps its last status while an edit waits", func() {
		t := newTenant()
		t.apply("vip", `{friendlyName: One}`)
		before := t.settled("vip", v1alpha1.ReasonSynced)
		rule := t.fault(matchUpdate(0), simulator.Effect{Status: http.StatusTooManyRequests, RetryAfter: 1})
		t.apply("vip", `{friendlyName: Two}`)
		Eventually(t.applied(rule)).Should(BeNumerically(">=", 2))
		conv := t.get("vip")
		Expect(conv.Status).To(Equal(before.Status))
		Eventually(versions).WithArguments(conv).Should(Equal(4), "the creation, the record, the status, the edit")
		Expect(t.sim.RemoveRule(rule)).To(Succeed())
		t.settled("vip", v1alpha1.ReasonSynced)
		Expect(t.only().FriendlyName).To(Equal("Two"))
	})
})
