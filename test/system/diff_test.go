// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package system_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

// manifest has every field of a Conversation that goes with the others.
const manifest = "config/samples/twilio-operator_v1alpha1_conversation_full.yaml"

var _ = DescribeTable("Once it has settled, a manifest of every field is no change for whoever applies it again",
	func(namespace string, apply ...string) {
		create(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}})
		kubectl := func(args ...string) string {
			GinkgoHelper()
			out, err := bed.Kubectl(ctx, append([]string{"--namespace", namespace}, args...)...)
			Expect(err).NotTo(HaveOccurred())
			return out
		}
		kubectl("apply", "-f", "config/samples/twilio-operator_v1alpha1_twilioaccount.yaml")
		DeferCleanup(func() {
			kubectl("delete", "conversations,twilioaccounts", "--all", "--timeout=60s")
		})
		kubectl(append([]string{"apply", "-f", manifest}, apply...)...)
		kubectl("wait", "conversation/full", "--for=condition=Ready", "--timeout=60s")

		By("comparing as kubectl does")
		kubectl(append([]string{"diff", "-f", manifest}, apply...)...)

		By("comparing as Flux does: what would a server-side apply change?")
		dry := kubectl("apply", "--server-side", "--force-conflicts", "--field-manager=kustomize-controller", "--dry-run=server",
			"--output=json", "-f", manifest)
		live := kubectl("get", "conversation/full", "--output=json")
		Expect(significant(dry)).To(Equal(significant(live)))

		By("comparing as Argo CD does: is what the manifest says there, word for word?")
		text, err := os.ReadFile(filepath.Join(bed.Root, manifest))
		Expect(err).NotTo(HaveOccurred())
		desired, err := yaml.YAMLToJSON(text)
		Expect(err).NotTo(HaveOccurred())
		Expect(significant(live)).To(HaveKeyWithValue("spec", significant(string(desired))["spec"]))

		By("applying it again")
		kubectl(append([]string{"apply", "-f", manifest}, apply...)...)
		Expect(kubectl("get", "conversation/full", "--output=json")).To(Equal(live))
	},
	Entry("on the client's side", "diff-client"),
	Entry("on the server's side", "diff-server", "--server-side", "--field-manager=kustomize-controller"),
)

// significant is an object without what the API server notes about who wrote it.
func significant(text string) map[string]any {
	GinkgoHelper()
	var o map[string]any
	Expect(json.NewDecoder(strings.NewReader(text)).Decode(&o)).To(Succeed())
	if metadata, ok := o["metadata"].(map[string]any); ok {
		delete(metadata, "managedFields")
	}
	return o
}
