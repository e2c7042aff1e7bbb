// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package chart

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

func TestTheChartAndKustomizeMakeTheSameObjects(t *testing.T) {
	for name, tt := range map[string]struct{ values, kustomization string }{
		"as they come": {
			values:        "{image: {tag: latest}}",
			kustomization: "resources: [CONFIG/default]",
		},
		"named, sharing the work, and with another image": {
			values: `
image: {repository: registry.example.com/operator, tag: v1.2.3}
replicas: 2
clusterName: production
twilioBaseURL: http://twilio.example.com
maxConcurrentReconciles: 5
watch: {namespaces: [support, sales], labelSelector: "shard in (a, b)", shards: 2}
extraArgs: [--zap-log-level=debug]
`,
			kustomization: `
resources: [CONFIG/default]
images: [{name: conversations-operator, newName: registry.example.com/operator, newTag: v1.2.3}]
replicas: [{name: conversations-operator-controller-manager, count: 2}]
patches:
- target: {kind: Deployment}
  patch: |
    - {op: add, path: /spec/template/spec/containers/0/args/-, value: --cluster-name=production}
    - {op: add, path: /spec/template/spec/containers/0/args/-, value: --twilio-base-url=http://twilio.example.com}
    - {op: add, path: /spec/template/spec/containers/0/args/-, value: --max-concurrent-reconciles=5}
    - {op: add, path: /spec/template/spec/containers/0/args/-, value: "--watch-namespaces=support,sales"}
    - {op: add, path: /spec/template/spec/containers/0/args/-, value: "--watch-label-selector=shard in (a, b)"}
    - {op: add, path: /spec/template/spec/containers/0/args/-, value: --shards=2}
    - {op: add, path: /spec/template/spec/containers/0/args/-, value: --zap-log-level=debug}
`,
		},
		"behind a proxy, with certificates of a company": {
			values: `
image: {tag: latest}
env:
- {name: HTTPS_PROXY, value: "http://proxy.example.com:3128"}
- {name: NO_PROXY, value: "$(KUBERNETES_SERVICE_HOST),.svc,.cluster.local"}
caBundle: {configMap: company-ca}
`,
			kustomization: proxied(t),
		},
		"with a lease that lasts longer": {
			values: "{image: {tag: latest}, leaderElection: {leaseDurationSeconds: 60, renewDeadlineSeconds: 40, retryPeriodSeconds: 5}}",
			kustomization: `
resources: [CONFIG/default]
patches:
- target: {kind: Deployment}
  patch: |
    - {op: add, path: /spec/template/spec/containers/0/args/-, value: --leader-election-lease-duration=60s}
    - {op: add, path: /spec/template/spec/containers/0/args/-, value: --leader-election-renew-deadline=40s}
    - {op: add, path: /spec/template/spec/containers/0/args/-, value: --leader-election-retry-period=5s}
`,
		},
		"watched by Prometheus, behind a NetworkPolicy": {
			values: `
image: {tag: latest}
metrics: {serviceMonitor: {enabled: true}, rules: {enabled: true}, dashboard: {enabled: true}}
networkPolicy: {enabled: true}
`,
			kustomization: "resources: [CONFIG/default, extras]",
		},
	} {
		t.Run(name, func(t *testing.T) {
			want := kustomize(t, tt.kustomization)
			if diff := cmp.Diff(settings(want), settings(mustRender(t, tt.values))); diff != "" {
				t.Errorf("kustomize (-) and the chart (+) differ:\n%s", diff)
			}
		})
	}
}

// proxied is the kustomization that docs/how-to.md shows for a proxy.
func proxied(t *testing.T) string {
	t.Helper()
	page := decode(t, filepath.Join(root, "docs/how-to.md"), nil)
	_, text, found := strings.Cut(page, "cat > proxied/kustomization.yaml <<'END'\n")
	text, _, ended := strings.Cut(text, "\nEND\n")
	if !found || !ended {
		t.Fatal("docs/how-to.md has no kustomization for a proxy")
	}
	return strings.ReplaceAll(text, "../config/", "CONFIG/")
}

// settings are the objects without what tells only who made them. The namespace is made by helm install --create-namespace.
func settings(all map[string]*unstructured.Unstructured) map[string]map[string]any {
	out := map[string]map[string]any{}
	for key, o := range all {
		if o.GetKind() != "Namespace" {
			out[key] = without(o.Object).(map[string]any)
		}
	}
	return out
}

func without(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for key, value := range v {
			switch key {
			case "app.kubernetes.io/managed-by", "app.kubernetes.io/instance", "app.kubernetes.io/version", "helm.sh/chart", "helm.sh/resource-policy":
				continue
			}
			out[key] = without(value)
		}
		return out
	case []any:
		out := make([]any, 0, len(v))
		for _, value := range v {
			out = append(out, without(value))
		}
		return out
	}
	return v
}
