// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/test/testbed/random"
)

// clusterAccount has a ClusterTwilioAccount with the credentials of the tenant, whose Secret is in the tenant's
// namespace. It and everything that uses it go when the story ends.
func (t *tenant) clusterAccount(name string, allowed *v1alpha1.AllowedNamespaces) *v1alpha1.ClusterTwilioAccount {
	GinkgoHelper()
	t.create(t.secret(t.credentials()))
	a := &v1alpha1.ClusterTwilioAccount{ObjectMeta: metav1.ObjectMeta{Name: name}}
	a.Spec.CredentialsSecretRef.Name, a.Spec.CredentialsSecretRef.Namespace = "twilio", t.Namespace
	a.Spec.AllowedNamespaces = allowed
	Expect(k8s.Create(ctx(), a)).To(Succeed())
	DeferCleanup(func() {
		if missing(a) {
			return
		}
		t.allow(a, &v1alpha1.AllowedNamespaces{Selector: &metav1.LabelSelector{}})
		var all v1alpha1.ConversationList
		Expect(k8s.List(ctx(), &all)).To(Succeed())
		for i := range all.Items {
			conv := &all.Items[i]
			if conv.Status.AccountSID == t.SID || conv.Spec.AccountRef != nil && conv.Spec.AccountRef.Name == name {
				Expect(client.IgnoreNotFound(k8s.Delete(ctx(), conv))).To(Succeed())
			}
		}
		Expect(k8s.Delete(ctx(), a)).To(Succeed())
		Eventually(func() bool { return missing(a) }).Should(BeTrue())
	})
	Eventually(func() string {
		_ = k8s.Get(ctx(), client.ObjectKeyFromObject(a), a)
		return reason(a.Status.Conditions)
	}).Should(Equal(v1alpha1.ReasonAuthenticated))
	return a
}

// allow changes which namespaces may use a cluster account.
func (t *tenant) allow(a *v1alpha1.ClusterTwilioAccount, allowed *v1alpha1.AllowedNamespaces) {
	GinkgoHelper()
	Expect(k8s.Get(ctx(), client.ObjectKeyFromObject(a), a)).To(Succeed())
	before := a.DeepCopy()
	a.Spec.AllowedNamespaces = allowed
	Expect(k8s.Patch(ctx(), a, client.MergeFrom(before))).To(Succeed())
}

var _ = Describe("A ClusterTwilioAccount", func() {
	It("serves no namespace unless it says so", func() {
		owner, t := newBareTenant(), newBareTenant()
		a := owner.clusterAccount("c-"+random.Hex(4), nil)
		Eventually(scraped).WithArguments("account_conditions", "", "ClusterTwilioAccount", a.Name, v1alpha1.ReasonAuthenticated).Should(Equal(1.0))
		spec := "{accountRef: {kind: ClusterTwilioAccount, name: " + a.Name + "}}"
		for _, in := range []*tenant{owner, t} {
			in.apply("vip", spec)
			conv := in.settled("vip", v1alpha1.ReasonAccountNotReady)
			Expect(message(conv.Status.Conditions)).To(SatisfyAll(
				ContainSubstring(a.Name), ContainSubstring(in.Namespace), ContainSubstring("spec.allowedNamespaces")))
		}
		owner.allow(a, &v1alpha1.AllowedNamespaces{Names: []string{t.Namespace}})
		conv := t.settled("vip", v1alpha1.ReasonSynced)
		Expect(conv.Status.AccountSID).To(Equal(owner.SID))
		owner.settled("vip", v1alpha1.ReasonAccountNotReady)
		Expect(owner.conversations()).To(HaveLen(1))
	})

	It("follows the labels of namespaces", func() {
		owner, t := newBareTenant(), newBareTenant()
		a := owner.clusterAccount("c-"+random.Hex(4), &v1alpha1.AllowedNamespaces{Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"twilio": "yes"}}})
		spec := func(rest string) string {
			return "{accountRef: {kind: ClusterTwilioAccount, name: " + a.Name + "}" + rest + "}"
		}
		t.apply("vip", spec(""))
		t.settled("vip", v1alpha1.ReasonAccountNotReady)
		t.relabel("twilio", "yes")
		t.settled("vip", v1alpha1.ReasonSynced)
		Expect(owner.conversations()).To(HaveLen(1))

		By("who is no longer allowed can do nothing")
		t.relabel("twilio", "no")
		t.settled("vip", v1alpha1.ReasonAccountNotReady)
		t.apply("vip", spec(", friendlyName: New"))
		t.settled("vip", v1alpha1.ReasonAccountNotReady)
		Expect(owner.only().FriendlyName).To(BeEmpty())
		t.delete("vip")
		Consistently(owner.conversations, "300ms").Should(HaveLen(1))
		t.relabel("twilio", "yes")
		t.gone("vip")
		Expect(owner.conversations()).To(BeEmpty())
	})

	It("named default serves who names none and has no account of the namespace", func() {
		owner, without, with := newBareTenant(), newBareTenant(), newTenant()
		owner.clusterAccount("default", &v1alpha1.AllowedNamespaces{Names: []string{without.Namespace, with.Namespace}})
		without.apply("vip", `{}`)
		with.apply("vip", `{}`)
		Expect(without.settled("vip", v1alpha1.ReasonSynced).Status.AccountSID).To(Equal(owner.SID))
		Expect(with.settled("vip", v1alpha1.ReasonSynced).Status.AccountSID).To(Equal(with.SID))

		By("an account of the namespace that comes later takes nothing over")
		without.create(without.secret(without.credentials()))
		without.create(without.Account())
		conv := without.settled("vip", v1alpha1.ReasonAccountMismatch)
		Expect(conv.Status.AccountSID).To(Equal(owner.SID))
		Expect(without.conversations()).To(BeEmpty())
		Expect(k8s.Delete(ctx(), without.Account())).To(Succeed())
		Eventually(func() bool { return missing(without.Account()) }).Should(BeTrue())
		without.settled("vip", v1alpha1.ReasonSynced)
		Expect(owner.conversations()).To(HaveLen(1))
	})

	It("and its Secret stay until the last conversation is gone, wherever that is", func() {
		owner, t := newBareTenant(), newBareTenant()
		a := owner.clusterAccount("c-"+random.Hex(4), &v1alpha1.AllowedNamespaces{Names: []string{t.Namespace}})
		t.apply("vip", "{accountRef: {kind: ClusterTwilioAccount, name: "+a.Name+"}}")
		t.settled("vip", v1alpha1.ReasonSynced)
		secret := owner.secret(nil)
		Expect(k8s.Delete(ctx(), a)).To(Succeed())
		Expect(k8s.Delete(ctx(), secret)).To(Succeed())
		Consistently(func() bool { return missing(a) || missing(secret) }, "300ms").Should(BeFalse())
		t.delete("vip")
		t.gone("vip")
		Eventually(func() bool { return missing(a) && missing(secret) }).Should(BeTrue())
		Expect(owner.conversations()).To(BeEmpty())
	})
})
