// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package install_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

var _ = Describe("The examples", func() {
	It("are taken by the API server, and their charts' values by the chart", func() {
		before := present()
		kubectl("apply", "--server-side", "-k", "config/crd")
		files, err := filepath.Glob(filepath.Join(bed.Root, "examples/*/*.yaml"))
		Expect(err).NotTo(HaveOccurred())
		Expect(files).NotTo(BeEmpty())
		folders := []string{"config/prometheus", "config/grafana", "config/argocd"}
		kinds, values := map[schema.GroupVersionKind]bool{}, 0
		read := func(text string) {
			for _, o := range documents(text) {
				kinds[o.GroupVersionKind()] = true
				for _, path := range [][]string{{"spec", "values"}, {"spec", "source", "helm", "valuesObject"}} {
					if v, found, _ := unstructured.NestedMap(o.Object, path...); found {
						content, err := yaml.Marshal(v)
						Expect(err).NotTo(HaveOccurred())
						_, err = bed.Helm(ctx, "template", name, chart, "--values", write(string(content)))
						Expect(err).NotTo(HaveOccurred())
						values++
					}
				}
			}
		}
		for _, path := range files {
			text, err := os.ReadFile(path)
			Expect(err).NotTo(HaveOccurred())
			read(string(text))
		}
		Expect(values).To(Equal(2))
		for _, folder := range folders {
			read(kubectl("kustomize", folder))
		}
		foreign := foreignKinds(kinds)
		kubectl("apply", "--server-side", "-f", foreign)
		kubectl("wait", "--for=condition=Established", "--timeout=60s", "-f", foreign, "-f", "config/crd/bases")
		for _, namespace := range []string{"argocd", "flux-system", "support", "system"} {
			kubectl("create", "namespace", namespace)
		}
		for _, path := range files {
			kubectl("apply", "--server-side", "--validate=strict", "-f", path)
		}
		for _, folder := range folders {
			kubectl("apply", "--server-side", "--validate=strict", "-k", folder)
		}
		By("asking the API server about the chart with everything turned on")
		all, err := bed.Helm(ctx, "template", name, chart, "--namespace=support", "--values", write(everything))
		Expect(err).NotTo(HaveOccurred())
		kubectl("apply", "--server-side", "--dry-run=server", "--validate=strict", "-f", write(all))

		Expect(kubectl("get", "twilioaccount", "default", "--namespace=support", "--output=name")).NotTo(BeEmpty())
		lua, err := os.ReadFile(filepath.Join(bed.Root, "config/argocd/twilio-operator.dev/_/health.lua"))
		Expect(err).NotTo(HaveOccurred())
		for _, kind := range []string{"Conversation", "TwilioAccount", "ClusterTwilioAccount"} {
			Expect(kubectl("get", "configmap", "argocd-cm", "--namespace=argocd",
				`--output=jsonpath={.data.resource\.customizations\.health\.twilio-operator\.dev_`+kind+`}`)).To(Equal(string(lua)))
		}
		for _, path := range files {
			kubectl("delete", "--ignore-not-found", "-f", path)
		}
		for _, folder := range folders {
			kubectl("delete", "-k", folder)
		}
		kubectl("delete", "--wait=false", "namespace", "argocd", "flux-system", "support", "system")
		// The API server may enforce the policy of an example for a moment after it was deleted.
		Eventually(bed.Kubectl).WithArguments(ctx, "delete", "--ignore-not-found", "-f", foreign, "-f", "config/crd/bases").ShouldNot(BeEmpty())
		Eventually(objects).Should(Equal(before))
	})
})

// everything are values that turn on whatever the chart has.
const everything = `
imagePullSecrets: [{name: pull}]
replicas: 2
rbac: {namespaced: true}
watch: {namespaces: [support], labelSelector: shard=a}
env: [{name: HTTPS_PROXY, value: http://proxy.example.com}]
serviceAccount: {annotations: {a: b}}
accounts: [{name: other, credentials: {TWILIO_API_KEY: SK, TWILIO_API_SECRET: s}, spec: {driftCheckIntervalSeconds: 60}}]
metrics:
  certificateSecret: certificate
  serviceMonitor: {enabled: true, interval: 30s, labels: {release: prometheus}}
  rules: {enabled: true, labels: {release: prometheus}}
  dashboard: {enabled: true}
networkPolicy: {enabled: true}
podDisruptionBudget: {enabled: true, maxUnavailable: 50%}
podAnnotations: {a: b}
podLabels: {c: d}
priorityClassName: system-cluster-critical
nodeSelector: {kubernetes.io/os: linux}
tolerations: [{operator: Exists}]
affinity: {podAntiAffinity: {}}
topologySpreadConstraints: [{maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: ScheduleAnyway}]
`

// documents are the objects of a file.
func documents(text string) []*unstructured.Unstructured {
	GinkgoHelper()
	var out []*unstructured.Unstructured
	for decoder := utilyaml.NewYAMLOrJSONDecoder(bytes.NewReader([]byte(text)), len(text)+1); ; {
		o := &unstructured.Unstructured{}
		err := decoder.Decode(&o.Object)
		if errors.Is(err, io.EOF) {
			return out
		}
		Expect(err).NotTo(HaveOccurred())
		out = append(out, o)
	}
}

// foreignKinds is a file with CRDs for the kinds of other projects, which take anything.
func foreignKinds(kinds map[schema.GroupVersionKind]bool) string {
	GinkgoHelper()
	var text strings.Builder
	for kind := range kinds {
		if !strings.Contains(kind.Group, ".") || strings.HasSuffix(kind.Group, ".k8s.io") || kind.Group == "twilio-operator.dev" {
			continue
		}
		lower := strings.ToLower(kind.Kind)
		plural := lower + "s"
		if stem, ok := strings.CutSuffix(lower, "y"); ok {
			plural = stem + "ies"
		}
		crd := apiextensionsv1.CustomResourceDefinition{
			TypeMeta:   metav1.TypeMeta{APIVersion: apiextensionsv1.SchemeGroupVersion.String(), Kind: "CustomResourceDefinition"},
			ObjectMeta: metav1.ObjectMeta{Name: plural + "." + kind.Group},
			Spec: apiextensionsv1.CustomResourceDefinitionSpec{
				Group: kind.Group, Scope: apiextensionsv1.NamespaceScoped,
				Names: apiextensionsv1.CustomResourceDefinitionNames{Kind: kind.Kind, ListKind: kind.Kind + "List", Plural: plural, Singular: lower},
				Versions: []apiextensionsv1.CustomResourceDefinitionVersion{{
					Name: kind.Version, Served: true, Storage: true,
					Schema: &apiextensionsv1.CustomResourceValidation{OpenAPIV3Schema: &apiextensionsv1.JSONSchemaProps{
						Type: "object", XPreserveUnknownFields: new(true),
					}},
				}},
			},
		}
		content, err := yaml.Marshal(crd)
		Expect(err).NotTo(HaveOccurred())
		text.WriteString("---\n" + string(content))
	}
	return write(text.String())
}
