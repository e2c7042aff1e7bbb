// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// write writes the OCI layout, and an archive for each platform, into a folder.
func (i *images) write(folder, tag string) error {
	ref, err := name.NewTag(tag)
	if err != nil {
		return fmt.Errorf("the image's name %q: %w", tag, err)
	}
	path := filepath.Join(folder, "image")
	// What an older run left would be pushed with it.
	if err := os.RemoveAll(path); err != nil {
		return fmt.Errorf("removing the last image: %w", err)
	}
	to, err := layout.Write(path, empty.Index)
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if err := to.AppendIndex(i.index, layout.WithAnnotations(map[string]string{"org.opencontainers.image.ref.name": ref.TagStr()})); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	for _, s := range i.single {
		path := filepath.Join(folder, fmt.Sprintf("image-%s-%s.tar", s.platform.OS, s.platform.Architecture))
		if err := tarball.WriteToFile(path, ref, s.image); err != nil {
			return fmt.Errorf("writing %s: %w", path, err)
		}
	}
	return nil
}

// push pushes both platforms to a registry.
func (i *images) push(ctx context.Context, tag string) error {
	ref, err := name.ParseReference(tag)
	if err != nil {
		return fmt.Errorf("the image's name %q: %w", tag, err)
	}
	if err := remote.WriteIndex(ref, i.index, remote.WithContext(ctx), remote.WithAuthFromKeychain(authn.DefaultKeychain)); err != nil {
		return fmt.Errorf("pushing %s: %w", ref, err)
	}
	digest, err := i.index.Digest()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(os.Stdout, ref.Context().Digest(digest.String()))
	return err
}
