// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package signatures

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/sigstore/sigstore-go/pkg/bundle"
	"github.com/sigstore/sigstore-go/pkg/verify"
)

// The types of what is said of something: https://slsa.dev/provenance/v1 is what gh looks for unless it is told otherwise.
const (
	provenance = "https://slsa.dev/provenance/v1"
	sbom       = "https://cyclonedx.org/bom"
	signature  = "https://sigstore.dev/cosign/sign/v1"
	// github vouches for the identity of workflows.
	github = "https://token.actions.githubusercontent.com"
)

// user is somebody who has downloaded the files of a release into a folder, and runs commands there.
type user struct {
	authority authority
	folder    string
	// registry is the host that stands in for ghcr.io.
	registry string
	// api has what gh asks GitHub for: the attestations of a SHA-256.
	api map[string][][]byte
}

// run does what a command does, and answers an error where the command would exit with one.
func (u *user) run(line string) error {
	words := strings.Fields(line)
	switch {
	case len(words) > 1 && words[0] == "cosign" && words[1] == "verify":
		return u.cosignVerify(words[2:])
	case len(words) > 1 && words[0] == "cosign" && words[1] == "verify-blob":
		return u.cosignVerifyBlob(words[2:])
	case len(words) > 2 && words[0] == "gh" && words[1] == "attestation" && words[2] == "verify":
		return u.ghVerify(words[3:])
	case len(words) == 4 && words[0] == "sha256sum" && words[1] == "--check" && words[2] == "--ignore-missing":
		return u.checksums(words[3])
	}
	return fmt.Errorf("the test does not know the command %q", line)
}

// parse reads the flags of a command, which may stand before and after its one argument.
func parse(words []string, flags *flag.FlagSet) (argument string, err error) {
	flags.SetOutput(io.Discard)
	for {
		if err := flags.Parse(words); err != nil {
			return "", err
		}
		if flags.NArg() == 0 {
			break
		}
		if argument != "" {
			return "", fmt.Errorf("one argument too many: %q", flags.Args())
		}
		argument, words = strings.Trim(flags.Arg(0), "'"), flags.Args()[1:]
	}
	if argument == "" {
		return "", errors.New("the argument is missing")
	}
	return argument, nil
}

// identityFlags are the two that cosign insists on.
func identityFlags(flags *flag.FlagSet) (identity, issuer *string) {
	return flags.String("certificate-identity", "", ""), flags.String("certificate-oidc-issuer", "", "")
}

func (u *user) cosignVerify(words []string) error {
	flags := flag.NewFlagSet("cosign verify", flag.ContinueOnError)
	identity, issuer := identityFlags(flags)
	image, err := parse(words, flags)
	if err != nil {
		return err
	}
	digest, err := u.digest(image)
	if err != nil {
		return err
	}
	bundles, err := u.referrers(image, digest)
	if err != nil {
		return err
	}
	id, err := verify.NewShortCertificateIdentity(*issuer, "", *identity, "")
	if err != nil {
		return err
	}
	return u.attested(bundles, digest, signature, id)
}

func (u *user) cosignVerifyBlob(words []string) error {
	flags := flag.NewFlagSet("cosign verify-blob", flag.ContinueOnError)
	identity, issuer := identityFlags(flags)
	path := flags.String("bundle", "", "")
	file, err := parse(words, flags)
	if err != nil {
		return err
	}
	content, err := os.ReadFile(filepath.Join(u.folder, file))
	if err != nil {
		return err
	}
	text, err := os.ReadFile(filepath.Join(u.folder, *path))
	if err != nil {
		return err
	}
	id, err := verify.NewShortCertificateIdentity(*issuer, "", *identity, "")
	if err != nil {
		return err
	}
	_, err = u.verify(text, verify.NewPolicy(verify.WithArtifact(bytes.NewReader(content)), verify.WithCertificateIdentity(id)))
	return err
}

func (u *user) ghVerify(words []string) error {
	flags := flag.NewFlagSet("gh attestation verify", flag.ContinueOnError)
	repository := flags.String("repo", "", "")
	identity := flags.String("cert-identity", "", "")
	predicateType := flags.String("predicate-type", provenance, "")
	what, err := parse(words, flags)
	if err != nil {
		return err
	}
	var digest string
	if image, ok := strings.CutPrefix(what, "oci://"); ok {
		if digest, err = u.digest(image); err != nil {
			return err
		}
	} else {
		content, err := os.ReadFile(filepath.Join(u.folder, what))
		if err != nil {
			return err
		}
		digest = fmt.Sprintf("%x", sha256.Sum256(content))
	}
	// gh takes every workflow of the repository, unless it is told the identity.
	san := "^https://github.com/" + regexp.QuoteMeta(*repository) + "/"
	if *identity != "" {
		san = ""
	}
	id, err := verify.NewShortCertificateIdentity(github, "", *identity, san)
	if err != nil {
		return err
	}
	return u.attested(u.api[digest], digest, *predicateType, id)
}

// attested reports whether one of the bundles says something of that type of the digest.
func (u *user) attested(bundles [][]byte, digest, predicateType string, id verify.CertificateIdentity) error {
	raw, err := hex.DecodeString(digest)
	if err != nil {
		return err
	}
	reasons := []error{fmt.Errorf("nothing of the type %s", predicateType)}
	for _, text := range bundles {
		result, err := u.verify(text, verify.NewPolicy(verify.WithArtifactDigest("sha256", raw), verify.WithCertificateIdentity(id)))
		if err == nil && result.Statement.GetPredicateType() == predicateType {
			return nil
		}
		reasons = append(reasons, err)
	}
	return errors.Join(reasons...)
}

func (u *user) verify(text []byte, policy verify.PolicyBuilder) (*verify.VerificationResult, error) {
	b := &bundle.Bundle{}
	if err := b.UnmarshalJSON(text); err != nil {
		return nil, err
	}
	v, err := verify.NewVerifier(u.authority, verify.WithTransparencyLog(1), verify.WithObserverTimestamps(1))
	if err != nil {
		return nil, err
	}
	return v.Verify(b, policy)
}

func (u *user) reference(image string) (name.Reference, error) {
	return name.ParseReference(strings.Replace(image, "ghcr.io", u.registry, 1))
}

// digest is the SHA-256 of an image in the registry.
func (u *user) digest(image string) (string, error) {
	ref, err := u.reference(image)
	if err != nil {
		return "", err
	}
	found, err := remote.Head(ref)
	if err != nil {
		return "", err
	}
	return found.Digest.Hex, nil
}

// referrers are the bundles that the registry has beside an image.
func (u *user) referrers(image, digest string) (out [][]byte, err error) {
	ref, err := u.reference(image)
	if err != nil {
		return nil, err
	}
	index, err := remote.Referrers(ref.Context().Digest("sha256:" + digest))
	if err != nil {
		return nil, err
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		return nil, err
	}
	for _, m := range manifest.Manifests {
		img, err := remote.Image(ref.Context().Digest(m.Digest.String()))
		if err != nil {
			return nil, err
		}
		layers, err := img.Layers()
		if err != nil {
			return nil, err
		}
		for _, layer := range layers {
			content, err := layer.Uncompressed()
			if err != nil {
				return nil, err
			}
			text, err := io.ReadAll(content)
			if err := errors.Join(err, content.Close()); err != nil {
				return nil, err
			}
			out = append(out, text)
		}
	}
	return out, nil
}

// checksums compares the files that are there with their checksums; sha256sum refuses to have compared nothing.
func (u *user) checksums(file string) error {
	text, err := os.ReadFile(filepath.Join(u.folder, file))
	if err != nil {
		return err
	}
	compared := 0
	for line := range strings.Lines(string(text)) {
		want := strings.Fields(line)
		content, err := os.ReadFile(filepath.Join(u.folder, want[1]))
		if os.IsNotExist(err) {
			continue
		}
		if got := sha256.Sum256(content); err != nil || !slices.Equal(got[:], decoded(want[0])) {
			return fmt.Errorf("%s has another checksum: %w", want[1], err)
		}
		compared++
	}
	if compared == 0 {
		return errors.New("no file was compared")
	}
	return nil
}

func decoded(text string) []byte {
	raw, _ := hex.DecodeString(text)
	return raw
}
