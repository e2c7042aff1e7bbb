// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller_test

import (
	"net/http"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
	"github.com/conversations-operator/conversations-operator/test/invariant"
)

// restore writes the status of one object into another, as a backup does that is restored under another name.
func (t *tenant) restore(name string, status v1alpha1.ConversationStatus) {
	GinkgoHelper()
	seen.Excuse(t.Namespace, invariant.NoFinalizer, invariant.SIDLost, invariant.WentBack, "kstatus says Current")
	Eventually(func() error {
		conv := t.get(name)
		before := conv.DeepCopy()
		conv.Status = *status.DeepCopy()
		return k8s.Status().Patch(ctx(), conv, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{}))
	}).Should(Succeed())
}

var _ = Describe("A status that was written for another object", func() {
	It("is not believed, so that the copy has a conversation of its own and deletes no other", func() {
		t := newTenant()
		t.apply("production", `{friendlyName: One}`)
		production := t.settled("production", v1alpha1.ReasonSynced)
		t.apply("copy", `{friendlyName: One, suspend: true}`)
		Eventually(func() int { return len(t.get("copy").Status.Conditions) }).Should(BeNumerically(">", 0))
		t.restore("copy", production.Status)
		t.apply("copy", `{friendlyName: Renamed}`)
		copied := t.settled("copy", v1alpha1.ReasonSynced)
		Expect(copied.Status.SID).NotTo(Equal(production.Status.SID))
		Expect(copied.Status.ObjectUID).To(Equal(copied.UID))
		Expect(t.there(production.Status.SID).FriendlyName).To(Equal("One"))
		t.delete("copy")
		t.gone("copy")
		Expect(t.only().SID).To(Equal(production.Status.SID))
	})

	It("does not take the place of the object's own for long", func() {
		t := newTenant()
		t.apply("production", `{friendlyName: One}`)
		t.apply("copy", `{friendlyName: Two}`)
		production, copied := t.settled("production", v1alpha1.ReasonSynced), t.settled("copy", v1alpha1.ReasonSynced)
		t.restore("copy", production.Status)
		Eventually(func() string { return t.get("copy").Status.SID }).Should(Equal(copied.Status.SID))
		Expect(t.conversations()).To(HaveLen(2))
	})

	It("without a UID, as earlier versions wrote it, does not beat the older object of the same conversation", func() {
		t := newTenant()
		t.apply("production", `{friendlyName: One}`)
		production := t.settled("production", v1alpha1.ReasonSynced)
		t.apply("copy", `{friendlyName: One, suspend: true}`)
		Eventually(func() int { return len(t.get("copy").Status.Conditions) }).Should(BeNumerically(">", 0))
		status := production.Status.DeepCopy()
		status.ObjectUID, status.Region = "", ""
		t.restore("copy", *status)
		t.apply("copy", `{friendlyName: One}`)
		t.settled("copy", v1alpha1.ReasonSynced)
		t.delete("copy")
		t.gone("copy")
		Expect(t.only().SID).To(Equal(production.Status.SID))
	})
})

var _ = Describe("A status of another manager for a later spec", func() {
	It("is not taken back by a create of the earlier one that was under way", func() {
		t := newTenant()
		rule := t.fault(matchCreate(1), simulator.Effect{Hold: true})
		t.apply("vip", `{friendlyName: One}`)
		Eventually(t.applied(rule)).Should(Equal(1))
		t.apply("vip", `{friendlyName: Two}`)
		By("a manager that overlaps with this one, and does not reach Twilio")
		conv := t.get("vip")
		before := conv.DeepCopy()
		conv.Status.ObservedGeneration = conv.Generation
		for kind, status := range map[string]metav1.ConditionStatus{
			v1alpha1.ConditionReady: metav1.ConditionUnknown, v1alpha1.ConditionReconciling: metav1.ConditionTrue,
		} {
			meta.SetStatusCondition(&conv.Status.Conditions, metav1.Condition{Type: kind, Status: status,
				Reason: v1alpha1.ReasonTwilioUnavailable, Message: "No answer.", ObservedGeneration: conv.Generation})
		}
		Expect(k8s.Status().Patch(ctx(), conv, client.MergeFrom(before))).To(Succeed())
		Expect(t.sim.RemoveRule(rule)).To(Succeed())
		conv = t.settled("vip", v1alpha1.ReasonSynced)
		Expect(t.only()).To(And(HaveField("SID", conv.Status.SID), HaveField("FriendlyName", "Two")))
	})
})

var _ = Describe("A status that an earlier version wrote", func() {
	It("keeps its conversation, and is recorded once, without a request", func() {
		t := newTenant()
		t.apply("vip", `{friendlyName: One, timers: {closed: P1D}}`)
		conv := t.settled("vip", v1alpha1.ReasonSynced)
		before := len(t.requests())
		status := conv.Status.DeepCopy()
		status.ObjectUID = ""
		t.restore("vip", *status)
		Eventually(func() string { return string(t.get("vip").Status.ObjectUID) }).Should(Equal(string(conv.UID)))
		Expect(t.get("vip").Status).To(Equal(conv.Status))
		Expect(t.requests()).To(HaveLen(before))
	})
})

var _ = Describe("An account in another Region", func() {
	It("is another account: nothing is created, corrected or believed missing in it", func() {
		t := newTenant()
		t.apply("vip", `{friendlyName: One}`)
		t.apply("leaving", `{friendlyName: Two}`)
		conv := t.settled("vip", v1alpha1.ReasonSynced)
		t.settled("leaving", v1alpha1.ReasonSynced)
		Expect(conv.Status.Region).To(BeEmpty())
		before := t.conversations()
		t.changeAccount(func(s *v1alpha1.TwilioAccountSpec) { s.Region, s.Edge = "ie1", "dublin" })
		Expect(message(t.settled("vip", v1alpha1.ReasonAccountMismatch).Status.Conditions)).To(Equal(
			"The account leads to Region ie1, but the conversation was made in us1: restore the account's region and credentials."))
		t.delete("leaving")
		Eventually(func() string { return reason(t.get("leaving").Status.Conditions) }).Should(Equal(v1alpha1.ReasonAccountMismatch))
		t.apply("abroad", `{friendlyName: Three}`)
		Expect(t.settled("abroad", v1alpha1.ReasonSynced).Status.Region).To(Equal("ie1"))
		Expect(t.conversations()).To(HaveLen(len(before)+1), "only what is new is created there")

		t.changeAccount(func(s *v1alpha1.TwilioAccountSpec) { s.Region, s.Edge = "", "" })
		t.gone("leaving")
		Expect(t.settled("vip", v1alpha1.ReasonSynced).Status.SID).To(Equal(conv.Status.SID))
		t.settled("abroad", v1alpha1.ReasonAccountMismatch)
	})
})

var _ = Describe("A refusal of a create that took effect nevertheless", func() {
	refusals := map[string]simulator.Effect{
		"that the name exists, which a proxy that repeats requests hears": {Status: http.StatusConflict, Code: 50353, AfterEffect: true},
		"a conflict":              {Status: http.StatusConflict, Code: 50391, AfterEffect: true},
		"an invalid request":      {Status: http.StatusBadRequest, Code: 50342, AfterEffect: true},
		"rejected credentials":    {Status: http.StatusUnauthorized, Code: 20003, AfterEffect: true},
		"missing permissions":     {Status: http.StatusForbidden, Code: 20006, AfterEffect: true},
		"a service that is gone":  {Status: http.StatusNotFound, Code: 20404, AfterEffect: true},
		"an unreadable 400 first": {Status: http.StatusBadRequest, HTML: true, AfterEffect: true},
	}
	for text, effect := range refusals {
		for what, spec := range map[string]string{
			"under a user's name": `{uniqueName: mine, friendlyName: One}`, "under a generated name": `{friendlyName: One}`,
			"where names may be adopted": `{uniqueName: mine, friendlyName: One, adoption: {policy: IfExists}}`,
		} {
			It("leaves nothing at Twilio once the object goes: "+text+", "+what, func() {
				t := newTenant()
				rule := t.fault(matchCreate(1), effect)
				t.apply("vip", spec)
				Eventually(t.applied(rule)).Should(Equal(1))
				Eventually(func() string { return reason(t.get("vip").Status.Conditions) }).ShouldNot(BeEmpty())
				t.delete("vip")
				t.gone("vip")
				Expect(t.conversations()).To(BeEmpty())
			})
		}
	}

	It("is found out at the next look, and the conversation is the object's", func() {
		t := newTenant()
		t.fault(matchCreate(1), refusals["an invalid request"])
		t.apply("vip", `{uniqueName: mine, friendlyName: One}`)
		t.settled("vip", v1alpha1.ReasonRejected)
		conv := t.look("vip")
		Expect(reason(conv.Status.Conditions)).To(Equal(v1alpha1.ReasonSynced))
		Expect(conv.Status.Origin).To(Equal(v1alpha1.OriginCreated))
		Expect(conv.Status.SID).To(Equal(t.only().SID))
	})

	It("is found out at once where Twilio says that the name exists", func() {
		t := newTenant()
		t.fault(matchCreate(1), simulator.Effect{Status: http.StatusConflict, Code: 50353, AfterEffect: true})
		t.apply("vip", `{uniqueName: mine}`)
		conv := t.settled("vip", v1alpha1.ReasonSynced)
		Expect(conv.Status.Origin).To(Equal(v1alpha1.OriginCreated))
		Expect(conv.Status.SID).To(Equal(t.only().SID))
		Expect(t.requests()).To(asked("create", "fetch"))
	})
})

var _ = Describe("Two creates whose answers were lost", func() {
	for what, spec := range map[string]string{"under a generated name": `{friendlyName: One}`, "under a user's name": `{uniqueName: mine, friendlyName: One}`} {
		It("leave nothing at Twilio where the first takes effect after the second was deleted, "+what, func() {
			t := newTenant()
			first := t.fault(matchCreate(1), simulator.Effect{Delay: requestTimeout + 3*time.Second})
			t.apply("vip", spec)
			Eventually(t.applied(first)).Should(Equal(1))
			t.fault(matchCreate(1), dropAfter)
			Eventually(t.conversations).Should(HaveLen(1))
			t.delete("vip")
			t.gone("vip")
			Expect(t.conversations()).To(BeEmpty())
			Consistently(t.conversations, "2s").Should(BeEmpty(), "the first create has had its time")
		})
	}
})

var _ = Describe("Two objects that want one name in two services", func() {
	It("are no rivals, although neither knows yet what became of its create", func() {
		t := newTenant()
		staging, production := t.newService(), t.newService()
		t.fault(matchCreate(2), dropAfter)
		rule := t.fault(simulator.Match{Operation: simulator.OperationFetch}, htmlPage)
		t.apply("first", `{uniqueName: support, friendlyName: One, chatServiceSid: `+staging+`}`)
		t.settled("first", v1alpha1.ReasonTwilioUnavailable)
		t.apply("second", `{uniqueName: support, friendlyName: One, chatServiceSid: `+production+`}`)
		t.settled("second", v1alpha1.ReasonTwilioUnavailable)
		Expect(t.sim.RemoveRule(rule)).To(Succeed())
		Expect(t.settled("second", v1alpha1.ReasonSynced).Status.ChatServiceSID).To(Equal(production))
		Expect(t.settled("first", v1alpha1.ReasonSynced).Status.ChatServiceSID).To(Equal(staging))
		Expect(t.events("second")()).NotTo(ContainElement(ContainSubstring("AlreadyManaged")))
	})
})

var _ = Describe("A conversation whose record was lost", func() {
	It("is found in the account's earlier default service", func() {
		t := newTenant()
		t.apply("vip", `{friendlyName: One}`)
		conv := t.settled("vip", v1alpha1.ReasonSynced)
		first := conv.Status.ChatServiceSID
		Eventually(func() []string {
			a := t.Account()
			Expect(k8s.Get(ctx(), client.ObjectKeyFromObject(a), a)).To(Succeed())
			return a.Status.DefaultServiceSIDs
		}).Should(Equal([]string{first}))
		moved := t.newService()
		t.configure(func(c *simulator.Configuration) { c.DefaultServiceSID = moved })
		t.restore("vip", v1alpha1.ConversationStatus{})
		Eventually(func() string { return t.get("vip").Status.SID }).Should(Equal(conv.Status.SID))
		Expect(t.only().ServiceSID).To(Equal(first))
		t.apply("new", `{friendlyName: Two}`)
		Expect(t.settled("new", v1alpha1.ReasonSynced).Status.ChatServiceSID).To(Equal(moved))
	})
})
