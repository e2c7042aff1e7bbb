// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package system_test

import (
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/conversations-operator/conversations-operator/test/testbed"
)

// selects tells whether a selector selects the pods of the Deployment that config/default installs.
func selects(selector metav1.LabelSelector) bool {
	GinkgoHelper()
	s, err := metav1.LabelSelectorAsSelector(&selector)
	Expect(err).NotTo(HaveOccurred())
	return s.Matches(labels.Set(installed().Spec.Template.Labels))
}

var _ = Describe("The network policies", func() {
	It("let the manager reach what it needs, and be reached for metrics", func() {
		text, err := bed.Kubectl(ctx, "kustomize", "config/network-policy")
		Expect(err).NotTo(HaveOccurred())
		var in, out []networkingv1.NetworkPolicyPort
		directions := map[networkingv1.PolicyType]bool{}
		for document := range strings.SplitSeq(text, "\n---\n") {
			var policy networkingv1.NetworkPolicy
			Expect(yaml.UnmarshalStrict([]byte(document), &policy)).To(Succeed())
			policy.Namespace = "default"
			Expect(bed.Client.Create(ctx, policy.DeepCopy(), client.DryRunAll)).To(Succeed())
			Expect(selects(policy.Spec.PodSelector)).To(BeTrue(), policy.Name)
			for _, direction := range policy.Spec.PolicyTypes {
				directions[direction] = true
			}
			for _, rule := range policy.Spec.Ingress {
				Expect(rule.From).To(ConsistOf(networkingv1.NetworkPolicyPeer{
					NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"metrics": "enabled"}}}))
				in = append(in, rule.Ports...)
			}
			for _, rule := range policy.Spec.Egress {
				out = append(out, rule.Ports...)
			}
		}
		Expect(directions).To(HaveLen(2))
		Expect(in).To(ConsistOf(port(corev1.ProtocolTCP, metricsPort())))
		Expect(out).To(ConsistOf(port(corev1.ProtocolUDP, 53), port(corev1.ProtocolTCP, 53), port(corev1.ProtocolTCP, 443), port(corev1.ProtocolTCP, 6443)))
	})
})

func port(protocol corev1.Protocol, number int32) networkingv1.NetworkPolicyPort {
	return networkingv1.NetworkPolicyPort{Protocol: &protocol, Port: new(intstr.FromInt32(number))}
}

func metricsPort() int32 {
	GinkgoHelper()
	for _, p := range installed().Spec.Template.Spec.Containers[0].Ports {
		if p.Name == "metrics" {
			return p.ContainerPort
		}
	}
	Fail("the Deployment has no port for metrics")
	return 0
}

var _ = Describe("Two replicas", func() {
	It("are spread over the nodes, and drained one by one", func() {
		budget := &policyv1.PodDisruptionBudget{}
		Expect(bed.Client.Get(ctx, client.ObjectKey{Namespace: testbed.Namespace, Name: testbed.Deployment}, budget)).To(Succeed())
		Expect(budget.Spec.MaxUnavailable).To(HaveValue(Equal(intstr.FromInt32(1))))
		Expect(selects(*budget.Spec.Selector)).To(BeTrue())
		spread := installed().Spec.Template.Spec.TopologySpreadConstraints
		Expect(spread).To(ContainElement(HaveField("TopologyKey", corev1.LabelHostname)))
		Expect(selects(*spread[0].LabelSelector)).To(BeTrue())
	})
})
