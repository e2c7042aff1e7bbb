// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package signatures

import (
	"crypto/sha256"
	"fmt"
	"io"
	"log"
	"maps"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

const (
	repository = "conversations-operator/conversations-operator"
	image      = "ghcr.io/conversations-operator/conversations-operator:v0.1.0"
	chart      = "ghcr.io/conversations-operator/charts/conversations-operator:0.1.0"
	archive    = "kubectl-conversations_linux_amd64.tar.gz"
	checksums  = "SHA256SUMS"
)

// workflow is the one that makes releases, at the tag of the release.
var workflow = signer{"https://github.com/" + repository + "/.github/workflows/release.yml@refs/tags/v0.1.0", github}

// others may not sign: their signatures are as valid, and verify nothing.
var others = map[string]signer{
	"another workflow":              {"https://github.com/" + repository + "/.github/workflows/ci.yml@refs/tags/v0.1.0", github},
	"another repository":            {"https://github.com/somebody/conversations-operator/.github/workflows/release.yml@refs/tags/v0.1.0", github},
	"a repository of a longer name": {"https://github.com/" + repository + "-2/.github/workflows/release.yml@refs/tags/v0.1.0", github},
	"another issuer":                {workflow.identity, "https://accounts.example.com"},
}

// commands are those of SECURITY.md: the lines that stand in.
func commands(t *testing.T) (out []string) {
	t.Helper()
	text, err := os.ReadFile("../../../SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	joined := strings.ReplaceAll(string(text), " \\\n", " ")
	for line := range strings.Lines(joined) {
		if command, ok := strings.CutPrefix(line, "    "); ok {
			out = append(out, strings.TrimSpace(command))
		}
	}
	return out
}

// publish makes a release that the workflow signed, or somebody else.
func publish(t *testing.T, by signer) *user {
	t.Helper()
	server := httptest.NewServer(registry.New(registry.WithReferrersSupport(true), registry.Logger(log.New(io.Discard, "", 0))))
	t.Cleanup(server.Close)
	u := &user{
		authority: newAuthority(t), folder: t.TempDir(), registry: strings.TrimPrefix(server.URL, "http://"), api: map[string][][]byte{},
	}
	files := map[string]string{"install.yaml": "kind: Namespace", archive: "the plugin", "conversations-operator-0.1.0.tgz": "the chart"}
	var sums strings.Builder
	for _, name := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256([]byte(files[name])), name)
	}
	files[checksums] = sums.String()
	for name, content := range files {
		u.write(t, name, []byte(content))
		u.write(t, name+".sigstore.json", u.authority.sign(t, by, []byte(content)))
		u.attest(t, by, name, fmt.Sprintf("%x", sha256.Sum256([]byte(content))))
	}
	for _, name := range []string{image, chart} {
		u.push(t, by, name)
	}
	return u
}

func (u *user) write(t *testing.T, name string, content []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(u.folder, name), content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// attest tells GitHub of something's provenance and SBOM.
func (u *user) attest(t *testing.T, by signer, name, digest string) {
	t.Helper()
	for _, predicateType := range []string{provenance, sbom} {
		u.api[digest] = append(u.api[digest], u.authority.attest(t, by, name, digest, predicateType))
	}
}

// push pushes an image and its signature, as cosign sign stores it: a manifest that refers to the image.
func (u *user) push(t *testing.T, by signer, name string) {
	t.Helper()
	ref, err := u.reference(name)
	if err != nil {
		t.Fatal(err)
	}
	made, err := random.Image(64, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.Write(ref, made); err != nil {
		t.Fatal(err)
	}
	described, err := remote.Head(ref)
	if err != nil {
		t.Fatal(err)
	}
	said := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), bundleType)
	said, err = mutate.AppendLayers(said, static.NewLayer(u.authority.attest(t, by, name, described.Digest.Hex, signature), bundleType))
	if err != nil {
		t.Fatal(err)
	}
	signed := mutate.Subject(said, v1.Descriptor{MediaType: described.MediaType, Digest: described.Digest, Size: described.Size}).(v1.Image)
	digest, err := signed.Digest()
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.Write(ref.Context().Digest(digest.String()), signed); err != nil {
		t.Fatal(err)
	}
	u.attest(t, by, name, described.Digest.Hex)
}

func TestEveryCommandVerifiesTheRelease(t *testing.T) {
	u := publish(t, workflow)
	all := commands(t)
	for _, command := range all {
		if err := u.run(command); err != nil {
			t.Errorf("%s\n%v", command, err)
		}
	}
	joined := strings.Join(all, "\n")
	for _, want := range []string{
		"cosign verify " + image, "cosign verify " + chart, "cosign verify-blob install.yaml ", "cosign verify-blob " + archive + " ",
		"cosign verify-blob " + checksums + " ", "sha256sum --check --ignore-missing " + checksums, "gh attestation verify install.yaml ",
		"gh attestation verify " + archive + " ", "gh attestation verify oci://" + image + " ", "gh attestation verify oci://" + chart + " ", "--predicate-type " + sbom,
	} {
		if !strings.Contains(joined+"\n", want) {
			t.Errorf("no command is %q", want)
		}
	}
}

func TestNoCommandVerifiesWhatSomebodyElseSigned(t *testing.T) {
	for name, by := range others {
		t.Run(name, func(t *testing.T) {
			u := publish(t, by)
			for _, command := range commands(t) {
				if err := u.run(command); err == nil && !strings.HasPrefix(command, "sha256sum") {
					t.Errorf("it is verified: %s", command)
				}
			}
		})
	}
}

func TestNoCommandVerifiesWhatWasChangedLater(t *testing.T) {
	u := publish(t, workflow)
	for _, name := range []string{"install.yaml", archive, checksums} {
		u.write(t, name, []byte("something else"))
	}
	for _, name := range []string{image, chart} {
		ref, err := u.reference(name)
		if err != nil {
			t.Fatal(err)
		}
		other, err := random.Image(64, 1)
		if err != nil {
			t.Fatal(err)
		}
		if err := remote.Write(ref, other); err != nil {
			t.Fatal(err)
		}
	}
	for _, command := range commands(t) {
		if err := u.run(command); err == nil {
			t.Errorf("it is verified: %s", command)
		}
	}
}
