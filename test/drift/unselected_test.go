// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package drift

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/test/testbed"
)

// shard gives a Conversation the label that managers select by; empty: takes it away.
func (w *world) shard(name, shard string) {
	GinkgoHelper()
	w.change(name, func(conv *v1alpha1.Conversation) {
		conv.Labels = nil
		if shard != "" {
			conv.Labels = map[string]string{"shard": shard}
		}
	})
}

func asks(conv *v1alpha1.Conversation) bool {
	return meta.IsStatusConditionTrue(conv.Status.Conditions, v1alpha1.ConditionUnmanaged)
}

var _ = Describe("A conversation that leaves the labels of its manager", func() {
	It("says that nobody keeps it, unless another manager does, and goes on with the next one that selects it", func() {
		w := newWorld()
		w.stop()
		names := []string{"lost", "deleted", "suspended", "moved"}
		for _, name := range names {
			w.conversation(name, `{}`)
			w.shard(name, "a")
		}
		w.startShard("a")
		stopA := w.stop
		w.startShard("b")
		DeferCleanup(func() {
			w.stop()
			stopA()
		})
		for _, name := range names {
			w.settled(name, v1alpha1.ReasonSynced)
		}
		w.change("suspended", func(conv *v1alpha1.Conversation) { conv.Spec.Suspend = true })
		w.settled("suspended", v1alpha1.ReasonSynced)
		since, moved := w.mark(), w.get("moved")

		w.shard("moved", "b")
		for _, name := range []string{"lost", "deleted", "suspended"} {
			w.shard(name, "")
		}
		Expect(k8s.Delete(ctx(), w.get("deleted"))).To(Succeed())
		for _, name := range []string{"lost", "deleted"} {
			Eventually(func() string { return testbed.Ready(w.get(name).Status.Conditions).Reason }).Should(Equal(v1alpha1.ReasonNotSelected))
			Expect(message(w.get(name))).To(ContainSubstring("selects shard=a, which"))
			Expect(asks(w.get(name))).To(BeTrue())
			Expect(meta.IsStatusConditionTrue(w.get(name).Status.Conditions, v1alpha1.ConditionStalled)).To(BeTrue())
		}
		for _, name := range []string{"lost", "deleted", "suspended"} {
			Eventually(w.events(name)).Should(ContainElement(HavePrefix("Warning NotSelected The manager that kept this object ")))
		}
		Expect(testbed.Ready(w.get("suspended").Status.Conditions).Reason).To(Equal(v1alpha1.ReasonSynced), "Ready of a suspended object is kept as it was")
		Expect(asks(w.get("suspended"))).To(BeTrue())

		By("leaving alone what another manager keeps")
		now := w.get("moved")
		Expect(asks(now)).To(BeFalse())
		Expect(now.Status).To(Equal(moved.Status))
		Expect(w.events("moved")()).NotTo(ContainElement(HavePrefix("Warning ")))
		Expect(since()).To(BeEmpty())

		By("going on with the manager that selects it next")
		for _, name := range []string{"lost", "deleted", "suspended"} {
			w.shard(name, "b")
		}
		Expect(asks(w.settled("lost", v1alpha1.ReasonSynced))).To(BeFalse())
		Eventually(func() bool { return asks(w.get("suspended")) }).Should(BeFalse())
		Eventually(func() error {
			return k8s.Get(ctx(), client.ObjectKey{Namespace: w.Namespace, Name: "deleted"}, &v1alpha1.Conversation{})
		}).ShouldNot(Succeed())
		only(since, map[string]int{"fetch": 1, "delete": 1})
	})
})
