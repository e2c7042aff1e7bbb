// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"
	"log"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	imagestore "github.com/containerd/containerd/v2/core/images"
	"github.com/containerd/containerd/v2/core/images/archive"
	"github.com/containerd/containerd/v2/plugins/content/local"
	"github.com/containerd/platforms"
	crane "github.com/google/go-containerregistry/cmd/crane/cmd"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/validate"

	cranepkg "github.com/google/go-containerregistry/pkg/crane"
)

// docker load reads the manifest.json of an archive.
func TestDockerLoadFindsTheImageAndItsName(t *testing.T) {
	folder, _ := written(t)
	for _, platform := range []string{"amd64", "arm64"} {
		path := filepath.Join(folder, "image-linux-"+platform+".tar")
		manifest, err := tarball.LoadManifest(func() (io.ReadCloser, error) { return os.Open(path) })
		if err != nil {
			t.Fatal(err)
		}
		if len(manifest) != 1 || !slices.Equal(manifest[0].RepoTags, []string{tag}) {
			t.Errorf("%s holds %v; want %s", path, manifest, tag)
		}
		image, err := tarball.ImageFromPath(path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := validate.Image(image); err != nil {
			t.Error(err)
		}
		config, err := image.ConfigFile()
		if err != nil {
			t.Fatal(err)
		}
		if config.Architecture != platform {
			t.Errorf("%s is for %s", path, config.Architecture)
		}
	}
}

// kind load image-archive has containerd import an archive in each node.
func TestKindLoadsWhatContainerdImports(t *testing.T) {
	folder, _ := written(t)
	for _, platform := range []string{"linux/amd64", "linux/arm64"} {
		store, err := local.NewStore(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		file, err := os.Open(filepath.Join(folder, "image-"+strings.ReplaceAll(platform, "/", "-")+".tar"))
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		imported, err := archive.ImportIndex(t.Context(), store, file)
		if err != nil {
			t.Fatal(err)
		}
		wanted := platforms.Only(platforms.MustParse(platform))
		config, err := imagestore.Config(t.Context(), store, imported, wanted)
		if err != nil {
			t.Fatalf("it has no image for %s: %v", platform, err)
		}
		available, _, _, missing, err := imagestore.Check(t.Context(), store, imported, wanted)
		if err != nil || !available || len(missing) > 0 {
			t.Errorf("of the image with the configuration %s %v is missing, error %v", config.Digest, missing, err)
		}
	}
}

func TestCranePushes(t *testing.T) {
	folder, o := written(t)
	server := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	defer server.Close()
	repository := strings.TrimPrefix(server.URL, "http://") + "/operator"

	t.Run("the layout, with all platforms and their SBOMs", func(t *testing.T) {
		push(t, filepath.Join(folder, "image"), repository+":layout")
		expectPushed(t, repository+":layout", folder)
	})
	t.Run("the archive of a platform", func(t *testing.T) {
		push(t, filepath.Join(folder, "image-linux-arm64.tar"), repository+":arm64")
		image, err := remote.Image(parse(t, repository+":arm64"))
		if err != nil {
			t.Fatal(err)
		}
		config, err := image.ConfigFile()
		if err != nil {
			t.Fatal(err)
		}
		if err := validate.Image(image); err != nil || config.Architecture != "arm64" {
			t.Errorf("it is for %s, error %v", config.Architecture, err)
		}
	})
	t.Run("and so does this command, without writing anything", func(t *testing.T) {
		o.push, o.tag, o.folder = true, repository+":pushed", ""
		if err := run(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		expectPushed(t, repository+":pushed", folder)
	})
}

// push runs crane push.
func push(t *testing.T, path, ref string) {
	t.Helper()
	cmd := crane.NewCmdPush(&[]cranepkg.Option{cranepkg.WithContext(t.Context())})
	cmd.SetArgs([]string{path, ref})
	if err := cmd.ExecuteContext(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// expectPushed fails the test unless the registry has, under that name, the image of the folder.
func expectPushed(t *testing.T, ref, folder string) {
	t.Helper()
	pushed, err := remote.Index(parse(t, ref))
	if err != nil {
		t.Fatal(err)
	}
	expectWhole(t, pushed)
	got, err := pushed.Digest()
	if err != nil {
		t.Fatal(err)
	}
	want, err := index(t, folder).Digest()
	if err != nil {
		t.Fatal(err)
	}
	if got != want {
		t.Errorf("%s is %s; want %s", ref, got, want)
	}
}

func parse(t *testing.T, ref string) name.Reference {
	t.Helper()
	out, err := name.ParseReference(ref)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
