// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/test/testbed/random"
)

// neighbour is another namespace with an account object of its own that leads to the tenant's Twilio account.
func (t *tenant) neighbour() *tenant {
	GinkgoHelper()
	n := newBareTenantAt(t.sim)
	n.create(n.secret(t.credentials()))
	n.create(n.Account())
	Eventually(n.accountReason).Should(Equal(v1alpha1.ReasonAuthenticated))
	return n
}

var _ = Describe("A tenant", func() {
	It("cannot adopt by sid what another namespace manages", func() {
		t := newTenant()
		t.apply("vip", `{friendlyName: Mine}`)
		there := t.settled("vip", v1alpha1.ReasonSynced)
		n := t.neighbour()
		n.apply("theft", "{friendlyName: Theirs, state: closed, deletionPolicy: Delete, adoption: {sid: "+there.Status.SID+"}}")
		conv := n.settled("theft", v1alpha1.ReasonAlreadyManaged)
		Expect(conv.Status.SID).To(BeEmpty())
		n.delete("theft")
		n.gone("theft")
		Expect(t.only()).To(SatisfyAll(HaveField("SID", there.Status.SID), HaveField("FriendlyName", "Mine"), HaveField("State", "active")))
	})

	It("cannot adopt by name what another namespace manages", func() {
		t := newTenant()
		t.apply("vip", `{uniqueName: vip, friendlyName: Mine}`)
		sid := t.settled("vip", v1alpha1.ReasonSynced).Status.SID
		n := t.neighbour()
		n.apply("theft", `{uniqueName: vip, friendlyName: Theirs, deletionPolicy: Delete, adoption: {policy: IfExists}}`)
		conv := n.settled("theft", v1alpha1.ReasonAlreadyManaged)
		Expect(conv.Status.SID).To(BeEmpty())
		n.delete("theft")
		n.gone("theft")
		Expect(t.only()).To(SatisfyAll(HaveField("SID", sid), HaveField("FriendlyName", "Mine")))
	})

	It("that was first with a name keeps it, and whoever comes later touches nothing", func() {
		t := newTenant()
		n := t.neighbour()
		n.apply("squat", `{uniqueName: support, friendlyName: First}`)
		sid := n.settled("squat", v1alpha1.ReasonSynced).Status.SID
		t.apply("support", `{uniqueName: support, friendlyName: Second, deletionPolicy: Delete}`)
		t.settled("support", v1alpha1.ReasonAlreadyManaged)
		t.delete("support")
		t.gone("support")
		Expect(t.only()).To(SatisfyAll(HaveField("SID", sid), HaveField("FriendlyName", "First")))
	})

	It("that points its account at somebody else's deletes nothing there, and does not forget what it had", func() {
		t, other := newTenant(), newTenant()
		t.apply("vip", `{friendlyName: Mine}`)
		t.settled("vip", v1alpha1.ReasonSynced)
		other.apply("theirs", `{friendlyName: Theirs}`)
		other.settled("theirs", v1alpha1.ReasonSynced)
		before := len(other.requests())
		t.exchange(other)
		t.settled("vip", v1alpha1.ReasonAccountMismatch)
		t.delete("vip")
		t.settled("vip", v1alpha1.ReasonAccountMismatch)
		Expect(other.requests()[before:]).To(BeEmpty())
		Expect(t.only().FriendlyName).To(Equal("Mine"))

		t.exchange(t)
		t.gone("vip")
		Expect(t.conversations()).To(BeEmpty())
		Expect(other.only().FriendlyName).To(Equal("Theirs"))
	})

	It("that is taken off the list of a shared account keeps what it has and can do nothing more", func() {
		owner, t := newBareTenant(), newBareTenant()
		a := owner.clusterAccount("c-"+random.Hex(4), &v1alpha1.AllowedNamespaces{Names: []string{t.Namespace}})
		spec := func(name string) string {
			return "{accountRef: {kind: ClusterTwilioAccount, name: " + a.Name + "}, friendlyName: " + name + "}"
		}
		t.apply("vip", spec("One"))
		sid := t.settled("vip", v1alpha1.ReasonSynced).Status.SID
		owner.allow(a, &v1alpha1.AllowedNamespaces{Names: []string{owner.Namespace}})
		conv := t.settled("vip", v1alpha1.ReasonAccountNotReady)
		Expect(message(conv.Status.Conditions)).To(ContainSubstring("does not allow namespace"))
		Expect(conv.Status).To(SatisfyAll(HaveField("SID", sid), HaveField("FriendlyName", "One")))
		before := len(owner.requests())
		t.apply("vip", spec("Two"))
		t.apply("another", spec("Three"))
		t.settled("vip", v1alpha1.ReasonAccountNotReady)
		t.settled("another", v1alpha1.ReasonAccountNotReady)
		t.ask("vip", "now")
		t.delete("vip")
		Consistently(func() error { return k8s.Get(ctx(), client.ObjectKeyFromObject(conv), conv) }, "300ms").Should(Succeed())
		Expect(owner.requests()[before:]).To(BeEmpty())
		Expect(owner.only().FriendlyName).To(Equal("One"))

		owner.allow(a, &v1alpha1.AllowedNamespaces{Names: []string{t.Namespace}})
		t.gone("vip")
		t.settled("another", v1alpha1.ReasonSynced)
		Expect(owner.only().FriendlyName).To(Equal("Three"))
	})
})
