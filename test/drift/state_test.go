// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package drift

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
	"github.com/conversations-operator/conversations-operator/test/testbed"
)

var _ = Describe("A timer that fired between two checks", func() {
	It("shows in the status, by the list alone, and is not corrected", func() {
		w := newWorld()
		w.conversation("open", `{state: active, timers: {inactive: PT1H, closed: P2D}}`)
		w.conversation("free", `{timers: {inactive: PT1H, closed: P2D}}`)
		w.all(2, v1alpha1.ReasonSynced)
		since := w.mark()
		mirrored := func(name, state, reason string) {
			GinkgoHelper()
			Eventually(func(g Gomega) {
				conv := w.get(name)
				there := w.there()[conv.Status.SID]
				g.Expect(there.State).To(Equal(state))
				g.Expect(string(conv.Status.State)).To(Equal(state))
				g.Expect(testbed.Ready(conv.Status.Conditions).Reason).To(Equal(reason))
				g.Expect(dates(conv)).To(Equal([]time.Time{
					there.Timers.Inactive.Deadline.Truncate(time.Second), there.Timers.Closed.Deadline.Truncate(time.Second)}))
				g.Expect(conv.Status.DateUpdated.Time.UTC()).To(Equal(there.DateUpdated.Truncate(time.Second)))
				g.Expect(conv.Status.Drift).To(BeEmpty())
			}).Should(Succeed())
		}

		w.sim.Advance(2 * time.Hour)
		w.check()
		mirrored("open", simulator.Inactive, v1alpha1.ReasonSynced)
		mirrored("free", simulator.Inactive, v1alpha1.ReasonSynced)

		By("a message bringing it back to life")
		Expect(w.sim.Message(w.get("open").Status.SID)).To(Succeed())
		w.check()
		mirrored("open", simulator.Active, v1alpha1.ReasonSynced)

		By("the timer that closes it")
		w.sim.Advance(72 * time.Hour)
		w.check()
		mirrored("open", simulator.Closed, v1alpha1.ReasonClosed)
		mirrored("free", simulator.Closed, v1alpha1.ReasonClosed)
		only(since, map[string]int{"list": 3})

		By("nothing happening any more")
		versions := w.versions()
		w.check()
		only(since, map[string]int{"list": 4})
		Expect(w.versions()).To(Equal(versions))
	})

	It("lets a conversation start over where the spec says so, under the same name", func() {
		w := newWorld()
		w.conversation("vip", `{friendlyName: Mine, timers: {closed: PT10M}, closedPolicy: Recreate}`)
		old := w.settled("vip", v1alpha1.ReasonSynced).Status
		for range 2 {
			since := w.mark()
			w.sim.Advance(time.Hour)
			w.check()
			Eventually(func() string { return w.get("vip").Status.SID }).ShouldNot(Equal(old.SID))
			conv := w.settled("vip", v1alpha1.ReasonSynced)
			Expect(conv.Status.UniqueName).To(Equal(old.UniqueName))
			Expect(w.there()).To(HaveLen(1))
			Expect(w.there()[conv.Status.SID].State).To(Equal(simulator.Active))
			only(since, map[string]int{"list": 1, "fetch": 1, "delete": 1, "create": 1})
			old = conv.Status
		}
		Expect(w.halted()).To(BeFalse())
	})

	It("is no mishap, however many start over at once", func() {
		w := newWorld()
		w.many(20, same(`{timers: {closed: PT10M}, closedPolicy: Recreate}`))
		before := w.sids()
		w.sim.Advance(time.Hour)
		w.check()
		Eventually(func(g Gomega) {
			for name, sid := range w.sids() {
				g.Expect(sid).NotTo(Equal(before[name]))
			}
		}).Should(Succeed())
		w.all(20, v1alpha1.ReasonSynced)
		Expect(w.halted()).To(BeFalse())
		Expect(w.there()).To(HaveLen(20))
	})
})

// dates when the timers of the status fire, inactive and closed; zero for none.
func dates(conv *v1alpha1.Conversation) []time.Time {
	out := make([]time.Time, 2)
	if t := conv.Status.Timers; t != nil && t.DateInactive != nil {
		out[0] = t.DateInactive.UTC()
	}
	if t := conv.Status.Timers; t != nil && t.DateClosed != nil {
		out[1] = t.DateClosed.UTC()
	}
	return out
}
