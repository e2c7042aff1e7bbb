// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package drift

import (
	"maps"
	"slices"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
	"github.com/conversations-operator/conversations-operator/test/testbed"
)

var _ = Describe("Conversations that vanish", func() {
	It("are not recreated where half of them are gone at once, before the user says so", func() {
		w := newWorld()
		w.many(100, same(`{friendlyName: Mine}`))
		before := w.sids()
		lost := w.lose(50)
		since := w.mark()
		check := w.check()
		Expect(check.Checked).To(BeEquivalentTo(100))
		Expect(check.Drifted).To(BeEquivalentTo(50))
		w.waiting(50, 50)
		halt := meta.FindStatusCondition(w.account().Status.Conditions, v1alpha1.ConditionConversationsVanished)
		Expect(halt).NotTo(BeNil())
		Expect(halt.Message).To(And(ContainSubstring(v1alpha1.RecreateVanishedAnnotation), ContainSubstring("delete their objects")))
		Expect(testbed.Ready(w.account().Status.Conditions).Reason).To(Equal(v1alpha1.ReasonAuthenticated))
		Eventually(w.events(testbed.AccountName)).Should(ContainElement(HavePrefix("Warning RecreationHalted")))
		for _, conv := range w.objects() {
			if testbed.Ready(conv.Status.Conditions).Reason == v1alpha1.ReasonProgressing {
				Expect(message(&conv)).To(ContainSubstring(v1alpha1.RecreateVanishedAnnotation))
			}
		}

		By("not by a restart either, another check, or a look at each")
		w.stop()
		started := reconciles()
		w.start()
		Eventually(reconciles).Should(BeNumerically(">=", started+100))
		w.check()
		for name := range before {
			w.look(name)
		}
		w.waiting(50, 50)
		Expect(w.halted()).To(BeTrue())
		Expect(operations(since())).NotTo(HaveKey("create"))

		By("noticing that some are there again")
		back := lost[:5]
		for _, c := range back {
			w.bring(c)
		}
		w.check()
		w.waiting(55, 45)
		Expect(w.halted()).To(BeTrue())
		Expect(w.sids()).To(Equal(before))
		Expect(operations(since())).NotTo(HaveKey("update"))

		By("recreating all others when the user says so")
		w.recreate()
		w.all(100, v1alpha1.ReasonSynced)
		Expect(w.halted()).To(BeFalse())
		Expect(w.there()).To(HaveLen(100))
		Eventually(func() map[string]string { return w.account().Annotations }).ShouldNot(HaveKey(v1alpha1.RecreateVanishedAnnotation))
		after := w.sids()
		for _, c := range lost[5:] {
			Expect(slices.Collect(maps.Values(after))).NotTo(ContainElement(c.SID))
		}
		Expect(operations(since())).To(HaveKeyWithValue("create", 45))
		w.check()
		Expect(w.halted()).To(BeFalse())
	})

	It("are recreated unasked where there are nine of a hundred, under the same names", func() {
		w := newWorld()
		w.many(100, same(`{friendlyName: Mine}`))
		names := uniqueNames(w.there())
		w.lose(9)
		since := w.mark()
		Expect(w.check().Drifted).To(BeEquivalentTo(9))
		Eventually(func() int { return len(w.there()) }).Should(Equal(100))
		w.all(100, v1alpha1.ReasonSynced)
		Expect(w.halted()).To(BeFalse())
		Expect(uniqueNames(w.there())).To(Equal(names))
		Expect(operations(since())).To(HaveKeyWithValue("create", 9))
	})

	It("are recreated unasked up to ten, however few there are", func() {
		w := newWorld()
		w.many(20, same(`{}`))
		w.lose(10)
		w.check()
		Eventually(func() int { return len(w.there()) }).Should(Equal(20))
		w.all(20, v1alpha1.ReasonSynced)
		Expect(w.halted()).To(BeFalse())
	})

	It("are counted also where looks at the objects find them, between two checks", func() {
		w := newWorld()
		w.many(40, same(`{}`))
		w.lose(30)
		since := w.mark()
		for name := range w.sids() {
			w.look(name)
		}
		Eventually(w.halted).Should(BeTrue())
		// Ten at most were recreated before there were too many.
		Eventually(func() bool {
			reasons := w.reasons()
			return reasons[v1alpha1.ReasonSynced]+reasons[v1alpha1.ReasonProgressing] == 40
		}).Should(BeTrue())
		Expect(operations(since())["create"]).To(BeNumerically("<=", 10))
		Expect(w.reasons()[v1alpha1.ReasonProgressing]).To(BeNumerically(">=", 20))
		w.recreate()
		w.all(40, v1alpha1.ReasonSynced)
		Expect(w.there()).To(HaveLen(40))
		Expect(w.halted()).To(BeFalse())
	})

	It("end the halt by themselves when all are there again", func() {
		w := newWorld()
		w.many(20, same(`{}`))
		before := w.sids()
		lost := w.lose(11)
		w.check()
		w.waiting(9, 11)
		Expect(w.halted()).To(BeTrue())
		for _, c := range lost {
			w.bring(c)
		}
		since := w.mark()
		w.check()
		w.all(20, v1alpha1.ReasonSynced)
		Expect(w.halted()).To(BeFalse())
		Expect(w.sids()).To(Equal(before))
		Expect(operations(since())).To(HaveKeyWithValue("list", 1))
		Expect(operations(since())).NotTo(Or(HaveKey("create"), HaveKey("update"), HaveKey("delete")))
	})

	It("are forgotten with their account: one made anew under its name waits for nothing", func() {
		w := newWorld()
		w.many(20, same(`{}`))
		w.lose(11)
		w.check()
		w.waiting(9, 11)
		Expect(w.halted()).To(BeTrue())
		old := w.account()
		Expect(k8s.DeleteAllOf(ctx(), &v1alpha1.Conversation{}, client.InNamespace(w.Namespace))).To(Succeed())
		Expect(k8s.Delete(ctx(), old)).To(Succeed())
		Eventually(func() bool { return apierrors.IsNotFound(k8s.Get(ctx(), client.ObjectKeyFromObject(old), old)) }).Should(BeTrue())

		w.create(&v1alpha1.TwilioAccount{ObjectMeta: w.Meta(testbed.AccountName), Spec: old.Spec})
		Eventually(func() string { return testbed.Ready(w.account().Status.Conditions).Reason }).Should(Equal(v1alpha1.ReasonAuthenticated))
		w.many(1, same(`{}`))
		w.all(1, v1alpha1.ReasonSynced)
		Consistently(w.halted, "300ms").Should(BeFalse())
	})

	It("are not those that users delete while a check is under way", func() {
		w := newWorld()
		w.many(40, same(`{}`))
		rule := w.fault(simulator.Match{Operation: simulator.OperationList}, simulator.Effect{Hold: true})
		w.ask()
		Eventually(w.sim.Held).Should(Equal(2), "the check, and the one of the credentials")
		for i := range 30 {
			Expect(k8s.Delete(ctx(), w.get(name(i)))).To(Succeed())
		}
		Eventually(func() int { return len(w.objects()) }).Should(Equal(10))
		Expect(w.sim.RemoveRule(rule)).To(Succeed())
		w.checked()
		Expect(w.halted()).To(BeFalse())
		Expect(w.there()).To(HaveLen(10))
	})
})

// lose removes so many conversations at Twilio, and answers what they were.
func (w *world) lose(n int) []simulator.Conversation {
	GinkgoHelper()
	lost := w.sim.Conversations("")[:n]
	for _, c := range lost {
		Expect(w.sim.Remove(c.SID)).To(Succeed())
	}
	return lost
}

// bring lets a conversation that was lost appear again, as it was.
func (w *world) bring(lost simulator.Conversation) {
	GinkgoHelper()
	_, err := w.sim.Seed("", 1, func(_ int, c *simulator.Conversation) { *c = lost })
	Expect(err).NotTo(HaveOccurred())
}

// waiting waits until so many Conversations are Synced, and so many wait to be recreated; and sees that it stays so.
func (w *world) waiting(synced, lost int) {
	GinkgoHelper()
	want := map[string]int{v1alpha1.ReasonSynced: synced, v1alpha1.ReasonProgressing: lost}
	Eventually(w.reasons).Should(Equal(want))
	Consistently(w.reasons).Should(Equal(want))
}

func (w *world) halted() bool {
	GinkgoHelper()
	return meta.IsStatusConditionTrue(w.account().Status.Conditions, v1alpha1.ConditionConversationsVanished)
}

// recreate says that what vanished is to be recreated.
func (w *world) recreate() {
	GinkgoHelper()
	w.changeAccount(func(acct *v1alpha1.TwilioAccount) {
		metav1.SetMetaDataAnnotation(&acct.ObjectMeta, v1alpha1.RecreateVanishedAnnotation, "true")
	})
}

func uniqueNames(all map[string]simulator.Conversation) []string {
	var out []string
	for _, c := range all {
		out = append(out, c.UniqueName)
	}
	slices.Sort(out)
	return out
}
