// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"archive/tar"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/validate"
)

const (
	tag     = "registry.example.com/operator:v1.2.3"
	created = 1795974040
)

// written is a folder with the images of a small program, and the flags that they were made with.
func written(t *testing.T) (string, options) {
	t.Helper()
	root, folder := t.TempDir(), t.TempDir()
	for name, text := range map[string]string{
		"go.mod":         "module example.com/small\n\ngo 1.26.0\n",
		"cmd/main.go":    "package main\n\nvar version string\n\nfunc main() { println(version) }\n",
		"sbom.json":      `{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{"type":"library","name":"example.com/library","version":"v1.0.0"}]}`,
		"cmd/ignored.md": "not Go",
	} {
		path := filepath.Join(root, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	o := options{
		root: root, folder: folder, tag: tag, version: "v1.2.3", revision: "0123abc", created: created,
		sbom: filepath.Join(root, "sbom.json"), platforms: "linux/amd64,linux/arm64/v8",
	}
	if err := run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	return folder, o
}

// index is the image in a folder, for all platforms.
func index(t *testing.T, folder string) v1.ImageIndex {
	t.Helper()
	path, err := layout.FromPath(filepath.Join(folder, "image"))
	if err != nil {
		t.Fatal(err)
	}
	top, err := path.ImageIndex()
	if err != nil {
		t.Fatal(err)
	}
	entries, err := top.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	// crane push takes a layout of one entry only.
	if len(entries.Manifests) != 1 || !entries.Manifests[0].MediaType.IsIndex() {
		t.Fatalf("the layout has the entries %v; want one index", entries.Manifests)
	}
	out, err := top.ImageIndex(entries.Manifests[0].Digest)
	if err != nil {
		t.Fatal(err)
	}
	expectWhole(t, out)
	return out
}

// expectWhole fails the test unless everything of every platform is there, with its checksums. What is said of a platform is no
// image that could be looked at so.
func expectWhole(t *testing.T, all v1.ImageIndex) {
	t.Helper()
	manifest, err := all.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range manifest.Manifests {
		image, err := all.Image(entry.Digest)
		if err != nil {
			t.Fatal(err)
		}
		if entry.Platform.OS == unknown {
			continue
		}
		if err := validate.Image(image); err != nil {
			t.Error(err)
		}
	}
}

func TestEveryPlatformHasTheManagerForANobody(t *testing.T) {
	folder, o := written(t)
	all := index(t, folder)
	manifest, err := all.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	var platforms []string
	for _, entry := range manifest.Manifests {
		platforms = append(platforms, entry.Platform.String())
		if entry.Platform.OS != "linux" {
			continue
		}
		image, err := all.Image(entry.Digest)
		if err != nil {
			t.Fatal(err)
		}
		config, err := image.ConfigFile()
		if err != nil {
			t.Fatal(err)
		}
		if got := config.Platform().String(); got != entry.Platform.String() {
			t.Errorf("the image of %s is for %s", entry.Platform, got)
		}
		if config.Config.User != "65532:65532" || !slices.Equal(config.Config.Entrypoint, []string{"/manager"}) || len(config.Config.Cmd) > 0 {
			t.Errorf("it runs %s %s as %s", config.Config.Entrypoint, config.Config.Cmd, config.Config.User)
		}
		if config.Created.Unix() != created {
			t.Errorf("it was created at %s", config.Created)
		}
		for name, want := range labels(o.version, o.revision) {
			if config.Config.Labels[name] != want {
				t.Errorf("the label %s is %q; want %q", name, config.Config.Labels[name], want)
			}
		}
	}
	if want := []string{"linux/amd64", "unknown/unknown", "linux/arm64/v8", "unknown/unknown"}; !slices.Equal(platforms, want) {
		t.Errorf("the platforms are %q; want %q", platforms, want)
	}
}

func TestTheImageHoldsNothingButTheManagerAndCertificates(t *testing.T) {
	folder, _ := written(t)
	all := index(t, folder)
	manifest, err := all.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	image, err := all.Image(manifest.Manifests[0].Digest)
	if err != nil {
		t.Fatal(err)
	}
	layers, err := image.Layers()
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]*tar.Header{}
	var bundle []byte
	for _, layer := range layers {
		content, err := layer.Uncompressed()
		if err != nil {
			t.Fatal(err)
		}
		for entries := tar.NewReader(content); ; {
			header, err := entries.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			files[header.Name] = header
			if strings.HasSuffix(header.Name, ".crt") {
				if bundle, err = io.ReadAll(entries); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	want := []string{"etc/", "etc/group", "etc/passwd", "etc/ssl/", "etc/ssl/certs/", "etc/ssl/certs/ca-certificates.crt", "manager"}
	for _, name := range want {
		header, ok := files[name]
		if !ok {
			t.Errorf("%s is not in the image", name)
			continue
		}
		if header.Uid != 0 || header.Gid != 0 || header.Mode&0o022 != 0 || header.ModTime.Unix() != created {
			t.Errorf("%s is of %d:%d, with mode %o and time %s; want one that only root may change", name, header.Uid, header.Gid, header.Mode, header.ModTime)
		}
	}
	if len(files) != len(want) {
		t.Errorf("the image holds %d files; want %q", len(files), want)
	}
	expectAuthorities(t, bundle)
}

// expectAuthorities fails the test unless the certificates are those of enough authorities, Twilio's among them.
func expectAuthorities(t *testing.T, bundle []byte) {
	t.Helper()
	var names []string
	for block, rest := pem.Decode(bundle); block != nil; block, rest = pem.Decode(rest) {
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, certificate.Subject.CommonName)
	}
	for _, want := range []string{"DigiCert Global Root G2", "Amazon Root CA 1", "ISRG Root X1"} {
		if !slices.Contains(names, want) {
			t.Errorf("the certificate of %s is not there", want)
		}
	}
	if len(names) < 50 {
		t.Errorf("there are %d certificates", len(names))
	}
}

func TestTheSameSourceMakesTheSameBytes(t *testing.T) {
	folder, o := written(t)
	o.folder = t.TempDir()
	// Another folder, another user's settings and a folder that was written before change nothing.
	again := t.TempDir()
	if err := os.CopyFS(again, os.DirFS(o.root)); err != nil {
		t.Fatal(err)
	}
	o.root = again
	t.Setenv("GOFLAGS", "-gcflags=-N")
	for range 2 {
		if err := run(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	files := 0
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		files++
		name, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		want, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		got, err := os.ReadFile(filepath.Join(o.folder, name))
		if err != nil {
			return err
		}
		if string(got) != string(want) {
			t.Errorf("%s is another one", name)
		}
		return nil
	})
	if err != nil || files < 12 {
		t.Errorf("%d files were compared, error %v", files, err)
	}
}

func TestBadFlagsGetAnErrorThatSaysWhatToDo(t *testing.T) {
	_, good := written(t)
	for want, change := range map[string]func(*options){
		"make sbom writes it":                 func(o *options) { o.sbom = "nowhere.json" },
		`"windows/amd64" is not one of Linux`: func(o *options) { o.platforms = "windows/amd64" },
		`the image's name "A:b:c"`:            func(o *options) { o.tag = "A:b:c" },
	} {
		o := good
		change(&o)
		if err := run(t.Context(), o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v; want %q in it", err, want)
		}
	}
}
