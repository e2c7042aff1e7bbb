// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

var _ = Describe("The Secret of an account", func() {
	secretGone := func(t *tenant) func() error {
		return func() error {
			return k8s.Get(ctx(), client.ObjectKey{Namespace: t.Namespace, Name: "twilio"}, &corev1.Secret{})
		}
	}

	It("is held while a conversation needs it, and goes when the last one is gone", func() {
		t := newTenant()
		t.apply("vip", `{}`)
		t.settled("vip", v1alpha1.ReasonSynced)
		Expect(k8s.Delete(ctx(), t.secret(nil))).To(Succeed())
		Consistently(secretGone(t)).Should(Succeed())
		t.delete("vip")
		t.gone("vip")
		Eventually(secretGone(t)).Should(MatchError(ContainSubstring("not found")))
		Eventually(t.accountReason).Should(Equal(v1alpha1.ReasonSecretMissing))
		Expect(t.conversations()).To(BeEmpty())
	})

	It("goes at once where no conversation needs it", func() {
		t := newTenant()
		Expect(k8s.Delete(ctx(), t.secret(nil))).To(Succeed())
		Eventually(secretGone(t)).Should(MatchError(ContainSubstring("not found")))
	})

	It("is let go when the account was pointed at another one, and goes when it is deleted", func() {
		t := newTenant()
		other := t.secret(map[string]string{"TWILIO_ACCOUNT_SID": t.SID, "TWILIO_AUTH_TOKEN": t.Token})
		other.Name = "other"
		t.create(other)
		t.apply("vip", `{}`)
		t.settled("vip", v1alpha1.ReasonSynced)
		a := t.Account()
		Expect(k8s.Get(ctx(), client.ObjectKeyFromObject(a), a)).To(Succeed())
		before := a.DeepCopy()
		a.Spec.CredentialsSecretRef.Name = "other"
		Expect(k8s.Patch(ctx(), a, client.MergeFrom(before))).To(Succeed())
		Eventually(func() int64 {
			_ = k8s.Get(ctx(), client.ObjectKeyFromObject(a), a)
			return a.Status.ObservedGeneration
		}).Should(Equal(a.Generation))
		Eventually(func() []string {
			old := t.secret(nil)
			Expect(k8s.Get(ctx(), client.ObjectKeyFromObject(old), old)).To(Succeed())
			return old.Finalizers
		}).Should(BeEmpty(), "there may be no operator any more when it is deleted")
		Expect(k8s.Delete(ctx(), t.secret(nil))).To(Succeed())
		Eventually(secretGone(t)).Should(MatchError(ContainSubstring("not found")))
	})
})
