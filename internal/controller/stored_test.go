// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

// loosen takes the rules off the spec of Conversations, until the returned function is called.
func loosen() (restore func()) {
	GinkgoHelper()
	crd := func() *unstructured.Unstructured {
		o := &unstructured.Unstructured{}
		o.SetGroupVersionKind(schema.GroupVersionKind{Group: "apiextensions.k8s.io", Version: "v1", Kind: "CustomResourceDefinition"})
		Expect(k8s.Get(ctx(), client.ObjectKey{Name: "conversations.twilio-operator.dev"}, o)).To(Succeed())
		return o
	}
	path := []string{"schema", "openAPIV3Schema", "properties", "spec"}
	strict, loose := crd(), crd()
	versions, _, err := unstructured.NestedSlice(loose.Object, "spec", "versions")
	Expect(err).NotTo(HaveOccurred())
	Expect(unstructured.SetNestedMap(versions[0].(map[string]any), map[string]any{
		"type": "object", "x-kubernetes-preserve-unknown-fields": true,
		// It is selectable.
		"properties": map[string]any{"uniqueName": map[string]any{"type": "string"}},
	}, path...)).To(Succeed())
	Expect(unstructured.SetNestedSlice(loose.Object, versions, "spec", "versions")).To(Succeed())
	Expect(k8s.Update(ctx(), loose)).To(Succeed())
	return func() {
		strict.SetResourceVersion(crd().GetResourceVersion())
		Expect(k8s.Update(ctx(), strict)).To(Succeed())
	}
}

var _ = Describe("A conversation that was stored before a rule", Serial, func() {
	It("is refused without a word to Twilio, and can be corrected and deleted", func() {
		t := newTenant()
		t.apply("probe", `{}`)
		t.settled("probe", v1alpha1.ReasonSynced)
		invalid := &v1alpha1.Conversation{}
		invalid.Namespace, invalid.Name = t.Namespace, "vip"
		invalid.Spec.UniqueName, invalid.Spec.Timers = "k8s.squat", &v1alpha1.TimersSpec{Inactive: "P1Y"}
		invalid.Spec.Suspend = true
		deleted := invalid.DeepCopy()
		deleted.Name = "deleted"
		restore := loosen()
		for _, conv := range []*v1alpha1.Conversation{invalid, deleted} {
			Eventually(func() error { return k8s.Create(ctx(), conv.DeepCopy()) }).Should(Succeed())
			Eventually(func() []metav1.Condition { return t.get(conv.Name).Status.Conditions }).ShouldNot(BeEmpty())
		}
		restore()
		Eventually(func() error { return k8s.Create(ctx(), named(invalid, "another"), client.DryRunAll) }).ShouldNot(Succeed())

		before := len(t.requests())
		t.change("vip", func(s *v1alpha1.ConversationSpec) { s.Suspend = false })
		t.change("deleted", func(s *v1alpha1.ConversationSpec) { s.Suspend = false })
		conv := t.settled("vip", v1alpha1.ReasonRejected)
		Expect(message(conv.Status.Conditions)).To(ContainSubstring("spec."))
		t.settled("deleted", v1alpha1.ReasonRejected)
		t.delete("deleted")
		t.gone("deleted")
		Expect(t.requests()[before:]).To(BeEmpty())

		t.change("vip", func(s *v1alpha1.ConversationSpec) {
			s.UniqueName, s.Timers = "vip", &v1alpha1.TimersSpec{Inactive: "P1D"}
		})
		t.settled("vip", v1alpha1.ReasonSynced)
		Expect(t.conversations()).To(HaveLen(2))
	})
})

func named(conv *v1alpha1.Conversation, name string) *v1alpha1.Conversation {
	out := conv.DeepCopy()
	out.Name = name
	return out
}
