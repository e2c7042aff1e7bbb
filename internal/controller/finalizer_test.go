// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
	"github.com/conversations-operator/conversations-operator/test/invariant"
)

// replace puts the object as it is in Git: without the finalizers and annotations that the operator added. kubectl
// replace, helm upgrade --force and Argo CD's Replace=true do so.
func replace(o client.Object) {
	GinkgoHelper()
	seen.Excuse(o.GetNamespace(), invariant.NoFinalizer)
	Eventually(func() error {
		if err := k8s.Get(ctx(), client.ObjectKeyFromObject(o), o); err != nil {
			return err
		}
		o.SetFinalizers(nil)
		o.SetAnnotations(nil)
		return k8s.Update(ctx(), o)
	}).Should(Succeed())
}

func (t *tenant) replace(name string) {
	GinkgoHelper()
	replace(&v1alpha1.Conversation{ObjectMeta: metav1.ObjectMeta{Namespace: t.Namespace, Name: name}})
}

func held(o client.Object) func() bool {
	return func() bool {
		return k8s.Get(ctx(), client.ObjectKeyFromObject(o), o) == nil && controllerutil.ContainsFinalizer(o, v1alpha1.Finalizer)
	}
}

var _ = Describe("A finalizer that a replaced manifest took away", func() {
	It("is put back on a conversation, which is deleted with its object", func() {
		t := newTenant()
		t.apply("vip", `{friendlyName: One}`)
		conv := t.settled("vip", v1alpha1.ReasonSynced)
		before := len(t.requests())
		t.replace("vip")
		Eventually(held(conv)).Should(BeTrue())
		Expect(t.requests()).To(HaveLen(before), "Twilio is not asked for that")
		t.delete("vip")
		t.gone("vip")
		Expect(t.conversations()).To(BeEmpty())
	})

	It("is put back while the object is suspended", func() {
		t := newTenant()
		t.apply("vip", `{friendlyName: One}`)
		t.settled("vip", v1alpha1.ReasonSynced)
		conv := t.change("vip", func(s *v1alpha1.ConversationSpec) { s.Suspend = true })
		t.replace("vip")
		Eventually(held(conv)).Should(BeTrue())
	})

	It("does not matter to an object that is deleted in the same instant", func() {
		t := newTenant()
		t.apply("vip", `{friendlyName: One}`)
		t.settled("vip", v1alpha1.ReasonSynced)
		t.replace("vip")
		t.delete("vip")
		Eventually(t.conversations).Should(BeEmpty())
	})

	It("does not hide the conversation from the account and its drift check", func() {
		t := newTenant()
		t.apply("vip", `{friendlyName: One}`)
		conv := t.settled("vip", v1alpha1.ReasonSynced)
		t.edit(conv.Status.SID, func(c *simulator.Conversation) { c.FriendlyName = "Somebody else's" })
		t.replace("vip")
		Expect(t.checkDrift().Checked).To(BeEquivalentTo(1))
		Eventually(func() string { return t.only().FriendlyName }).Should(Equal("One"))
	})

	It("is put back with what was announced, so that a create under way is still the object's", func() {
		t := newTenant()
		rule := t.fault(matchCreate(1), simulator.Effect{Hold: true, DropAfter: true})
		t.apply("vip", `{uniqueName: mine, friendlyName: One}`)
		Eventually(t.applied(rule)).Should(Equal(1))
		t.replace("vip")
		Expect(t.sim.RemoveRule(rule)).To(Succeed())
		conv := t.settled("vip", v1alpha1.ReasonSynced)
		Expect(conv.Status.Origin).To(Equal(v1alpha1.OriginCreated))
		Expect(conv.Status.SID).To(Equal(t.only().SID))
		Expect(held(conv)()).To(BeTrue())
		t.delete("vip")
		t.gone("vip")
		Expect(t.conversations()).To(BeEmpty())
	})

	It("is put back with what was announced, so that an edit under way is sent again", func() {
		t := newTenant()
		t.apply("vip", `{timers: {closed: P1D}}`)
		t.settled("vip", v1alpha1.ReasonSynced)
		rule := t.fault(matchUpdate(1), simulator.Effect{Hold: true, DropAfter: true})
		t.apply("vip", `{timers: {closed: P2D}}`)
		Eventually(t.applied(rule)).Should(Equal(1))
		t.replace("vip")
		t.apply("vip", `{timers: {closed: P1D}}`)
		Expect(t.sim.RemoveRule(rule)).To(Succeed())
		t.settled("vip", v1alpha1.ReasonSynced)
		Expect(t.only().Timers.Closed.Duration).To(Equal("P1D"))
	})

	It("is put back on an account, which stays as long as its conversations", func() {
		t := newTenant()
		t.apply("vip", `{friendlyName: One}`)
		t.settled("vip", v1alpha1.ReasonSynced)
		acct := t.Account()
		replace(acct)
		Eventually(held(acct)).Should(BeTrue())
		Expect(k8s.Delete(ctx(), acct)).To(Succeed())
		t.delete("vip")
		t.gone("vip")
		Eventually(func() bool { return missing(acct) }).Should(BeTrue())
		Expect(t.conversations()).To(BeEmpty())
	})
})
