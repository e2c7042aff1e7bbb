// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package drift

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
	"github.com/conversations-operator/conversations-operator/test/invariant"
	"github.com/conversations-operator/conversations-operator/test/testbed"
	"github.com/conversations-operator/conversations-operator/test/testbed/random"
)

var _ = Describe("A halt of managers with other labels", func() {
	It("is not ended by the one whose conversations are all there, over restarts too, and ends for all when the user says so", func() {
		w := newWorld()
		stopA, stopB := w.shards(20, 3)
		lost := w.named(15)
		for _, c := range lost {
			Expect(w.sim.Remove(c.SID)).To(Succeed())
		}
		since := w.mark()
		w.ask()
		Eventually(w.halted).Should(BeTrue())
		w.waiting(8, 15)
		Expect(w.account().Status.HaltedBy).To(Equal([]string{"shard=a"}))

		By("a restart of both, the other one first")
		stopA()
		stopB()
		w.startShard("b")
		stopB = w.stop
		Expect(w.check().Checked).To(BeEquivalentTo(3))
		Expect(w.account().Status.HaltedBy).To(Equal([]string{"shard=a"}))
		Expect(w.halted()).To(BeTrue())
		w.startShard("a")
		w.ask()
		for _, c := range lost {
			w.look(c.name)
		}
		w.waiting(8, 15)
		Expect(w.halted()).To(BeTrue())
		Expect(operations(since())).NotTo(HaveKey("create"))

		By("the word of the user, which either may see first")
		w.recreate()
		w.all(23, v1alpha1.ReasonSynced)
		Eventually(func() map[string]string { return w.account().Annotations }).ShouldNot(HaveKey(v1alpha1.RecreateVanishedAnnotation))
		Expect(w.halted()).To(BeFalse())
		Expect(w.account().Status.HaltedBy).To(BeEmpty())
		Expect(operations(since())).To(HaveKeyWithValue("create", 15))
		w.ask()
		Consistently(w.halted, "300ms").Should(BeFalse())
		stopB()
	})

	It("is ended by the one that found its conversations again", func() {
		w := newWorld()
		_, stopB := w.shards(20, 3)
		defer func() { stopB() }()
		lost := w.named(15)
		for _, c := range lost {
			Expect(w.sim.Remove(c.SID)).To(Succeed())
		}
		w.ask()
		w.waiting(8, 15)
		since := w.mark()
		for _, c := range lost {
			w.bring(c.Conversation)
		}
		w.ask()
		w.all(23, v1alpha1.ReasonSynced)
		Eventually(w.halted).Should(BeFalse())
		Expect(w.account().Status.HaltedBy).To(BeEmpty())
		Expect(operations(since())).NotTo(HaveKey("create"))
	})
})

var _ = Describe("Conversations that vanish where something else is wrong", func() {
	It("are counted whatever Ready says: here the credentials were another account's meanwhile", func() {
		w := newWorld()
		w.many(20, same(`{}`))
		other, token := random.SID("AC"), random.Hex(16)
		Expect(w.sim.AddAccount(other, token)).To(Succeed())
		w.exchange(other, token)
		w.all(20, v1alpha1.ReasonAccountMismatch)
		w.lose(15)
		since := w.mark()
		w.exchange(simulator.DefaultAccountSID, w.Token)
		Eventually(w.halted).Should(BeTrue())
		Eventually(func() int { return w.reasons()[v1alpha1.ReasonProgressing] }).Should(BeNumerically(">=", 5))
		Expect(operations(since())["create"]).To(BeNumerically("<=", 10))
		w.recreate()
		w.all(20, v1alpha1.ReasonSynced)
		Expect(w.there()).To(HaveLen(20))
		Expect(w.halted()).To(BeFalse())
	})

	It("are counted by Twilio account, however many objects lead to it", func() {
		w := newWorld()
		second := &v1alpha1.TwilioAccount{ObjectMeta: w.Meta("second"), Spec: w.account().Spec}
		w.create(second)
		w.many(8, same(`{}`))
		for i := range 8 {
			w.conversation("second-"+name(i), `{accountRef: {kind: TwilioAccount, name: second}}`)
		}
		w.all(16, v1alpha1.ReasonSynced)
		w.lose(16)
		Expect(w.check().Drifted).To(BeEquivalentTo(8))
		Eventually(func() int { return len(w.there()) }).Should(Equal(8), "eight of sixteen are not too many")
		w.name = "second"
		w.ask()
		Eventually(w.halted).Should(BeTrue())
		w.waiting(8, 8)
		w.recreate()
		w.all(16, v1alpha1.ReasonSynced)
	})
})

var _ = Describe("A suspended Conversation", func() {
	It("keeps a halt only if it waits for that", func() {
		w := newWorld()
		w.many(20, same(`{}`))
		lost := w.named(11)
		for _, c := range lost {
			Expect(w.sim.Remove(c.SID)).To(Succeed())
		}
		w.check()
		w.waiting(9, 11)
		suspend := func(name string, is bool) {
			w.change(name, func(conv *v1alpha1.Conversation) { conv.Spec.Suspend = is })
			w.settled(name, testbed.Ready(w.get(name).Status.Conditions).Reason)
		}
		suspend(name(15), true)
		suspend(lost[0].name, true)
		for _, c := range lost[1:] {
			w.bring(c.Conversation)
		}
		w.check()
		w.waiting(19, 1)
		Expect(w.halted()).To(BeTrue(), "the suspended one waits")

		w.bring(lost[0].Conversation)
		w.change(lost[0].name, func(conv *v1alpha1.Conversation) { conv.Spec.Suspend = false })
		w.look(lost[0].name)
		w.all(20, v1alpha1.ReasonSynced)
		w.check()
		Expect(w.halted()).To(BeFalse())
		Expect(w.get(name(15)).Spec.Suspend).To(BeTrue())
	})
})

var _ = Describe("Two objects whose records have one conversation", func() {
	It("are found by the drift check: the older one keeps it", func() {
		w := newWorld()
		seen.Excuse(w.Namespace, invariant.SIDLost)
		sids, err := w.sim.Seed("", 1, func(int, *simulator.Conversation) {})
		Expect(err).NotTo(HaveOccurred())
		spec := `{deletionPolicy: Delete, adoption: {sid: ` + sids[0] + `}}`
		w.conversation("one", spec)
		first := w.settled("one", v1alpha1.ReasonSynced)
		w.conversation("two", spec)
		older, younger := first, w.settled("two", v1alpha1.ReasonAlreadyManaged)
		w.stop()
		w.change("two", func(conv *v1alpha1.Conversation) { conv.Finalizers = first.Finalizers })
		w.record("two", func(s *v1alpha1.ConversationStatus) {
			*s = *first.Status.DeepCopy()
			s.ObjectUID = younger.UID
		})
		if older.CreationTimestamp.Equal(&younger.CreationTimestamp) && younger.UID < older.UID {
			// Objects made in the same second are ordered by their UIDs.
			older, younger = younger, older
		}
		w.start()
		w.check()
		refused := w.settled(younger.Name, v1alpha1.ReasonAlreadyManaged)
		Expect(refused.Status.SID).To(BeEmpty())
		Expect(message(refused)).To(ContainSubstring(w.Namespace + "/" + older.Name))
		Expect(w.settled(older.Name, v1alpha1.ReasonSynced).Status.SID).To(Equal(sids[0]))
		Expect(k8s.Delete(ctx(), refused)).To(Succeed())
		Eventually(w.objects).Should(HaveLen(1))
		Expect(w.sim.Conversations("")).To(HaveLen(1))
	})
})

// held is a conversation of the named object.
type held struct {
	simulator.Conversation
	name string
}

// named are the conversations of the first objects of many.
func (w *world) named(n int) (out []held) {
	GinkgoHelper()
	there := w.there()
	for i := range n {
		out = append(out, held{there[w.get(name(i)).Status.SID], name(i)})
	}
	return out
}

// shards are two managers with so many Conversations each.
func (w *world) shards(a, b int) (stopA, stopB func()) {
	GinkgoHelper()
	w.stop()
	for i := range a + b {
		shard := "a"
		if i >= a {
			shard = "b"
		}
		w.conversation(name(i), `{}`)
		w.change(name(i), func(conv *v1alpha1.Conversation) { metav1.SetMetaDataLabel(&conv.ObjectMeta, "shard", shard) })
	}
	w.startShard("b")
	stopB = w.stop
	w.startShard("a")
	w.all(a+b, v1alpha1.ReasonSynced)
	return w.stop, stopB
}

// record edits the status of a Conversation.
func (w *world) record(name string, edit func(*v1alpha1.ConversationStatus)) {
	GinkgoHelper()
	conv := w.get(name)
	edit(&conv.Status)
	Expect(k8s.Status().Update(ctx(), conv)).To(Succeed())
}
