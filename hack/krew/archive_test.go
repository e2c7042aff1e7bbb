// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"
)

func TestAnArchiveHoldsItsFilesAndHasItsChecksum(t *testing.T) {
	dir := t.TempDir()
	path, binary, license := filepath.Join(dir, "a.tar.gz"), filepath.Join(dir, plugin), filepath.Join(dir, "LICENSE")
	if err := errors.Join(os.WriteFile(binary, []byte("binary"), 0o755), os.WriteFile(license, []byte("license"), 0o644)); err != nil {
		t.Fatal(err)
	}
	sum, err := pack(path, binary, license)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if want := sha256.Sum256(text); sum != hex.EncodeToString(want[:]) {
		t.Errorf("its checksum is %x, not %s", want, sum)
	}
	unzipped, err := gzip.NewReader(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int64{}
	for packed := tar.NewReader(unzipped); ; {
		h, err := packed.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		got[h.Name] = h.Mode
	}
	if diff := cmp.Diff(map[string]int64{plugin: 0o755, "LICENSE": 0o644}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTheManifestIsYAML(t *testing.T) {
	r := release{Version: "v1.2.3", Archives: []archive{
		{"linux", "amd64", plugin, "https://example.com/a.tar.gz", "00"},
		{"windows", "amd64", plugin + ".exe", "", ""},
	}}
	var out bytes.Buffer
	if err := manifest.Execute(&out, &r); err != nil {
		t.Fatal(err)
	}
	var read struct {
		Spec struct {
			Platforms []struct{ URI, SHA256, Bin string }
		}
	}
	if err := yaml.Unmarshal(out.Bytes(), &read); err != nil {
		t.Fatal(err)
	}
	if p := read.Spec.Platforms; len(p) != 2 || p[0].URI != "https://example.com/a.tar.gz" || p[0].SHA256 != "00" || p[1].Bin != plugin+".exe" {
		t.Errorf("platforms: %+v\n%s", p, out.String())
	}
}
