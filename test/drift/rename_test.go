// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package drift

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

// squat makes a conversation at Twilio that has the name and no object, and answers its sid.
func (w *world) squat(uniqueName string) string {
	GinkgoHelper()
	sids, err := w.sim.Seed("", 1, func(_ int, c *simulator.Conversation) { c.UniqueName = uniqueName })
	Expect(err).NotTo(HaveOccurred())
	return sids[0]
}

var _ = Describe("A rename that was refused", func() {
	It("costs a drift check nothing, and is made once somebody asks and the name is free", func() {
		w := newWorld()
		w.conversation("vip", `{}`)
		sid := w.settled("vip", v1alpha1.ReasonSynced).Status.SID
		other := w.squat("taken")
		w.change("vip", func(c *v1alpha1.Conversation) { c.Spec.UniqueName = "taken" })
		w.settled("vip", v1alpha1.ReasonUniqueNameTaken)

		since, versions := w.mark(), w.versions()
		Expect(w.check().Drifted).To(BeZero())
		only(since, map[string]int{"list": 1})
		Expect(w.versions()).To(Equal(versions))

		By("recording what else changes at Twilio")
		w.edit(sid, func(c *simulator.Conversation) { c.FriendlyName = "Theirs" })
		w.check()
		Eventually(func() string { return w.get("vip").Status.FriendlyName }).Should(Equal("Theirs"))
		w.settled("vip", v1alpha1.ReasonUniqueNameTaken)
		only(since, map[string]int{"list": 2})

		Expect(w.sim.Remove(other)).To(Succeed())
		w.look("vip")
		Expect(w.settled("vip", v1alpha1.ReasonSynced).Status.UniqueName).To(Equal("taken"))
	})

	It("although it was to put drift right costs nothing either, after it was tried once", func() {
		w := newWorld()
		w.conversation("vip", `{uniqueName: mine}`)
		sid := w.settled("vip", v1alpha1.ReasonSynced).Status.SID
		w.edit(sid, func(c *simulator.Conversation) { c.UniqueName = "theirs" })
		w.squat("mine")
		w.check()
		w.settled("vip", v1alpha1.ReasonUniqueNameTaken)
		w.check()
		since, versions := w.mark(), w.versions()
		w.check()
		only(since, map[string]int{"list": 1})
		Expect(w.versions()).To(Equal(versions))
	})
})
