// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package drift

import (
	"net/http"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
	"github.com/conversations-operator/conversations-operator/test/testbed"
	"github.com/conversations-operator/conversations-operator/test/testbed/random"
)

var _ = Describe("Drift checks of which none ends", func() {
	It("are told of on the account while it is so, with what stands in the way", func() {
		w := newWorldWith(func(s *v1alpha1.TwilioAccountSpec) { s.DriftCheckIntervalSeconds = new(int32(30)) })
		w.many(3, same(`{friendlyName: Mine}`))
		service := w.get(name(0)).Status.ChatServiceSID
		w.checkedLongAgo()
		rule := w.fault(simulator.Match{PathRegexp: ofServices}, simulator.Effect{Status: http.StatusBadGateway})
		w.start()
		Eventually(w.overdueNow).Should(And(
			HaveField("Status", metav1.ConditionTrue), HaveField("Reason", v1alpha1.ReasonDriftCheckOverdue),
			HaveField("Message", And(ContainSubstring(service), ContainSubstring("502"))),
		))
		Expect(testbed.Ready(w.account().Status.Conditions).Reason).To(Equal(v1alpha1.ReasonAuthenticated))
		Eventually(w.events(testbed.AccountName)).Should(ContainElement(HavePrefix("Warning DriftCheckOverdue")))

		By("saying the same after a restart")
		before := w.overdueNow()
		w.stop()
		w.start()
		Consistently(w.overdueNow).Should(Equal(before))

		By("ending with the next check")
		Expect(w.sim.RemoveRule(rule)).To(Succeed())
		Eventually(w.overdueNow).Should(BeNil())
		Expect(w.account().Status.LastDriftCheck.CompletionTime.Time).To(BeTemporally("~", time.Now(), time.Minute))
	})

	It("are nobody's concern after a long rest, nor where there are to be none", func() {
		w := newWorldWith(func(s *v1alpha1.TwilioAccountSpec) { s.DriftCheckIntervalSeconds = new(int32(30)) })
		w.many(3, same(`{friendlyName: Mine}`))
		w.checkedLongAgo()
		at := w.account().Status.LastDriftCheck.CompletionTime.Time
		w.start()
		Eventually(func() time.Time { return w.account().Status.LastDriftCheck.CompletionTime.Time }).Should(BeTemporally(">", at))
		Expect(w.events(testbed.AccountName)()).NotTo(ContainElement(HavePrefix("Warning")))

		w.checkedLongAgo()
		w.fault(simulator.Match{PathRegexp: ofServices}, simulator.Effect{Status: http.StatusBadGateway})
		w.start()
		Eventually(w.overdueNow).ShouldNot(BeNil())
		w.changeAccount(func(acct *v1alpha1.TwilioAccount) { acct.Spec.DriftCheckIntervalSeconds = new(int32(0)) })
		Eventually(w.overdueNow).Should(BeNil())
	})

	It("are told of where the account is not ready", func() {
		w := newWorldWith(func(s *v1alpha1.TwilioAccountSpec) { s.DriftCheckIntervalSeconds = new(int32(30)) })
		w.many(1, same(`{}`))
		w.checkedLongAgo()
		Expect(w.sim.SetAuthToken("", random.Hex(16))).To(Succeed())
		w.exchange(simulator.DefaultAccountSID, random.Hex(16))
		w.start()
		Eventually(w.overdueNow).Should(HaveField("Message", ContainSubstring(v1alpha1.ReasonCredentialsRejected)))
		Expect(w.sim.SetAuthToken("", w.Token)).To(Succeed())
		w.exchange(simulator.DefaultAccountSID, w.Token)
		Eventually(w.overdueNow).Should(BeNil())
	})

	It("are no other shard's to tell of", func() {
		w := newWorldWith(func(s *v1alpha1.TwilioAccountSpec) { s.DriftCheckIntervalSeconds = new(int32(30)) })
		w.stop()
		w.conversation("a", "{friendlyName: Mine}")
		w.change("a", func(conv *v1alpha1.Conversation) { metav1.SetMetaDataLabel(&conv.ObjectMeta, "shard", "a") })
		w.startShard("a")
		w.settled("a", v1alpha1.ReasonSynced)
		w.stop()
		other := metav1.Condition{
			Type: v1alpha1.ConditionDriftCheckOverdue, Status: metav1.ConditionTrue, Reason: v1alpha1.ReasonDriftCheckOverdue,
			Message: "No drift check ended. This is about the conversations with the labels shard=b.", ObservedGeneration: 1,
		}
		w.changeStatus(func(s *v1alpha1.AccountStatus) { meta.SetStatusCondition(&s.Conditions, other); s.LastDriftCheck = nil })
		w.startShard("a")
		w.checked()
		Consistently(w.overdueNow).ShouldNot(BeNil())
		w.stop()
		w.changeStatus(func(s *v1alpha1.AccountStatus) { s.LastDriftCheck = nil })
		w.startShard("b")
		Eventually(w.overdueNow).Should(BeNil())
	})
})

// checkedLongAgo stops the manager, and lets the last drift check have ended long ago.
func (w *world) checkedLongAgo() {
	GinkgoHelper()
	w.check()
	w.stop()
	w.overdue()
}

// overdueNow is the condition that tells that drift checks are overdue; nil: it is not there.
func (w *world) overdueNow() *metav1.Condition {
	GinkgoHelper()
	return meta.FindStatusCondition(w.account().Status.Conditions, v1alpha1.ConditionDriftCheckOverdue)
}
