// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// user is the user and the group that the manager runs as: the one of distroless, which the manifests' runAsNonRoot needs as
// a number.
const user = "65532:65532"

// maker makes images.
type maker struct {
	platforms []v1.Platform
	// root is the folder of the operator's module.
	root, version string
	// created is the one date in the images.
	created time.Time
	labels  map[string]string
	sbom    *sbom
}

// images are what was made.
type images struct {
	// index has both platforms, with an SBOM each.
	index v1.ImageIndex
	// single are the images of platforms by themselves.
	single []single
}

// single is the image of one platform.
type single struct {
	platform v1.Platform
	image    v1.Image
}

// make makes the images of all platforms.
func (m *maker) make(ctx context.Context) (*images, error) {
	out := &images{index: mutate.IndexMediaType(empty.Index, types.OCIImageIndex)}
	base, err := m.base()
	if err != nil {
		return nil, err
	}
	for _, platform := range m.platforms {
		image, err := m.image(ctx, platform, base)
		if err != nil {
			return nil, fmt.Errorf("making the image for %s: %w", platform, err)
		}
		attestation, err := m.attest(image)
		if err != nil {
			return nil, fmt.Errorf("describing the image for %s: %w", platform, err)
		}
		out.single = append(out.single, single{platform: platform, image: image})
		out.index = mutate.AppendManifests(out.index,
			mutate.IndexAddendum{Add: image, Descriptor: v1.Descriptor{Platform: &platform}}, attestation)
	}
	return out, nil
}

// image makes the image of one platform.
func (m *maker) image(ctx context.Context, platform v1.Platform, base v1.Layer) (v1.Image, error) {
	binary, err := m.build(ctx, platform)
	if err != nil {
		return nil, err
	}
	program, err := m.layer(entry{path: "manager", mode: 0o755, content: binary})
	if err != nil {
		return nil, err
	}
	image := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	history := func(what string) v1.History { return v1.History{Created: v1.Time{Time: m.created}, CreatedBy: what} }
	image, err = mutate.Append(image,
		mutate.Addendum{Layer: base, History: history("the certificates of public authorities")},
		mutate.Addendum{Layer: program, History: history("the manager")})
	if err != nil {
		return nil, err
	}
	config, err := image.ConfigFile()
	if err != nil {
		return nil, err
	}
	config = config.DeepCopy()
	config.OS, config.Architecture, config.Variant = platform.OS, platform.Architecture, platform.Variant
	config.Created = v1.Time{Time: m.created}
	config.Config = v1.Config{User: user, WorkingDir: "/", Entrypoint: []string{"/manager"}, Labels: m.labels}
	return mutate.ConfigFile(image, config)
}

// build compiles the manager as the Dockerfile does.
func (m *maker) build(ctx context.Context, platform v1.Platform) ([]byte, error) {
	dir, err := os.MkdirTemp("", "image-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "manager")
	// The Dockerfile has no .git that a binary could name, and nobody's settings.
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w -X main.version="+m.version, "-o", path, "./cmd")
	cmd.Dir = m.root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+platform.OS, "GOARCH="+platform.Architecture, "GOFLAGS=", "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building the manager: %w: %s", err, out)
	}
	return os.ReadFile(path)
}
