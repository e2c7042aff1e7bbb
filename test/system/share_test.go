// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package system_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/test/testbed"
	"github.com/conversations-operator/conversations-operator/test/testbed/random"
)

// share gives every namespace the tenant's Twilio account through a ClusterTwilioAccount, until the spec ends or somebody
// deletes it.
func (t *tenant) share() *v1alpha1.ClusterTwilioAccount {
	GinkgoHelper()
	account := &v1alpha1.ClusterTwilioAccount{ObjectMeta: metav1.ObjectMeta{Name: t.Namespace}}
	account.Spec.CredentialsSecretRef.Name, account.Spec.CredentialsSecretRef.Namespace = "twilio", t.Namespace
	account.Spec.DriftCheckIntervalSeconds = new(int32(0))
	account.Spec.AllowedNamespaces = &v1alpha1.AllowedNamespaces{Selector: &metav1.LabelSelector{}}
	create(account)
	DeferCleanup(func() { Expect(client.IgnoreNotFound(bed.Client.Delete(ctx, account))).To(Succeed()) })
	Eventually(func(g Gomega) {
		g.Expect(bed.Client.Get(ctx, client.ObjectKeyFromObject(account), account)).To(Succeed())
		g.Expect(meta.IsStatusConditionTrue(account.Status.Conditions, v1alpha1.ConditionReady)).To(BeTrue())
	}).Should(Succeed())
	return account
}

// shareAndTakeBack has a conversation through a shared account, and removes both.
func shareAndTakeBack() {
	GinkgoHelper()
	t := newTenant()
	shared := t.share()
	guest := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "t-" + random.Hex(4)}}
	create(guest)
	conv := &v1alpha1.Conversation{ObjectMeta: metav1.ObjectMeta{Namespace: guest.Name, Name: "vip"}}
	conv.Spec.AccountRef = &v1alpha1.AccountReference{Kind: v1alpha1.ClusterTwilioAccountKind, Name: shared.Name}
	create(conv)
	Eventually(t.conversations).Should(HaveLen(1))
	remove(conv)
	remove(shared)
	Expect(t.conversations()).To(BeEmpty())
	t.leave()
}

// leave deletes all that the tenant has in its namespace.
func (t *tenant) leave() {
	GinkgoHelper()
	_, err := bed.Kubectl(ctx, "delete", "-n", t.Namespace, "conversations,twilioaccounts", "--all", "--timeout=60s")
	Expect(err).NotTo(HaveOccurred())
	remove(&corev1.Secret{ObjectMeta: t.Meta(testbed.SecretName)})
	Expect(t.conversations()).To(BeEmpty())
}

// interfere edits an object while its conversation is being created.
func (t *tenant) interfere() {
	GinkgoHelper()
	before := held()
	rule := t.hold(0)
	conv := t.Conversation("held")
	create(conv)
	Eventually(held).Should(BeNumerically(">", before))
	_, err := bed.Kubectl(ctx, "label", "-n", t.Namespace, "conversation", conv.Name, "edited=meanwhile")
	Expect(err).NotTo(HaveOccurred())
	Expect(twilio.Control(ctx, "DELETE /rules/"+rule, nil, nil)).To(Succeed())
	Eventually(func(g Gomega) {
		g.Expect(bed.Client.Get(ctx, client.ObjectKeyFromObject(conv), conv)).To(Succeed())
		g.Expect(conv.Status.SID).NotTo(BeEmpty())
	}).Should(Succeed())
}

// remove deletes an object and waits until it is gone.
func remove(o client.Object) {
	GinkgoHelper()
	Expect(bed.Client.Delete(ctx, o)).To(Succeed())
	Eventually(func() bool { return apierrors.IsNotFound(bed.Client.Get(ctx, client.ObjectKeyFromObject(o), o)) }).Should(BeTrue())
}

// tokenOf answers a token of a ServiceAccount of the namespace that may do nothing.
func tokenOf(namespace, name string) string {
	GinkgoHelper()
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
	create(account)
	token := &authenticationv1.TokenRequest{}
	Expect(bed.Client.SubResource("token").Create(ctx, account, token)).To(Succeed())
	secrets = append(secrets, token.Status.Token)
	return token.Status.Token
}
