// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"slices"
	"testing"
)

func TestAnSBOMIsAttachedToEveryPlatform(t *testing.T) {
	folder, _ := written(t)
	all := index(t, folder)
	manifest, err := all.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(manifest.Manifests); i += 2 {
		image, said := manifest.Manifests[i], manifest.Manifests[i+1]
		if said.Annotations["vnd.docker.reference.type"] != "attestation-manifest" || said.Annotations["vnd.docker.reference.digest"] != image.Digest.String() {
			t.Errorf("what is beside %s is annotated %v", image.Digest, said.Annotations)
		}
		attestation, err := all.Image(said.Digest)
		if err != nil {
			t.Fatal(err)
		}
		layers, err := attestation.Layers()
		if err != nil || len(layers) != 1 {
			t.Fatalf("it has %d layers, error %v", len(layers), err)
		}
		content, err := layers[0].Uncompressed()
		if err != nil {
			t.Fatal(err)
		}
		var got statement
		if err := json.NewDecoder(content).Decode(&got); err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, component := range *got.Predicate.Components {
			names = append(names, component.Name)
			if component.Version == "" {
				t.Errorf("%s has no version", component.Name)
			}
		}
		if want := []string{"example.com/library", authorities}; !slices.Equal(names, want) || got.PredicateType != predicate {
			t.Errorf("the %s names %q; want %q", got.PredicateType, names, want)
		}
		if len(got.Subject) != 1 || got.Subject[0].Digest["sha256"] != image.Digest.Hex {
			t.Errorf("it speaks of %v; want %s", got.Subject, image.Digest)
		}
	}
}
