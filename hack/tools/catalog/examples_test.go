// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"path/filepath"
	"testing"

	helmv2 "github.com/fluxcd/helm-controller/api/v2"
	kustomizev1 "github.com/fluxcd/kustomize-controller/api/v1"
	sourcev1 "github.com/fluxcd/source-controller/api/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// known reads an object into the type that its controller has for it, and refuses fields that the type does not have.
func known(o *unstructured.Unstructured) (err error) {
	switch o.GetKind() {
	case "GitRepository":
		_, err = as[sourcev1.GitRepository](o)
	case "Kustomization":
		_, err = as[kustomizev1.Kustomization](o)
	case "HelmRelease":
		_, err = as[helmv2.HelmRelease](o)
	}
	return err
}

func TestTheExamplesForFluxHaveTheFieldsOfItsControllers(t *testing.T) {
	found := map[string]int{}
	files, err := filepath.Glob(filepath.Join(root, "examples/flux/*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no examples: %v", err)
	}
	for _, path := range files {
		objects, err := readObjects(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range objects {
			found[o.GetKind()]++
			if err := known(o); err != nil {
				t.Errorf("%s: %v", path, err)
			}
			o.Object["spec"].(map[string]any)["unknown"] = true
			if known(o) == nil {
				t.Errorf("%s: an unknown field of a %s is taken", path, o.GetKind())
			}
		}
	}
	for _, kind := range []string{"GitRepository", "Kustomization", "HelmRelease"} {
		if found[kind] == 0 {
			t.Errorf("no example has a %s", kind)
		}
	}
}

// What kro makes of the composition, with a text in the place of each expression.
func TestTheCompositionMakesConversations(t *testing.T) {
	objects, err := readObjects(filepath.Join(root, "examples/kro/desk.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	resources, _, err := unstructured.NestedSlice(objects[0].Object, "spec", "resources")
	if err != nil || len(resources) != 2 {
		t.Fatalf("it has %d resources: %v", len(resources), err)
	}
	for _, r := range resources {
		accepted(t, root+"/schemas", r.(map[string]any)["template"])
	}
}
