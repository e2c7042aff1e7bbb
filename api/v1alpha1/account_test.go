// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1_test

import (
	"context"
	"fmt"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

const (
	clusterSecretRef = "credentialsSecretRef: {name: twilio, namespace: twilio}"

	notASecret = "must be the name of a Secret: lower-case letters, digits, hyphens and dots, " +
		"starting and ending with a letter or digit"
	edgeMissing = "set edge beside region, such as edge: dublin for region: ie1. " +
		"A region other than us1 needs it: without an edge, Twilio answers from us1"
	notANamespace = "must be the name of a namespace: lower-case letters, digits and hyphens, " +
		"starting and ending with a letter or digit"
)

func manyNames(n int) string {
	var names []string
	for i := range n {
		names = append(names, fmt.Sprintf("n%d", i))
	}
	return strings.Join(names, ", ")
}

var _ = Describe("An account", func() {
	DescribeTable("is refused with",
		func(ctx context.Context, manifest string, want ...string) {
			Expect(refusals(create(ctx, "default", manifest))).To(ConsistOf(want))
			_, err := apply(ctx, "default", manifest, client.DryRunAll)
			Expect(err).To(HaveOccurred())
		},
		Entry("no spec", twilioAccount(""),
			"spec: Required value", unchecked),
		Entry("no Secret", twilioAccount("spec: {accountSid: "+acSID+"}"),
			"spec.credentialsSecretRef: Required value", unchecked),
		Entry("a Secret without a name", twilioAccount("spec: {credentialsSecretRef: {}}"),
			"spec.credentialsSecretRef.name: Required value", unchecked),
		Entry("a Secret's name that no Secret can have", twilioAccount("spec: {credentialsSecretRef: {name: TWILIO_AUTH_TOKEN}}"),
			`spec.credentialsSecretRef.name: Invalid value: "TWILIO_AUTH_TOKEN": `+notASecret),
		Entry("a Secret in another namespace", twilioAccount("spec: {credentialsSecretRef: {name: twilio, namespace: kube-system}}"),
			`TwilioAccount in version "v1alpha1" cannot be handled as a TwilioAccount: strict decoding error: `+
				`unknown field "spec.credentialsSecretRef.namespace"`),
		Entry("allowed namespaces where only its own can be", twilioAccount("spec: {"+secretRef+", allowedNamespaces: {}}"),
			`TwilioAccount in version "v1alpha1" cannot be handled as a TwilioAccount: strict decoding error: `+
				`unknown field "spec.allowedNamespaces"`),
		Entry("the SID of something else", twilioAccount("spec: {"+secretRef+", accountSid: SK0123456789abcdefABCDEF0123456789}"),
			`spec.accountSid: Invalid value: "SK0123456789abcdefABCDEF0123456789": `+
				`must be the SID of an account: AC followed by 32 hexadecimal digits`),
		Entry("a region that would lead elsewhere", twilioAccount("spec: {"+secretRef+", region: 'example.com/', edge: dublin}"),
			`spec.region: Invalid value: "example.com/": `+
				`must be the name of a Twilio Region, such as ie1: lower-case letters, digits and hyphens`),
		Entry("an edge that would lead elsewhere", twilioAccount("spec: {"+secretRef+", edge: 'user@evil'}"),
			`spec.edge: Invalid value: "user@evil": `+
				`must be the name of a Twilio Edge Location, such as dublin: lower-case letters, digits and hyphens`),
		Entry("an empty region", twilioAccount("spec: {"+secretRef+", region: '', edge: dublin}"),
			`spec.region: Invalid value: "": `+
				`must be the name of a Twilio Region, such as ie1: lower-case letters, digits and hyphens`),
		Entry("a region without its edge", twilioAccount("spec: {"+secretRef+", region: ie1}"),
			"spec.edge: Required value: "+edgeMissing),
		Entry("a region without its edge, cluster-wide", clusterTwilioAccount("spec: {"+clusterSecretRef+", region: ie1}"),
			"spec.edge: Required value: "+edgeMissing),
		Entry("a region that is not known yet, without its edge", twilioAccount("spec: {"+secretRef+", region: jp1}"),
			"spec.edge: Required value: "+edgeMissing),
		Entry("the name of Twilio's default region in capital letters", twilioAccount("spec: {"+secretRef+", region: US1, edge: ashburn}"),
			`spec.region: Invalid value: "US1": `+
				`must be the name of a Twilio Region, such as ie1: lower-case letters, digits and hyphens`),
		Entry("a drift check that is too frequent", twilioAccount("spec: {"+secretRef+", driftCheckIntervalSeconds: 29}"),
			`spec.driftCheckIntervalSeconds: Invalid value: 29: must be at least 30, or 0 for no drift check`),
		Entry("a drift check in the past", twilioAccount("spec: {"+secretRef+", driftCheckIntervalSeconds: -1}"),
			`spec.driftCheckIntervalSeconds: Invalid value: -1: must be at least 30, or 0 for no drift check`),
		Entry("no requests at all", twilioAccount("spec: {"+secretRef+", maxConcurrentRequests: 0}"),
			`spec.maxConcurrentRequests: Invalid value: 0: spec.maxConcurrentRequests in body should be greater than or equal to 1`),
		Entry("too many requests", twilioAccount("spec: {"+secretRef+", maxConcurrentRequests: 1001}"),
			`spec.maxConcurrentRequests: Invalid value: 1001: spec.maxConcurrentRequests in body should be less than or equal to 1000`),
		Entry("a Secret in no namespace, cluster-wide", clusterTwilioAccount("spec: {"+secretRef+"}"),
			"spec.credentialsSecretRef.namespace: Required value", unchecked),
		Entry("a Secret in a namespace that cannot be",
			clusterTwilioAccount("spec: {credentialsSecretRef: {name: twilio, namespace: a/b}}"),
			`spec.credentialsSecretRef.namespace: Invalid value: "a/b": `+notANamespace),
		Entry("an allowed namespace that cannot be",
			clusterTwilioAccount("spec: {"+clusterSecretRef+", allowedNamespaces: {names: [a, '*']}}"),
			`spec.allowedNamespaces.names[1]: Invalid value: "*": `+notANamespace),
		Entry("the same namespace twice",
			clusterTwilioAccount("spec: {"+clusterSecretRef+", allowedNamespaces: {names: [a, a]}}"),
			`spec.allowedNamespaces.names[1]: Duplicate value: "a"`),
		Entry("too many namespaces by name",
			clusterTwilioAccount("spec: {"+clusterSecretRef+", allowedNamespaces: {names: ["+manyNames(257)+"]}}"),
			`spec.allowedNamespaces.names: Too many: 257: must have at most 256 items`, unchecked),
	)

	DescribeTable("is accepted, as it was written, with",
		func(ctx context.Context, manifest string) {
			namespace := newNamespace(ctx)
			stored, err := apply(ctx, namespace, manifest)
			Expect(err).NotTo(HaveOccurred())
			DeferCleanup(func(ctx context.Context) { Expect(k8sClient.Delete(ctx, stored)).To(Succeed()) })
			Expect(stored.Object["spec"]).To(Equal(object(namespace, manifest).Object["spec"]))
		},
		Entry("nothing but a Secret", twilioAccount("spec: {"+secretRef+"}")),
		Entry("every field", twilioAccount("spec: {"+secretRef+", accountSid: "+acSID+
			", region: ie1, edge: dublin, driftCheckIntervalSeconds: 30, maxConcurrentRequests: 1}")),
		Entry("Twilio's default region without an edge", twilioAccount("spec: {"+secretRef+", region: us1}")),
		Entry("an edge of Twilio's default region", twilioAccount("spec: {"+secretRef+", edge: dublin}")),
		Entry("Twilio's default region without an edge, cluster-wide", clusterTwilioAccount("spec: {"+clusterSecretRef+", region: us1}")),
		Entry("no drift check", twilioAccount("spec: {"+secretRef+", driftCheckIntervalSeconds: 0}")),
		Entry("the most requests", twilioAccount("spec: {"+secretRef+", maxConcurrentRequests: 1000}")),
		Entry("nothing but a Secret, cluster-wide", clusterTwilioAccount("spec: {"+clusterSecretRef+"}")),
		Entry("every field, cluster-wide", clusterTwilioAccount("spec: {"+clusterSecretRef+", accountSid: "+acSID+
			", region: ie1, edge: dublin, driftCheckIntervalSeconds: 600, maxConcurrentRequests: 10, allowedNamespaces: "+
			"{names: [sales, support-eu], selector: {matchLabels: {twilio: allowed}, "+
			"matchExpressions: [{key: env, operator: NotIn, values: [dev]}]}}}")),
		Entry("a selector for every namespace",
			clusterTwilioAccount("spec: {"+clusterSecretRef+", allowedNamespaces: {selector: {}}}")),
		Entry("nobody allowed, in three ways",
			clusterTwilioAccount("spec: {"+clusterSecretRef+", allowedNamespaces: {names: [], selector: null}}")),
		Entry("null for the allowed namespaces", clusterTwilioAccount("spec: {"+clusterSecretRef+", allowedNamespaces: null}")),
	)

	It("may come to another Twilio account, Secret and region", func(ctx context.Context) {
		namespace := newNamespace(ctx)
		_, err := apply(ctx, namespace, twilioAccount("spec: {"+secretRef+", accountSid: "+acSID+", region: ie1, edge: dublin}"))
		Expect(err).NotTo(HaveOccurred())
		updated, err := apply(ctx, namespace, twilioAccount("spec: {credentialsSecretRef: {name: other}}"))
		Expect(err).NotTo(HaveOccurred())
		Expect(updated.Object["spec"]).To(Equal(map[string]any{"credentialsSecretRef": map[string]any{"name": "other"}}))
	})

	It("forgets the namespaces that it no longer allows", func(ctx context.Context) {
		manifest := clusterTwilioAccount("spec: {" + clusterSecretRef + ", allowedNamespaces: {names: [a]}}")
		account, err := apply(ctx, "", manifest)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(func(ctx context.Context) { Expect(k8sClient.Delete(ctx, account)).To(Succeed()) })

		for _, rest := range []string{", allowedNamespaces: {names: []}", ", allowedNamespaces: {}", ""} {
			_, err = apply(ctx, "", manifest)
			Expect(err).NotTo(HaveOccurred())
			_, err = apply(ctx, "", clusterTwilioAccount("spec: {"+clusterSecretRef+rest+"}"))
			Expect(err).NotTo(HaveOccurred())
			var stored v1alpha1.ClusterTwilioAccount
			Expect(k8sClient.Get(ctx, client.ObjectKey{Name: "vip"}, &stored)).To(Succeed())
			if allowed := stored.Spec.AllowedNamespaces; allowed != nil {
				Expect(allowed.Names).To(BeEmpty())
				Expect(allowed.Selector).To(BeNil())
			}
		}
	})

	It("shows what both kinds share", func() {
		local := &v1alpha1.TwilioAccount{ObjectMeta: metav1.ObjectMeta{Namespace: "sales", Name: "default"}}
		local.Spec.CredentialsSecretRef.Name = "twilio"
		Expect(local.AccountKind()).To(Equal(v1alpha1.TwilioAccountKind))
		Expect(local.CredentialsSecret()).To(Equal(types.NamespacedName{Namespace: "sales", Name: "twilio"}))
		local.CommonSpec().Region = "ie1"
		local.CommonStatus().AccountSID = acSID
		Expect(local.Spec.Region).To(Equal("ie1"))
		Expect(local.Status.AccountSID).To(Equal(acSID))

		cluster := &v1alpha1.ClusterTwilioAccount{ObjectMeta: metav1.ObjectMeta{Name: "default"}}
		cluster.Spec.CredentialsSecretRef = v1alpha1.SecretReference{Namespace: "twilio", Name: "credentials"}
		Expect(cluster.AccountKind()).To(Equal(v1alpha1.ClusterTwilioAccountKind))
		Expect(cluster.CredentialsSecret()).To(Equal(types.NamespacedName{Namespace: "twilio", Name: "credentials"}))
		cluster.CommonSpec().Edge = "dublin"
		cluster.CommonStatus().Conversations = new(int32(3))
		Expect(cluster.Spec.Edge).To(Equal("dublin"))
		Expect(cluster.Status.Conversations).To(HaveValue(BeEquivalentTo(3)))
	})
})
