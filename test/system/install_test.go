// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package system_test

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"os/exec"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
	"github.com/conversations-operator/conversations-operator/test/testbed"
)

var _ = Describe("The installation of config/default", func() {
	var deployment *appsv1.Deployment

	BeforeEach(func() {
		deployment = installed()
	})

	It("is unchanged when it is applied again", func() {
		out, err := bed.Kubectl(ctx, "apply", "-k", "config/default")
		Expect(err).NotTo(HaveOccurred())
		for line := range strings.Lines(out) {
			// Patches of its spec replace it, so that kubectl always has one to send.
			if strings.HasPrefix(line, "poddisruptionbudget.policy/") {
				continue
			}
			Expect(strings.TrimSpace(line)).To(HaveSuffix(" unchanged"))
		}
	})

	It("has pods that the restricted Pod Security Standard admits", func() {
		namespace := &corev1.Namespace{}
		Expect(bed.Client.Get(ctx, client.ObjectKey{Name: testbed.Namespace}, namespace)).To(Succeed())
		Expect(namespace.Labels).To(HaveKeyWithValue("pod-security.kubernetes.io/enforce", "restricted"))

		pod := &corev1.Pod{
			ObjectMeta: *deployment.Spec.Template.ObjectMeta.DeepCopy(),
			Spec:       *deployment.Spec.Template.Spec.DeepCopy(),
		}
		pod.Namespace, pod.Name = testbed.Namespace, "manager"
		Expect(bed.Client.Create(ctx, pod.DeepCopy(), client.DryRunAll)).To(Succeed())
		// That it would be refused otherwise shows that somebody looked.
		pod.Spec.Containers[0].SecurityContext.AllowPrivilegeEscalation = new(true)
		Expect(bed.Client.Create(ctx, pod, client.DryRunAll)).To(MatchError(ContainSubstring("violates PodSecurity")))
	})

	It("asks for what it needs, may write nowhere and tells whether it lives", func() {
		pod := deployment.Spec.Template.Spec
		manager := pod.Containers[0]
		Expect(manager.Resources.Requests).To(And(HaveKey(corev1.ResourceCPU), HaveKey(corev1.ResourceMemory)))
		Expect(manager.SecurityContext.ReadOnlyRootFilesystem).To(HaveValue(BeTrue()))
		Expect(pod.Volumes).To(BeEmpty())
		Expect(manager.LivenessProbe).NotTo(BeNil())
		Expect(manager.ReadinessProbe).NotTo(BeNil())
		Expect(*pod.TerminationGracePeriodSeconds).To(BeNumerically(">", 30), "the manager takes up to 30 s to end")
		Expect(manager.Args).NotTo(ContainElement(ContainSubstring("http2")))
	})

	It("gives the manager no flag that it does not know", func() {
		// The flag package prints the usage and ends with 0.
		usage, err := exec.CommandContext(ctx, manager.Path(), "--help").CombinedOutput()
		Expect(err).NotTo(HaveOccurred(), string(usage))
		for _, arg := range deployment.Spec.Template.Spec.Containers[0].Args {
			name, _, _ := strings.Cut(strings.TrimPrefix(arg, "--"), "=")
			Expect(string(usage)).To(MatchRegexp(`(?m)^  -%s\b`, name))
		}
	})

	It("serves metrics to those who may read them, and to nobody else", func() {
		secured := startManager("--metrics-secure", "--watch-label-selector=nobody=has-it")
		DeferCleanup(secured.Stop)
		Eventually(scrape).WithArguments(secured, "").Should(Equal(http.StatusUnauthorized))
		token := tokenOf("default", "reader")
		Expect(scrape(secured, token)).To(Equal(http.StatusForbidden))
		create(&rbacv1.ClusterRoleBinding{
			ObjectMeta: metav1.ObjectMeta{Name: "reader"},
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "conversations-operator-metrics-reader"},
			Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: "default", Name: "reader"}},
		})
		Eventually(scrape).WithArguments(secured, token).Should(Equal(http.StatusOK))
	})
})

var _ = Describe("Two managers with leader election", func() {
	It("work one after the other", func() {
		Expect(manager.Stop()).To(Succeed())
		DeferCleanup(func() { Expect(manager.Start(ctx)).To(Succeed()) })
		elect := []string{"--leader-elect", "--leader-election-namespace=" + testbed.Namespace}
		first := startManager(elect...)
		t := newTenant()
		second := startManager(elect...)
		DeferCleanup(second.Stop)
		t.create(5)
		t.settled(5)
		working := func(m *testbed.Manager) float64 {
			looks, err := m.Metric(ctx, "controller_runtime_reconcile_total", nil)
			Expect(err).NotTo(HaveOccurred())
			return looks
		}
		Expect(working(first)).To(BeNumerically(">", 0))
		Expect(working(second)).To(BeZero())

		Expect(first.Stop()).To(Succeed())
		for i := range 5 {
			Expect(bed.Kubectl(ctx, "patch", "-n", t.Namespace, "conversation", fmt.Sprintf("conv-%d", i), "--type=merge",
				"-p", `{"spec":{"friendlyName":"Handed over"}}`)).To(ContainSubstring("patched"))
		}
		t.settled(5)
		Expect(working(second)).To(BeNumerically(">", 0))
		for _, c := range t.conversations() {
			Expect(c.FriendlyName).To(Equal("Handed over"))
		}
	})
})

// installed is the Deployment of config/default.
func installed() *appsv1.Deployment {
	GinkgoHelper()
	deployment := &appsv1.Deployment{}
	Expect(bed.Client.Get(ctx, client.ObjectKey{Namespace: testbed.Namespace, Name: testbed.Deployment}, deployment)).To(Succeed())
	return deployment
}

// scrape answers the status of a request for metrics.
func scrape(m *testbed.Manager, token string) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+m.MetricsAddress+"/metrics", nil)
	if err != nil {
		return 0, err
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	// The manager signs its own certificate.
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return 0, err
	}
	return resp.StatusCode, resp.Body.Close()
}

var _ = Describe("A manager under another cluster name", func() {
	It("renames what has a generated name, with one request each", func() {
		const count = 2
		t := newTenant()
		t.create(count)
		t.settled(count)
		updates := t.operations()[simulator.OperationUpdate]
		Expect(manager.Stop()).To(Succeed())
		DeferCleanup(func() { Expect(manager.Start(ctx)).To(Succeed()) })
		other := startManager("--cluster-name=other")
		DeferCleanup(other.Stop)

		Eventually(func() []string {
			var names []string
			for _, conv := range t.conversations() {
				names = append(names, conv.UniqueName)
			}
			return names
		}).Should(ConsistOf(plan.GeneratedName("other", t.Namespace, "conv-0"), plan.GeneratedName("other", t.Namespace, "conv-1")))
		t.settled(count)
		Expect(t.operations()[simulator.OperationUpdate]).To(Equal(updates + count))
	})
})
