// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"archive/tar"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"text/template"
)

// archive is the plugin for one platform.
type archive struct{ System, Machine, Binary, URL, SHA256 string }

// pack puts files into an archive, the same ones always into the same bytes, and answers its checksum.
func pack(path string, files ...string) (sum string, err error) {
	out, err := os.Create(path)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	hash := sha256.New()
	zipped := gzip.NewWriter(io.MultiWriter(out, hash))
	packed := tar.NewWriter(zipped)
	for _, file := range files {
		if err := add(packed, file); err != nil {
			return "", err
		}
	}
	if err := errors.Join(packed.Close(), zipped.Close()); err != nil {
		return "", err
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

func add(to *tar.Writer, path string) error {
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	if err := to.WriteHeader(&tar.Header{Name: filepath.Base(path), Mode: int64(info.Mode().Perm()), Size: info.Size()}); err != nil {
		return err
	}
	_, err = io.Copy(to, in)
	return err
}

// manifest is what krew reads: https://krew.sigs.k8s.io/docs/developer-guide/plugin-manifest/
var manifest = template.Must(template.New("manifest").Parse(`apiVersion: krew.googlecontainertools.github.com/v1alpha2
kind: Plugin
metadata:
  name: conversations
spec:
  version: {{.Version}}
  homepage: https://github.com/conversations-operator/conversations-operator
  shortDescription: Twilio Conversations as resources
  description: |
    Brings what exists at Twilio Conversations into Git as manifests, tells what
    a change would do before it is merged, and finds what differs or belongs to
    nobody.
  caveats: |
    Twilio is asked with TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN, or with the
    credentials of an account in the cluster.
  platforms:
{{- range .Archives}}
  - selector:
      matchLabels:
        os: {{.System}}
        arch: {{.Machine}}
    uri: "{{.URL}}"
    sha256: "{{.SHA256}}"
    bin: {{.Binary}}
    files:
    - from: {{.Binary}}
      to: .
    - from: LICENSE
      to: .
{{- end}}
`))
