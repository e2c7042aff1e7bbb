// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package system_test

import (
	"cmp"
	"maps"
	"net/http"
	"slices"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	auditv1 "k8s.io/apiserver/pkg/apis/audit/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/test/testbed"
)

const (
	rolePrefix = "conversations-operator-"
	// listing makes a manager list what it watches, as it does with an API server that is too old to stream lists.
	listing = "KUBE_FEATURE_WatchListClient=false"
)

var _ = Describe("The permissions of config/rbac", func() {
	It("are all used", func() {
		elected, err := bed.StartManager(ctx, testbed.ManagerOptions{Env: []string{listing}, Args: []string{
			"--twilio-base-url=" + twilio.URL, "--leader-elect", "--leader-election-namespace=" + testbed.Namespace,
			"--metrics-secure", "--watch-label-selector=nobody=has-it",
		}})
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(elected.Stop)
		Eventually(scrape).WithArguments(elected, tokenOf("default", "nobody")).Should(Equal(http.StatusForbidden))
		t := newTenant()
		t.create(1)
		t.settled(1)
		t.interfere()
		t.leave()
		shareAndTakeBack()

		granted := clusterRole("manager-role")
		maps.Copy(granted, clusterRole("metrics-auth-role"))
		maps.Copy(granted, role(testbed.Namespace, "leader-election-role"))
		Expect(granted).NotTo(BeEmpty())
		Eventually(func() map[permission]bool { return without(granted, usedBy(testbed.Namespace)) }).Should(BeEmpty(), "granted, and never used")
	})
})

var _ = Describe("The permissions of config/namespaced", func() {
	It("are those of config/rbac for one namespace, and enough for it", func() {
		Expect(manager.Stop()).To(Succeed())
		DeferCleanup(func() { Expect(manager.Start(ctx)).To(Succeed()) })
		const namespace = testbed.SingleNamespace
		create(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace,
			Labels: map[string]string{"pod-security.kubernetes.io/enforce": "restricted"}}})
		out, err := bed.Kubectl(ctx, "apply", "-k", "config/namespaced")
		Expect(err).NotTo(HaveOccurred())
		Expect(out).NotTo(ContainSubstring("cluster"), "anything cluster-wide")

		limited, err := bed.StartManager(ctx, testbed.ManagerOptions{Namespace: namespace, Env: []string{listing}, Args: []string{
			"--cluster-name=" + clusterName, "--twilio-base-url=" + twilio.URL, "--watch-namespaces=" + namespace,
			"--leader-elect", "--leader-election-namespace=" + namespace,
		}})
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(limited.Stop)
		t := newTenantIn(namespace)
		t.create(2)
		t.settled(2)
		t.interfere()
		refused := &v1alpha1.Conversation{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "shared"}}
		refused.Spec.AccountRef = &v1alpha1.AccountReference{Kind: v1alpha1.ClusterTwilioAccountKind, Name: "default"}
		create(refused)
		Eventually(func(g Gomega) {
			g.Expect(bed.Client.Get(ctx, client.ObjectKeyFromObject(refused), refused)).To(Succeed())
			g.Expect(refused.Status.Conditions).To(ContainElement(SatisfyAll(
				HaveField("Reason", v1alpha1.ReasonAccountNotReady), HaveField("Message", ContainSubstring("is not served here")))))
		}).Should(Succeed())
		t.leave()

		all := clusterRole("manager-role")
		maps.DeleteFunc(all, func(p permission, _ bool) bool {
			return p.resource == "namespaces" || p.resource == "clustertwilioaccounts" || p.resource == "clustertwilioaccounts/status"
		})
		granted := role(namespace, "manager-role")
		Expect(granted).To(Equal(all))
		maps.Copy(granted, role(namespace, "leader-election-role"))
		Eventually(func() map[permission]bool { return without(granted, usedBy(namespace)) }).Should(BeEmpty(), "granted, and never used")
	})
})

// permission is one verb on one resource, which may be a subresource.
type permission struct{ group, resource, verb string }

func expand(rules []rbacv1.PolicyRule) map[permission]bool {
	out := map[permission]bool{}
	for _, rule := range rules {
		for _, group := range rule.APIGroups {
			for _, resource := range rule.Resources {
				for _, verb := range rule.Verbs {
					out[permission{group, resource, verb}] = true
				}
			}
		}
	}
	return out
}

func clusterRole(name string) map[permission]bool {
	GinkgoHelper()
	r := &rbacv1.ClusterRole{}
	Expect(bed.Client.Get(ctx, client.ObjectKey{Name: rolePrefix + name}, r)).To(Succeed())
	return expand(r.Rules)
}

func role(namespace, name string) map[permission]bool {
	GinkgoHelper()
	r := &rbacv1.Role{}
	Expect(bed.Client.Get(ctx, client.ObjectKey{Namespace: namespace, Name: rolePrefix + name}, r)).To(Succeed())
	return expand(r.Rules)
}

// usedBy are the permissions that the managers of an installation have used so far.
func usedBy(installed string) map[permission]bool {
	GinkgoHelper()
	events, err := bed.Audit()
	Expect(err).NotTo(HaveOccurred())
	out := map[permission]bool{}
	for i := range events {
		e := &events[i]
		if e.ObjectRef == nil || !slices.Contains(e.User.Groups, "system:serviceaccounts:"+installed) || e.Stage == auditv1.StagePanic {
			continue
		}
		resource := e.ObjectRef.Resource
		if e.ObjectRef.Subresource != "" {
			resource += "/" + e.ObjectRef.Subresource
		}
		out[permission{e.ObjectRef.APIGroup, resource, e.Verb}] = true
	}
	return out
}

// without are the permissions of a that b has not.
func without(a, b map[permission]bool) map[permission]bool {
	out := maps.Clone(a)
	maps.DeleteFunc(out, func(p permission, _ bool) bool { return b[p] })
	return out
}

// String is how [rbacv1.PolicyRule] would say it.
func (p permission) String() string { return p.verb + " " + p.resource + "." + cmp.Or(p.group, "core") }
