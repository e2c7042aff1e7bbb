// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1_test

import (
	"context"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

var _ = Describe("A Conversation that was stored before a rule", Serial, func() {
	It("can still be reported on and released, and the Go validator tells what is wrong", func(ctx context.Context) {
		namespace := newNamespace(ctx)
		manifest := conversation("spec: {uniqueName: k8s.a/b, friendlyName: VIP}")
		rules := changeSchema(ctx, func(spec *apiextensionsv1.JSONSchemaProps) {
			spec.XValidations = nil
			uniqueName := spec.Properties["uniqueName"]
			uniqueName.XValidations = nil
			spec.Properties["uniqueName"] = uniqueName
		})
		DeferCleanup(func(ctx context.Context) {
			changeSchema(ctx, func(spec *apiextensionsv1.JSONSchemaProps) { *spec = *rules })
		})
		Eventually(create).WithArguments(ctx, namespace, manifest).Should(Succeed())
		_, err := apply(ctx, namespace, manifest)
		Expect(err).NotTo(HaveOccurred())

		changeSchema(ctx, func(spec *apiextensionsv1.JSONSchemaProps) { *spec = *rules.DeepCopy() })
		var refused []string
		Eventually(func() []string {
			// As long as the old rules hold, the name alone is in the way.
			refused = refusals(create(ctx, namespace, manifest))
			return refused
		}).Should(ContainElement(ContainSubstring("must not")))

		By("letting what does not change be, as package admission foretells")
		for _, after := range []string{manifest, conversation("spec: {uniqueName: k8s.a/b, friendlyName: Edited}"), conversation("spec: {uniqueName: K8s.b}")} {
			_, err = apply(ctx, namespace, after, client.DryRunAll)
			Expect(foretold(ctx, manifest, after)).To(ConsistOf(refusals(err)), after)
		}

		conv := &v1alpha1.Conversation{}
		Expect(k8sClient.Get(ctx, client.ObjectKey{Namespace: namespace, Name: "vip"}, conv)).To(Succeed())
		expectAgreement(&conv.Spec, refused)

		conv.Finalizers = []string{v1alpha1.Finalizer}
		Expect(k8sClient.Update(ctx, conv)).To(Succeed())
		conv.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ConditionReady, Status: metav1.ConditionFalse,
			Reason: v1alpha1.ReasonRejected, Message: refused[0], LastTransitionTime: metav1.Now()}}
		Expect(k8sClient.Status().Update(ctx, conv)).To(Succeed())
		Expect(k8sClient.Delete(ctx, conv)).To(Succeed())
		Expect(k8sClient.Get(ctx, client.ObjectKeyFromObject(conv), conv)).To(Succeed())
		conv.Finalizers = nil
		Expect(k8sClient.Update(ctx, conv)).To(Succeed())
	})
})

// changeSchema changes the schema of the spec in the installed CRD, and returns the old schema.
func changeSchema(ctx context.Context, change func(spec *apiextensionsv1.JSONSchemaProps)) *apiextensionsv1.JSONSchemaProps {
	GinkgoHelper()
	crd := &apiextensionsv1.CustomResourceDefinition{}
	Expect(k8sClient.Get(ctx, client.ObjectKey{Name: "conversations.twilio-operator.dev"}, crd)).To(Succeed())
	properties := crd.Spec.Versions[0].Schema.OpenAPIV3Schema.Properties
	spec := properties["spec"]
	before := spec.DeepCopy()
	change(&spec)
	properties["spec"] = spec
	Expect(k8sClient.Update(ctx, crd)).To(Succeed())
	return before
}
