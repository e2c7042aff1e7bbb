// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime/debug"

	cdx "github.com/CycloneDX/cyclonedx-go"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// predicate is the type of what is said of an image: that this is its bill of materials.
const predicate = "https://cyclonedx.org/bom"

// unknown is the platform of what runs nowhere.
const unknown = "unknown"

// sbom is the CycloneDX document of the image.
type sbom = cdx.BOM

// readSBOM reads the document of the manager, and adds the certificates.
func readSBOM(path string) (*sbom, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("reading the SBOM of the manager: %w. make sbom writes it", err)
	}
	defer file.Close()
	document := new(sbom)
	if err := cdx.NewBOMDecoder(file, cdx.BOMFileFormatJSON).Decode(document); err != nil {
		return nil, fmt.Errorf("reading the SBOM of the manager: %w", err)
	}
	if document.Components == nil {
		return nil, errors.New("the SBOM of the manager has no components: make sbom writes it anew")
	}
	version := ""
	info, _ := debug.ReadBuildInfo()
	for _, module := range info.Deps {
		if module.Path == authorities {
			version = module.Version
		}
	}
	purl := "pkg:golang/" + authorities + "@" + version
	*document.Components = append(*document.Components, cdx.Component{
		BOMRef: purl, PackageURL: purl, Type: cdx.ComponentTypeData, Name: authorities, Version: version,
		Licenses: &cdx.Licenses{{License: &cdx.License{ID: "BSD-3-Clause"}}},
	})
	return document, nil
}

// statement says something of an image, as in-toto has it (https://in-toto.io/Statement/v1).
type statement struct {
	Type          string    `json:"_type"`
	PredicateType string    `json:"predicateType"`
	Subject       []subject `json:"subject"`
	Predicate     *sbom     `json:"predicate"`
}

// subject is what a statement speaks of.
type subject struct {
	Name   string            `json:"name"`
	Digest map[string]string `json:"digest"`
}

// attest attaches the SBOM to an image as BuildKit does
// (https://docs.docker.com/build/metadata/attestations/attestation-storage/): as a manifest beside it, for no platform.
func (m *maker) attest(image v1.Image) (mutate.IndexAddendum, error) {
	digest, err := image.Digest()
	if err != nil {
		return mutate.IndexAddendum{}, err
	}
	content, err := json.Marshal(statement{
		Type: "https://in-toto.io/Statement/v1", PredicateType: predicate, Predicate: m.sbom,
		Subject: []subject{{Name: "conversations-operator", Digest: map[string]string{digest.Algorithm: digest.Hex}}},
	})
	if err != nil {
		return mutate.IndexAddendum{}, err
	}
	said := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	said, err = mutate.Append(said, mutate.Addendum{
		Layer: static.NewLayer(content, "application/vnd.in-toto+json"), Annotations: map[string]string{"in-toto.io/predicate-type": predicate},
	})
	if err != nil {
		return mutate.IndexAddendum{}, err
	}
	config, err := said.ConfigFile()
	if err != nil {
		return mutate.IndexAddendum{}, err
	}
	config = config.DeepCopy()
	config.OS, config.Architecture = unknown, unknown
	if said, err = mutate.ConfigFile(said, config); err != nil {
		return mutate.IndexAddendum{}, err
	}
	return mutate.IndexAddendum{Add: said, Descriptor: v1.Descriptor{
		Platform: &v1.Platform{OS: unknown, Architecture: unknown},
		Annotations: map[string]string{
			"vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": digest.String(),
		},
	}}, nil
}
