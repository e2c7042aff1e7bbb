// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package chart

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// kinds are what was made, without the names.
func kinds(all map[string]*unstructured.Unstructured) map[string]int {
	out := map[string]int{}
	for _, o := range all {
		out[o.GetKind()]++
	}
	return out
}

func TestValuesMakeWhatTheySay(t *testing.T) {
	for name, tt := range map[string]struct {
		values string
		// more and fewer objects of a kind than of no values at all.
		difference map[string]int
	}{
		"no CRDs":             {"crds: {install: false}", map[string]int{"CustomResourceDefinition": -3}},
		"no roles for people": {"rbac: {aggregate: false}", map[string]int{"ClusterRole": -9}},
		"no permissions": {"rbac: {create: false, aggregate: false}", map[string]int{
			"ClusterRole": -12, "ClusterRoleBinding": -2, "Role": -1, "RoleBinding": -1,
		}},
		"no ServiceAccount":      {"serviceAccount: {create: false, name: mine}", map[string]int{"ServiceAccount": -1}},
		"no metrics":             {"metrics: {enabled: false}", map[string]int{"Service": -1, "ClusterRole": -2, "ClusterRoleBinding": -1}},
		"a ServiceMonitor":       {"metrics: {serviceMonitor: {enabled: true, interval: 30s}}", map[string]int{"ServiceMonitor": 1}},
		"a NetworkPolicy":        {"networkPolicy: {enabled: true}", map[string]int{"NetworkPolicy": 2}},
		"no PodDisruptionBudget": {"podDisruptionBudget: {enabled: false}", map[string]int{"PodDisruptionBudget": -1}},
		"another budget":         {"podDisruptionBudget: {maxUnavailable: 50%}", nil},
		"two namespaces":         {"{rbac: {namespaced: true}, watch: {namespaces: [a, b]}}", map[string]int{"Role": 2, "RoleBinding": 2}},
		"two namespaces, and a name": {"{clusterName: production, rbac: {namespaced: true}, watch: {namespaces: [a, b]}}", map[string]int{
			"Role": 2, "RoleBinding": 2, "ClusterRole": -1, "ClusterRoleBinding": -1,
		}},
		"an account by reference": {"accounts: [{name: default, credentialsSecretRef: {name: mine}}]", map[string]int{"TwilioAccount": 1}},
		"an account by value": {
			"accounts: [{name: default, credentials: {TWILIO_API_KEY: SK, TWILIO_API_SECRET: s}}]",
			map[string]int{"TwilioAccount": 1, "Secret": 1},
		},
		"accounts with an edge, and in the default region": {`
accounts:
- {name: a, credentialsSecretRef: {name: mine}, spec: {region: ie1, edge: dublin}}
- {name: b, credentialsSecretRef: {name: mine}, spec: {region: us1}}
`, map[string]int{"TwilioAccount": 2}},
		"a cluster account": {
			"accounts: [{kind: ClusterTwilioAccount, name: shared, credentialsSecretRef: {name: mine}, spec: {allowedNamespaces: {names: [a]}}}]",
			map[string]int{"ClusterTwilioAccount": 1},
		},
		"certificates in a ConfigMap":                             {"caBundle: {configMap: company-ca}", nil},
		"certificates in a Secret, and a certificate for metrics": {"{caBundle: {secret: company-ca}, metrics: {certificateSecret: certificate}}", nil},
		"a lease that lasts longer":                               {"leaderElection: {leaseDurationSeconds: 60}", nil},
		"how the pods run": {`
imagePullSecrets: [{name: pull}]
env: [{name: HTTPS_PROXY, value: http://proxy.example.com}]
metrics: {certificateSecret: certificate}
podAnnotations: {a: b}
podLabels: {c: d}
priorityClassName: system-cluster-critical
nodeSelector: {kubernetes.io/os: linux}
tolerations: [{operator: Exists}]
affinity: {podAntiAffinity: {}}
topologySpreadConstraints: [{maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: ScheduleAnyway}]
`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			want := kinds(mustRender(t, "{}"))
			for kind, n := range tt.difference {
				want[kind] += n
				if want[kind] == 0 {
					delete(want, kind)
				}
			}
			if got := kinds(mustRender(t, tt.values)); !maps.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}

func TestValuesThatMakeNoSenseAreRefused(t *testing.T) {
	for name, tt := range map[string]struct{ values, says string }{
		"a name that there is not":             {"{replica: 2}", "additional properties 'replica' not allowed"},
		"another type":                         {"{replicas: two}", "got string, want integer"},
		"a URL that is none":                   {"{twilioBaseURL: twilio}", "does not match pattern"},
		"Roles in no namespace":                {"{rbac: {namespaced: true}}", "rbac.namespaced needs watch.namespaces"},
		"an account without credentials":       {"{accounts: [{name: default}]}", "missing propert"},
		"half of the credentials":              {"{accounts: [{name: default, credentials: {TWILIO_AUTH_TOKEN: t}}]}", "missing propert"},
		"a ServiceMonitor without metrics":     {"{metrics: {enabled: false, serviceMonitor: {enabled: true}}}", "value must be true"},
		"the port of the probes":               {"{metrics: {port: 8081}}", "metrics.port must not be 8081"},
		"a tag that is a digest":               {"{image: {tag: 'sha256:0'}}", "does not match pattern"},
		"a name Kubernetes refuses":            {"{fullnameOverride: Mine}", "does not match pattern"},
		"two namespaces in one":                {"{watch: {namespaces: ['a,b']}}", "does not match pattern"},
		"a budget that is no number":           {"{podDisruptionBudget: {maxUnavailable: one}}", "does not match pattern"},
		"an empty credential":                  {"{accounts: [{name: default, credentials: {TWILIO_ACCOUNT_SID: AC, TWILIO_AUTH_TOKEN: ''}}]}", "minLength"},
		"a Secret without a name":              {"{accounts: [{name: default, credentialsSecretRef: {}}]}", "missing property 'name'"},
		"an account whose Secret is elsewhere": {"{accounts: [{name: default, credentialsSecretRef: {name: mine, namespace: a}}]}", "is for a ClusterTwilioAccount"},
		"a region without its edge":            {"{accounts: [{name: a, credentialsSecretRef: {name: mine}, spec: {region: ie1}}]}", "region ie1 needs spec.edge"},
		"certificates from two places":         {"{caBundle: {configMap: a, secret: b}}", "caBundle takes a configMap or a secret, not both"},
		"certificates beside one's own":        {"{caBundle: {configMap: a}, env: [{name: SSL_CERT_FILE, value: /a}]}", "env: SSL_CERT_FILE is the chart's own"},
		"a lease that ends too early":          {"{leaderElection: {leaseDurationSeconds: 10}}", "must be more than renewDeadlineSeconds, 10"},
		"a lease that is tried once":           {"{leaderElection: {retryPeriodSeconds: 9}}", "must be more than 1.2 times retryPeriodSeconds, 9"},
		"a lease for a negative time":          {"{leaderElection: {leaseDurationSeconds: -1}}", "minimum"},
		"a label of the selector":              {"{podLabels: {control-plane: mine}}", "podLabels: control-plane is the chart's own"},
		"an annotation of the chart":           {"{podAnnotations: {kubectl.kubernetes.io/default-container: mine}}", "is the chart's own"},
		"a label of the ServiceMonitor":        {"{metrics: {serviceMonitor: {enabled: true, labels: {control-plane: mine}}}}", "metrics.serviceMonitor.labels: "},
		"a label of the rules":                 {"{metrics: {rules: {enabled: true, labels: {helm.sh/chart: mine}}}}", "metrics.rules.labels: "},
		"a label of the dashboard":             {"{metrics: {dashboard: {enabled: true, labels: {helm.sh/chart: mine}}}}", "metrics.dashboard.labels: "},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := render(t, release, tt.values); err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %v, want an error that says %q", err, tt.says)
			}
		})
	}
}

func TestAnEmptyListOfAPolicyLetsNobodyThrough(t *testing.T) {
	for key, o := range mustRender(t, "networkPolicy: {enabled: true, from: [], egressPorts: []}") {
		if o.GetKind() != "NetworkPolicy" {
			continue
		}
		in, _, inErr := unstructured.NestedSlice(o.Object, "spec", "ingress")
		out, _, outErr := unstructured.NestedSlice(o.Object, "spec", "egress")
		if err := errors.Join(inErr, outErr); err != nil {
			t.Fatal(err)
		}
		if len(in) > 0 {
			t.Errorf("%s lets somebody in: %v", key, in)
		}
		for _, rule := range out {
			if ports, _ := rule.(map[string]any)["ports"].([]any); len(ports) == 0 {
				t.Errorf("%s has a rule for every port", key)
			}
		}
	}
}

func TestArgumentsAreWhatTheValuesSay(t *testing.T) {
	const clusterName, url = "production: #1", "http://twilio.example.com/ #1"
	for _, o := range mustRender(t, `{clusterName: "`+clusterName+`", twilioBaseURL: "`+url+`", maxConcurrentReconciles: 1000000}`) {
		if o.GetKind() != "Deployment" {
			continue
		}
		containers, _, err := unstructured.NestedSlice(o.Object, "spec", "template", "spec", "containers")
		if err != nil {
			t.Fatal(err)
		}
		args, _ := containers[0].(map[string]any)["args"].([]any)
		for _, want := range []any{"--cluster-name=" + clusterName, "--twilio-base-url=" + url, "--max-concurrent-reconciles=1000000"} {
			if !slices.Contains(args, want) {
				t.Errorf("%q is not in %q", want, args)
			}
		}
	}
}

func TestReleasesHaveNamesOfTheirOwn(t *testing.T) {
	seen := map[string]bool{}
	for _, name := range []string{"a", "b", "conversations-operator", "conversations-operator-shard-1", "conversations-operator-shard-2"} {
		all, err := render(t, name, "crds: {install: false}")
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range slices.Sorted(maps.Keys(all)) {
			if seen[key] {
				t.Errorf("%s of release %s is another release's too", key, name)
			}
			seen[key] = true
			if len(all[key].GetName()) > 63 {
				t.Errorf("%s is too long", key)
			}
		}
	}
}

func TestKeptCRDsOutliveTheRelease(t *testing.T) {
	for values, want := range map[string]string{"{}": "keep", "{crds: {keep: false}}": ""} {
		for key, o := range mustRender(t, values) {
			if o.GetKind() != "CustomResourceDefinition" {
				continue
			}
			if got := o.GetAnnotations()["helm.sh/resource-policy"]; got != want {
				t.Errorf("%s with %s: got %q, want %q", key, values, got, want)
			}
		}
	}
}

func TestAccountsOfBothKindsHaveSecretsOfTheirOwn(t *testing.T) {
	all := kinds(mustRender(t, `
accounts:
- {name: default, credentials: {TWILIO_API_KEY: SK1, TWILIO_API_SECRET: s}}
- {kind: ClusterTwilioAccount, name: default, credentials: {TWILIO_API_KEY: SK2, TWILIO_API_SECRET: s}}
`))
	if all["Secret"] != 2 {
		t.Errorf("there are %d Secrets, not 2", all["Secret"])
	}
}

func TestAReleaseForSomeNamespacesCanDoWithoutAnythingClusterWide(t *testing.T) {
	all := mustRender(t, `
clusterName: production
rbac: {namespaced: true, aggregate: false}
watch: {namespaces: [a]}
metrics: {enabled: false}
crds: {install: false}
`)
	if len(all) == 0 {
		t.Fatal("nothing was made")
	}
	for key, o := range all {
		if o.GetNamespace() == "" {
			t.Errorf("%s is cluster-wide", key)
		}
	}
}

func TestAClusterWithoutANameIsReadAndNothingElse(t *testing.T) {
	want := []any{map[string]any{"apiGroups": []any{""}, "resources": []any{"namespaces"}, "resourceNames": []any{"kube-system"}, "verbs": []any{"get"}}}
	for _, o := range mustRender(t, "{rbac: {namespaced: true}, watch: {namespaces: [a]}}") {
		if o.GetKind() != "ClusterRole" || o.GetName() != release+"-manager-role" {
			continue
		}
		if diff := cmp.Diff(want, o.Object["rules"]); diff != "" {
			t.Error(diff)
		}
		return
	}
	t.Error("there is no such role")
}
