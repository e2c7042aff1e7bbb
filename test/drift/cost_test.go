// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package drift

import (
	"fmt"
	"maps"
	"slices"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

var _ = Describe("A drift check of 1,000 conversations", Ordered, func() {
	const n = 1000
	var w *world
	BeforeAll(func() {
		w = newWorldWith(func(*v1alpha1.TwilioAccountSpec) {})
		// Adopted rather than created: Twilio takes 30 creates a second.
		sids, err := w.sim.Seed("", n, func(i int, c *simulator.Conversation) {
			c.UniqueName, c.FriendlyName, c.Attributes = name(i), fmt.Sprint("No. ", i), fmt.Sprintf(`{"no":%d}`, i)
		})
		Expect(err).NotTo(HaveOccurred())
		w.many(n, func(i int) string {
			return fmt.Sprintf(`{friendlyName: "No. %d", attributes: {no: %d}, adoption: {sid: %s}}`, i, i, sids[i])
		})
	})

	It("takes 10 requests where all are in sync, and writes none of them", func() {
		versions, since := w.versions(), w.mark()
		check := w.check()
		Expect(check.Requests).To(BeEquivalentTo(10))
		Expect(check.Listed).To(BeEquivalentTo(n))
		Expect(check.Checked).To(BeEquivalentTo(n))
		Expect(check.Drifted).To(BeZero())
		only(since, map[string]int{"list": 10})
		Expect(w.versions()).To(Equal(versions))
	})

	It("reads exactly those again that were changed behind our back, and corrects each with one POST", func() {
		sids := slices.Sorted(maps.Keys(w.there()))
		changed := sids[500:520]
		for i, sid := range changed {
			w.edit(sid, func(c *simulator.Conversation) {
				if i%2 == 0 {
					c.FriendlyName = "Theirs"
				} else {
					c.Attributes = `{"no":-1}`
				}
			})
		}
		since := w.mark()
		check := w.check()
		Expect(check.Drifted).To(BeEquivalentTo(len(changed)))
		Eventually(func() map[string]int { return operations(since()) }).Should(Equal(map[string]int{"list": 10, "fetch": 20, "update": 20}))
		Expect(concerned(since(), simulator.OperationFetch)).To(Equal(changed))
		Expect(concerned(since(), simulator.OperationUpdate)).To(Equal(changed))
		w.all(n, v1alpha1.ReasonSynced)
		for _, conv := range w.objects() {
			there := w.there()[conv.Status.SID]
			Expect(there.FriendlyName).To(Equal(conv.Spec.FriendlyName))
			Expect(there.Attributes).To(MatchJSON(conv.Spec.Attributes.Raw))
		}
		Expect(w.check().Drifted).To(BeZero())
		only(since, map[string]int{"list": 20, "fetch": 20, "update": 20})
	})

	It("is not made by a restart before it is due, which asks nothing and writes nothing", func() {
		w.check()
		versions, since := w.versions(), w.mark()
		w.stop()
		before := reconciles()
		w.start()
		Eventually(reconciles).Should(BeNumerically(">=", before+n))
		only(since, map[string]int{})
		Expect(w.versions()).To(Equal(versions))
	})

	It("is all that a restart adds once it is due", func() {
		w.stop()
		due := w.overdue()
		versions, since := w.versions(), w.mark()
		before := reconciles()
		w.start()
		Eventually(func() bool { return w.account().Status.LastDriftCheck.CompletionTime.After(due) }).Should(BeTrue())
		Eventually(reconciles).Should(BeNumerically(">=", before+n))
		only(since, map[string]int{"list": 10})
		Expect(w.versions()).To(Equal(versions))
	})
})

var _ = Describe("A drift check of 100 conversations among 20,000", func() {
	It("takes at most 200 requests the first time, and 110 later", func() {
		const managed, others = 100, 20_000
		w := newWorld()
		w.spread(managed, others)
		since := w.mark()
		for _, most := range []int{200, 110, 110} {
			before := len(since())
			check := w.check()
			Expect(len(since()) - before).To(BeNumerically("<=", most))
			Expect(check.Requests).To(BeEquivalentTo(len(since()) - before))
			Expect(check.Checked).To(BeEquivalentTo(managed))
			Expect(check.Drifted).To(BeZero())
		}
		Expect(operations(since())).To(HaveLen(2), "lists and fetches")
	})
})

// overdue makes the last drift check so long ago that the next is due, and answers when that was.
func (w *world) overdue() time.Time {
	GinkgoHelper()
	at := metav1.NewTime(time.Now().Add(-24 * time.Hour).Truncate(time.Second))
	w.changeStatus(func(s *v1alpha1.AccountStatus) { s.LastDriftCheck.CompletionTime = &at })
	return at.Time
}

// reconciles is how often Conversations were reconciled since the suite began.
func reconciles() int {
	GinkgoHelper()
	families, err := metrics.Registry.Gather()
	Expect(err).NotTo(HaveOccurred())
	sum := 0.0
	for _, family := range families {
		if family.GetName() != "controller_runtime_reconcile_total" {
			continue
		}
		for _, m := range family.GetMetric() {
			for _, label := range m.GetLabel() {
				if label.GetName() == "controller" && label.GetValue() == "conversation" {
					sum += m.GetCounter().GetValue()
				}
			}
		}
	}
	return int(sum)
}
