// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package install_test

import (
	"os"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	auditv1 "k8s.io/apiserver/pkg/apis/audit/v1"

	"github.com/conversations-operator/conversations-operator/test/testbed"
)

const (
	chart = "charts/conversations-operator"
	crd   = "customresourcedefinition/conversations.twilio-operator.dev"
	// name of the release that gives the chart's objects the names of config/default.
	name = "conversations-operator"
)

// helm answers what it printed of the operator's release.
func helm(command string, args ...string) string {
	GinkgoHelper()
	out, err := bed.Helm(ctx, append([]string{command, name, "--namespace", testbed.Namespace}, args...)...)
	Expect(err).NotTo(HaveOccurred())
	return out
}

// served waits until the API server tells of the operator's kinds, which is a little after they are established.
func served() {
	GinkgoHelper()
	Eventually(bed.Kubectl).WithArguments(ctx, "api-resources", "--api-group=twilio-operator.dev", "--output=name", "--cached=false").
		Should(And(HavePrefix("clustertwilioaccounts."), ContainSubstring("\nconversations."), ContainSubstring("\ntwilioaccounts.")))
}

// write writes a file that is there during the spec.
func write(content string) string {
	GinkgoHelper()
	path := filepath.Join(GinkgoT().TempDir(), "file.yaml")
	Expect(os.WriteFile(path, []byte(content), 0o600)).To(Succeed())
	return path
}

var _ = Describe("The Helm chart", func() {
	It("upgrades the CRDs, and keeps them and what they hold when it is uninstalled", func() {
		before := present()
		helm("install", chart, "--create-namespace")
		served()
		kubectl("apply", "-f", "config/samples/twilio-operator_v1alpha1_conversation.yaml")

		By("carrying a changed CRD in an upgrade")
		changed := filepath.Join(GinkgoT().TempDir(), "chart")
		Expect(os.CopyFS(changed, os.DirFS(filepath.Join(bed.Root, chart)))).To(Succeed())
		path := filepath.Join(changed, "files/crds/twilio-operator.dev_conversations.yaml")
		content, err := os.ReadFile(path)
		Expect(err).NotTo(HaveOccurred())
		Expect(os.WriteFile(path, []byte(strings.Replace(string(content), "    - convo\n", "    - convo\n    - talk\n", 1)), 0o600)).To(Succeed())
		helm("upgrade", changed)
		Expect(kubectl("get", crd, "--output=jsonpath={.spec.names.shortNames}")).To(Equal(`["convo","talk"]`))
		Expect(kubectl("get", "conversation", "minimal", "--output=name")).To(ContainSubstring("minimal"))

		By("going back")
		helm("rollback", "1")
		Expect(kubectl("get", crd, "--output=jsonpath={.spec.names.shortNames}")).To(Equal(`["convo"]`))

		By("keeping")
		helm("uninstall")
		Expect(kubectl("get", "conversation", "minimal", "--output=name")).To(ContainSubstring("minimal"))

		By("finding again what was kept")
		helm("install", chart)
		Expect(kubectl("get", "conversation", "minimal", "--output=name")).To(ContainSubstring("minimal"))

		By("leaving nothing behind when that is asked for")
		kubectl("delete", "conversation", "minimal")
		helm("upgrade", chart, "--set=crds.keep=false")
		helm("uninstall")
		kubectl("delete", "--wait=false", "namespace", testbed.Namespace)
		Eventually(objects).Should(Equal(before))
	})

	It("takes over CRDs that are there already, with their objects", func() {
		before := present()
		kubectl("apply", "-k", "config/crd")
		kubectl("wait", "-f", "config/crd/bases", "--for=condition=Established", "--timeout=60s")
		served()
		kubectl("apply", "-f", "config/samples/twilio-operator_v1alpha1_conversation.yaml")

		By("refusing to without being told")
		_, err := bed.Helm(ctx, "install", name, chart, "--namespace", testbed.Namespace, "--create-namespace")
		Expect(err).To(MatchError(ContainSubstring("exists and cannot be imported into the current release")))

		By("taking them over as docs/helm.md says")
		helm("upgrade", chart, "--install", "--create-namespace", "--take-ownership", "--force-conflicts")
		Expect(kubectl("get", "conversation", "minimal", "--output=name")).To(ContainSubstring("minimal"))
		helm("upgrade", chart)

		By("leaving nothing behind")
		kubectl("delete", "conversation", "minimal")
		helm("upgrade", chart, "--set=crds.keep=false")
		helm("uninstall")
		kubectl("delete", "--wait=false", "namespace", testbed.Namespace)
		Eventually(objects).Should(Equal(before))
	})

	It("refuses accounts before their kinds are there", func() {
		before := present()
		_, err := bed.Helm(ctx, "install", name, chart, "--namespace", testbed.Namespace, "--create-namespace", "--values", write(accounts))
		Expect(err).To(MatchError(ContainSubstring("install without accounts first")))
		Eventually(objects).Should(Equal(before))
	})

	It("works in some namespaces only, with accounts by value and by reference", func() {
		before := present()
		samples, err := bed.Samples(ctx)
		Expect(err).NotTo(HaveOccurred())
		twilio, err := bed.StartSimulator(ctx, samples.Simulator())
		Expect(err).NotTo(HaveOccurred())
		for _, namespace := range []string{"support", "sales"} {
			kubectl("create", "namespace", namespace)
		}
		kubectl("create", "secret", "generic", "twilio", "--namespace=sales", "--from-literal=TWILIO_ACCOUNT_SID="+twilio.AccountSID,
			"--from-literal=TWILIO_AUTH_TOKEN=not-a-real-token")
		helm("install", chart, "--create-namespace")
		served()
		helm("upgrade", chart, "--values", write(accounts))
		manager, err := bed.StartManager(ctx, testbed.ManagerOptions{Args: []string{
			"--twilio-base-url=" + twilio.URL, "--watch-namespaces=support,sales",
			"--leader-elect", "--leader-election-namespace=" + testbed.Namespace,
		}})
		Expect(err).NotTo(HaveOccurred())
		kubectl("wait", "twilioaccount/default", "--namespace=support", "--for=condition=Ready", "--timeout=60s")
		kubectl("wait", "twilioaccount/default", "--namespace=sales", "--for=condition=Ready", "--timeout=60s")
		for _, namespace := range []string{"support", "sales"} {
			kubectl("apply", "--namespace", namespace, "-f", "config/samples/twilio-operator_v1alpha1_conversation.yaml")
			kubectl("wait", "conversation/minimal", "--namespace", namespace, "--for=condition=Ready", "--timeout=60s")
		}
		Expect(twilio.Conversations(ctx, "")).To(HaveLen(2))

		By("ending in the order that docs/uninstall.md tells")
		kubectl("delete", "conversations", "--all", "--all-namespaces", "--timeout=60s")
		kubectl("delete", "twilioaccounts", "--all", "--all-namespaces", "--timeout=60s")
		Expect(twilio.Conversations(ctx, "")).To(BeEmpty())
		Expect(manager.Stop()).To(Succeed())
		Expect(forbidden()).To(BeEmpty())
		helm("upgrade", chart, "--set=crds.keep=false")
		helm("uninstall")
		kubectl("delete", "--wait=false", "namespace", testbed.Namespace, "support", "sales")
		Eventually(objects).Should(Equal(before))
	})
})

// accounts are values of an install in two namespaces, each with an account.
const accounts = `
rbac: {namespaced: true}
watch: {namespaces: [support, sales]}
accounts:
- name: default
  namespace: support
  credentials:
    TWILIO_ACCOUNT_SID: AC00000000000000000000000000000000
    TWILIO_AUTH_TOKEN: not-a-real-token
- name: default
  namespace: sales
  credentialsSecretRef: {name: twilio}
`

// forbidden are the requests of the manager that the API server forbade.
func forbidden() []string {
	GinkgoHelper()
	events, err := bed.Audit()
	Expect(err).NotTo(HaveOccurred())
	var out []string
	for i := range events {
		if e := &events[i]; testbed.ByManager(e) && e.Annotations["authorization.k8s.io/decision"] == "forbid" && e.Stage == auditv1.StageResponseComplete {
			out = append(out, e.Verb+" "+e.RequestURI)
		}
	}
	return out
}
