// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// krew runs the validator that the index of krew runs on each manifest. The archives, which it would download, are not there yet.
func krew(t *testing.T, path string) (string, error) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "tool", "validate-krew-manifest", "-skip-install", "-manifest", path).CombinedOutput()
	return string(out), err
}

func TestKrewAcceptsTheManifestOfThePlugin(t *testing.T) {
	folder := t.TempDir()
	make := exec.CommandContext(t.Context(), "go", "run", "./hack/krew", "-dry", "-o", folder, "-version", "v1.2.3")
	make.Dir = root
	if out, err := make.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	path := filepath.Join(folder, "conversations.yaml")
	if out, err := krew(t, path); err != nil {
		t.Errorf("krew refuses it: %v: %s", err, out)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for what, broken := range map[string]string{
		"no semantic version":  strings.Replace(string(text), "v1.2.3", "1.2", 1),
		"a platform twice":     strings.Replace(string(text), "arch: arm64", "arch: amd64", 1),
		"no short description": strings.Replace(string(text), "  shortDescription: ", "  short: ", 1),
	} {
		if err := os.WriteFile(path, []byte(broken), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := krew(t, path); err == nil || broken == string(text) {
			t.Errorf("krew accepts %s: %s", what, out)
		}
	}
}
