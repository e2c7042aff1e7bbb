// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package permissions_test

import (
	"slices"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	eventsv1 "k8s.io/api/events/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/test/testbed"
)

// without takes a verb of a resource from the rules of a role.
func without(verb, resource string) func(*rbacv1.PolicyRule) {
	return func(r *rbacv1.PolicyRule) {
		switch {
		case !slices.Contains(r.Resources, resource):
		case len(r.Verbs) == 1:
			r.Resources = slices.DeleteFunc(slices.Clone(r.Resources), func(other string) bool { return other == resource })
		default:
			r.Verbs = slices.DeleteFunc(slices.Clone(r.Verbs), func(other string) bool { return other == verb })
		}
	}
}

var _ = Describe("A role that lacks", func() {
	for _, missing := range []struct{ verb, resource string }{{"patch", "secrets"}, {"get", "secrets"}, {"patch", "twilioaccounts"}} {
		It(missing.verb+" of "+missing.resource+" is named by the account, and everything goes on once it has that", func() {
			t := newTenant()
			permit(t.Namespace, without(missing.verb, missing.resource))
			startManager(t.Namespace)
			Eventually(t.accountReason).Should(Equal(v1alpha1.ReasonKubernetesRefused))
			Expect(testbed.Ready(t.account.Status.Conditions).Message).To(SatisfyAll(
				ContainSubstring("cannot "+missing.verb+` resource "`+missing.resource+`"`), ContainSubstring("docs/rbac.md")))
			Eventually(t.conversationReason).Should(Equal(v1alpha1.ReasonAccountNotReady))
			permit(t.Namespace, nil)
			t.ready()
		})
	}

	It("patch of conversations is named by the conversation, and nothing is sent", func() {
		t := newTenant()
		permit(t.Namespace, without("patch", "conversations"))
		startManager(t.Namespace)
		Eventually(t.conversationReason).Should(Equal(v1alpha1.ReasonKubernetesRefused))
		Expect(testbed.Ready(t.conversation.Status.Conditions).Message).To(SatisfyAll(
			ContainSubstring(`cannot patch resource "conversations"`), ContainSubstring("docs/rbac.md")))
		all, err := twilio.Conversations(ctx, t.SID)
		Expect(err).NotTo(HaveOccurred())
		Expect(all).To(BeEmpty())
		permit(t.Namespace, nil)
		t.ready()
	})

	It("patch of the status of conversations is named by an event, and nothing is made twice", func() {
		t := newTenant()
		permit(t.Namespace, without("patch", "conversations/status"))
		startManager(t.Namespace)
		Eventually(func() []eventsv1.Event {
			var all eventsv1.EventList
			Expect(bed.Client.List(ctx, &all, client.InNamespace(t.Namespace))).To(Succeed())
			return all.Items
		}).Should(ContainElement(SatisfyAll(
			HaveField("Regarding.Name", "vip"), HaveField("Type", "Warning"), HaveField("Reason", v1alpha1.ReasonKubernetesRefused),
			HaveField("Note", ContainSubstring(`cannot patch resource "conversations/status"`)))))
		permit(t.Namespace, nil)
		t.ready()
		all, err := twilio.Conversations(ctx, t.SID)
		Expect(err).NotTo(HaveOccurred())
		Expect(all).To(HaveLen(1))
	})
})
