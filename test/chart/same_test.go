// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package chart

import (
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
