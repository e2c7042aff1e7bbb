// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package chart tests what the Helm chart makes of values, without a cluster: the same objects as kustomize of the same
// settings, and nothing of values that make no sense.
package chart

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"

	"github.com/conversations-operator/conversations-operator/test/testbed"
)

const (
	// root is the folder of the repository.
	root = "../.."
	// folder of the chart.
	folder = root + "/charts/conversations-operator"
	// release has the name that makes the chart's names those of config/default.
	release   = "conversations-operator"
	namespace = "conversations-operator-system"
)

// render answers the objects that the chart makes, by kind, namespace and name.
func render(t *testing.T, name, values string) (map[string]*unstructured.Unstructured, error) {
	t.Helper()
	helm, err := testbed.Tool(t.Context(), "helm")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), helm, "template", name, folder, "--namespace", namespace, "--values", "-")
	cmd.Stdin = strings.NewReader(values)
	return objects(t, cmd)
}

// mustRender is render of values that make sense.
func mustRender(t *testing.T, values string) map[string]*unstructured.Unstructured {
	t.Helper()
	all, err := render(t, release, values)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// extras are what config/default says can be added to it.
const extras = `
namespace: conversations-operator-system
namePrefix: conversations-operator-
resources: [CONFIG/prometheus, CONFIG/grafana, CONFIG/network-policy]
`

// kustomize answers the objects that a kustomization makes that is written into a folder of its own, beside the folder
// extras. CONFIG in it stands for the folder config.
func kustomize(t *testing.T, kustomization string) map[string]*unstructured.Unstructured {
	t.Helper()
	tool, err := testbed.Tool(t.Context(), "kustomize")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		t.Fatal(err)
	}
	config, err := filepath.Abs(filepath.Join(root, "config"))
	if err != nil {
		t.Fatal(err)
	}
	if config, err = filepath.EvalSymlinks(config); err != nil {
		t.Fatal(err)
	}
	if config, err = filepath.Rel(dir, config); err != nil {
		t.Fatal(err)
	}
	for path, content := range map[string]string{".": kustomization, "extras": strings.ReplaceAll(extras, "CONFIG", "../CONFIG")} {
		content = strings.ReplaceAll(content, "CONFIG", config)
		if err := errors.Join(
			os.MkdirAll(filepath.Join(dir, path), 0o700),
			os.WriteFile(filepath.Join(dir, path, "kustomization.yaml"), []byte(content), 0o600),
		); err != nil {
			t.Fatal(err)
		}
	}
	all, err := objects(t, exec.CommandContext(t.Context(), tool, "build", dir))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// objects are those that a command prints.
func objects(t *testing.T, cmd *exec.Cmd) (map[string]*unstructured.Unstructured, error) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("%w: %s", err, stderr.String())
	}
	all := map[string]*unstructured.Unstructured{}
	for decoder := utilyaml.NewYAMLOrJSONDecoder(&stdout, 1<<10); ; {
		o := &unstructured.Unstructured{}
		switch err := decoder.Decode(&o.Object); {
		case errors.Is(err, io.EOF):
			return all, nil
		case err != nil:
			t.Fatal(err)
		}
		if len(o.Object) == 0 {
			continue
		}
		key := o.GetKind() + " " + o.GetNamespace() + "/" + o.GetName()
		if all[key] != nil {
			t.Errorf("%s is there twice", key)
		}
		all[key] = o
	}
}
