// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package kustomize tests what config/kustomize lets kustomize know of the operator's kinds.
package kustomize

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"

	"github.com/conversations-operator/conversations-operator/test/testbed"
)

// root is the folder of the repository.
const root = "../.."

// base refers to everything that objects can refer to.
const base = `
apiVersion: twilio-operator.dev/v1alpha1
kind: TwilioAccount
metadata: {name: production}
spec: {credentialsSecretRef: {name: twilio}}
---
apiVersion: twilio-operator.dev/v1alpha1
kind: ClusterTwilioAccount
metadata: {name: shared}
spec: {credentialsSecretRef: {name: twilio, namespace: before}}
---
apiVersion: twilio-operator.dev/v1alpha1
kind: TwilioAccount
metadata: {name: elsewhere}
spec: {credentialsSecretRef: {name: made-by-somebody-else}}
---
apiVersion: twilio-operator.dev/v1alpha1
kind: Conversation
metadata: {name: own}
spec: {accountRef: {name: production}}
---
apiVersion: twilio-operator.dev/v1alpha1
kind: Conversation
metadata: {name: shared}
spec: {accountRef: {kind: ClusterTwilioAccount, name: shared}}
---
apiVersion: twilio-operator.dev/v1alpha1
kind: Conversation
metadata: {name: other}
spec: {accountRef: {name: of-the-cluster}}
`

// generated is a kustomization in the namespace before, with a Secret whose name gets a hash.
const generated = `
namespace: before
resources: [objects.yaml]
secretGenerator:
- name: twilio
  namespace: before
  literals: [TWILIO_API_KEY=SK0]
`

// builders are the commands that build a folder.
func builders(t *testing.T) map[string]func(folder string) *exec.Cmd {
	t.Helper()
	tool, err := testbed.Tool(t.Context(), "kustomize")
	if err != nil {
		t.Fatal(err)
	}
	command := func(args ...string) func(string) *exec.Cmd {
		return func(folder string) *exec.Cmd {
			return exec.CommandContext(t.Context(), args[0], append(slices.Clone(args[1:]), folder)...)
		}
	}
	return map[string]func(string) *exec.Cmd{
		"kustomize": command(tool, "build"), "kubectl": command(filepath.Join(os.Getenv("KUBEBUILDER_ASSETS"), "kubectl"), "kustomize"),
	}
}

// write makes a folder of files, by path; config stands for the folder config/kustomize.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "config"), os.DirFS(filepath.Join(root, "config/kustomize"))); err != nil {
		t.Fatal(err)
	}
	for path, content := range files {
		path = filepath.Join(dir, path)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(content), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// references are the Secret's name, and what the objects refer to, by kind and name.
func references(t *testing.T, cmd *exec.Cmd) map[string]any {
	t.Helper()
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, &stderr)
	}
	found := map[string]any{}
	for decoder := utilyaml.NewYAMLOrJSONDecoder(bytes.NewReader(out), 1<<10); ; {
		o := &unstructured.Unstructured{}
		switch err := decoder.Decode(&o.Object); {
		case errors.Is(err, io.EOF):
			return found
		case err != nil:
			t.Fatal(err)
		}
		if o.GetKind() == "Secret" {
			found["Secret"] = map[string]any{"name": o.GetName(), "namespace": o.GetNamespace()}
			continue
		}
		for _, field := range []string{"credentialsSecretRef", "accountRef"} {
			if ref, ok, _ := unstructured.NestedMap(o.Object, "spec", field); ok {
				delete(ref, "kind")
				found[o.GetKind()+" "+o.GetName()] = ref
			}
		}
	}
}

func TestNamesThatKustomizeChangesReachTheReferences(t *testing.T) {
	const prefix = "\nnamePrefix: team-\nnameSuffix: -eu\n"
	for name, files := range map[string]map[string]string{
		"as a component": {"kustomization.yaml": generated + prefix + "components: [config]\n", "objects.yaml": base},
		"as a copy": {
			"kustomization.yaml": generated + prefix + "configurations: [config/kustomizeconfig.yaml]\n", "objects.yaml": base},
		"in a base, for the overlays too": {
			"base/kustomization.yaml": generated + "components: [../config]\n", "base/objects.yaml": base,
			"kustomization.yaml": prefix + "namespace: before\nresources: [base]\n"},
	} {
		for tool, build := range builders(t) {
			t.Run(name+", built by "+tool, func(t *testing.T) {
				got := references(t, build(write(t, files)))
				secret := got["Secret"].(map[string]any)
				if full := secret["name"].(string); !strings.HasPrefix(full, "team-twilio-eu-") || len(full) != len("team-twilio-eu-")+10 {
					t.Fatalf("the Secret is named %s", full)
				}
				want := map[string]any{
					"Secret":                              map[string]any{"name": secret["name"], "namespace": "before"},
					"TwilioAccount team-production-eu":    map[string]any{"name": secret["name"]},
					"ClusterTwilioAccount team-shared-eu": map[string]any{"name": secret["name"], "namespace": "before"},
					"TwilioAccount team-elsewhere-eu":     map[string]any{"name": "made-by-somebody-else"},
					"Conversation team-own-eu":            map[string]any{"name": "team-production-eu"},
					"Conversation team-shared-eu":         map[string]any{"name": "team-shared-eu"},
					"Conversation team-other-eu":          map[string]any{"name": "of-the-cluster"},
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			})
		}
	}
}

func TestANamespaceThatKustomizeChangesReachesTheReferences(t *testing.T) {
	files := map[string]string{
		"base/kustomization.yaml": generated + "components: [../config]\n", "base/objects.yaml": base,
		"kustomization.yaml": "namespace: after\nresources: [base]\n",
	}
	for tool, build := range builders(t) {
		t.Run("built by "+tool, func(t *testing.T) {
			got := references(t, build(write(t, files)))
			if diff := cmp.Diff(got["Secret"], got["ClusterTwilioAccount shared"]); diff != "" {
				t.Errorf("the Secret (-) is not what the account refers to (+):\n%s", diff)
			}
			if namespace := got["Secret"].(map[string]any)["namespace"]; namespace != "after" {
				t.Errorf("the Secret is in %s", namespace)
			}
		})
	}
}

// specs are the references that config/kustomize knows, by kind and path.
func specs(t *testing.T) map[string]bool {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "config/kustomize/kustomizeconfig.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var config struct {
		NameReference []struct {
			FieldSpecs []struct{ Path, Kind, Group string }
		}
	}
	if err := yaml.Unmarshal(text, &config); err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	for _, target := range config.NameReference {
		for _, spec := range target.FieldSpecs {
			out[spec.Kind+" "+strings.TrimSuffix(spec.Path, "/name")] = true
		}
	}
	return out
}

func TestEveryReferenceOfEveryKindIsKnown(t *testing.T) {
	known := specs(t)
	paths, err := filepath.Glob(filepath.Join(root, "config/crd/bases/*.yaml"))
	if err != nil || len(paths) == 0 {
		t.Fatal("there are no CRDs", err)
	}
	found := map[string]bool{}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var crd apiextensionsv1.CustomResourceDefinition
		if err := yaml.Unmarshal(text, &crd); err != nil {
			t.Fatal(err)
		}
		for _, version := range crd.Spec.Versions {
			walk(version.Schema.OpenAPIV3Schema.Properties["spec"], "spec", func(path string) { found[crd.Spec.Names.Kind+" "+path] = true })
		}
	}
	if diff := cmp.Diff(found, known); diff != "" {
		t.Errorf("the references of the CRDs (-) are not those of config/kustomize (+):\n%s", diff)
	}
}

// walk calls f for every field whose name ends with Ref.
func walk(schema apiextensionsv1.JSONSchemaProps, path string, f func(path string)) {
	for name, field := range schema.Properties {
		if strings.HasSuffix(name, "Ref") {
			f(path + "/" + name)
		}
		walk(field, path+"/"+name, f)
	}
}
