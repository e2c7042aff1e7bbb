// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package drift

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

var _ = Describe("An account that managers with other labels share", func() {
	It("is checked by each of them, and counted by none", func() {
		w := newWorldWith(func(*v1alpha1.TwilioAccountSpec) {})
		w.stop()
		for _, shard := range []string{"a", "b"} {
			w.conversation(shard, "{friendlyName: Mine}")
			w.change(shard, func(conv *v1alpha1.Conversation) { metav1.SetMetaDataLabel(&conv.ObjectMeta, "shard", shard) })
		}
		w.startShard("a")
		w.settled("a", v1alpha1.ReasonSynced)
		Expect(w.get("b").Status.SID).To(BeEmpty(), "it is another manager's")
		stopA := w.stop
		w.startShard("b")
		sid := w.settled("b", v1alpha1.ReasonSynced).Status.SID
		w.stop()
		stopA()
		// Another manager has just checked the account.
		w.changeStatus(func(s *v1alpha1.AccountStatus) {
			s.LastDriftCheck = &v1alpha1.DriftCheck{StartTime: new(metav1.Now()), CompletionTime: new(metav1.Now())}
		})
		w.edit(sid, func(c *simulator.Conversation) { c.FriendlyName = "Theirs" })
		w.startShard("b")
		Eventually(func() string { return w.there()[sid].FriendlyName }).Should(Equal("Mine"))
		Expect(w.account().Status.Conversations).To(BeNil())
	})
})

// startShard runs a manager of the Conversations with that label.
func (w *world) startShard(shard string) {
	GinkgoHelper()
	w.selector = labels.SelectorFromSet(labels.Set{"shard": shard})
	w.start()
}
