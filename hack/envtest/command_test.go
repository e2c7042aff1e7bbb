// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// The command is built with another list, of what a server of this test has, and runs as make runs it.
func TestTheCommandDownloadsWhatItsListHas(t *testing.T) {
	programs := archive(t, "etcd", "kube-apiserver", "kubectl")
	single := []byte("#!/bin/sh\necho downloaded\n")
	url := strings.TrimSuffix(server(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, ".tar.gz") {
			_, _ = w.Write(programs)
		} else {
			_, _ = w.Write(single)
		}
	}), "/envtest.tar.gz")
	var list strings.Builder
	for _, f := range []file{served(url+"/envtest.tar.gz", programs), served(url+"/kube-controller-manager", single)} {
		fmt.Fprintf(&list, "newest v1.37.0 %s/%s %s:%s %s\n", runtime.GOOS, runtime.GOARCH, f.algorithm, f.sum, f.url)
	}
	home := t.TempDir()
	command := buildWithList(t, list.String())
	for _, args := range [][]string{{"etcd", "kubectl"}, nil} {
		cmd := exec.CommandContext(t.Context(), command, args...)
		cmd.Dir = root
		cmd.Env = append(os.Environ(), "HOME="+home, "XDG_DATA_HOME="+home, "KUBEBUILDER_ASSETS=", "ENVTEST=download")
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		dir := strings.TrimSpace(string(out))
		if want := fmt.Sprintf("1.37.0-%s-%s", runtime.GOOS, runtime.GOARCH); filepath.Base(dir) != want || !strings.HasPrefix(dir, home) {
			t.Errorf("the folder is %s; want %s below %s", dir, want, home)
		}
		if args == nil {
			expectFiles(t, dir, "etcd", "kube-apiserver", "kube-controller-manager", "kubectl")
		} else {
			expectFiles(t, dir, "etcd", "kubectl")
		}
	}
}

// buildWithList builds the command with another archives.txt.
func buildWithList(t *testing.T, list string) string {
	t.Helper()
	dir := t.TempDir()
	own, err := filepath.Abs("archives.txt")
	if err != nil {
		t.Fatal(err)
	}
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{own: filepath.Join(dir, "archives.txt")}})
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"archives.txt": list, "overlay.json": string(overlay)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	out, err := exec.CommandContext(t.Context(), "go", "build", "-overlay", filepath.Join(dir, "overlay.json"), "-o", dir, ".").CombinedOutput()
	if err != nil {
		t.Fatalf("building the command: %v: %s", err, out)
	}
	return filepath.Join(dir, "envtest")
}

func TestCommandsGetOnlyWhatTheyUse(t *testing.T) {
	for target, want := range map[string]string{
		"demo":                           "go run ./hack/envtest etcd kube-apiserver kubectl)",
		"bench":                          "go run ./hack/envtest etcd kube-apiserver kubectl)",
		"soak":                           "go run ./hack/envtest etcd kube-apiserver kubectl kube-controller-manager)",
		"test-oldest":                    "go run ./hack/envtest -kubernetes oldest)",
		"test TEST_ARGS=./internal/plan": `go run ./hack/envtest -for "./internal/plan")`,
	} {
		cmd := exec.CommandContext(t.Context(), "make", append([]string{"--dry-run", "--no-print-directory"}, strings.Fields(target)...)...)
		cmd.Dir = root
		cmd.Env = append(os.Environ(), "MAKEFLAGS=")
		out, err := cmd.CombinedOutput()
		if err != nil || !strings.Contains(string(out), want) {
			t.Errorf("make %s runs:\n%s\nerror %v; want %q in it", target, out, err, want)
		}
	}
}
