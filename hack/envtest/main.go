// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Command envtest makes sure that the control plane the tests run against is there: etcd, kube-apiserver,
// kube-controller-manager and kubectl, built once per machine from the modules pinned in hack/etcd and
// hack/controlplane, in the folder where setup-envtest keeps its own downloads of the same version.
//
// It prints that folder, and nothing else, on stdout; progress goes to stderr. A KUBEBUILDER_ASSETS that is already set
// is printed as it is, and nothing is built. It is run from the root of the repository:
//
//	export KUBEBUILDER_ASSETS="$(go run ./hack/envtest)"
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	dir, err := ensure(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, "envtest:", err)
		os.Exit(1)
	}
	fmt.Fprintln(os.Stdout, dir)
}

// ensure answers the folder that holds the control plane, and builds what is missing in it.
func ensure(ctx context.Context) (string, error) {
	if dir := os.Getenv("KUBEBUILDER_ASSETS"); dir != "" {
		return dir, nil
	}
	version, err := kubernetesVersion(ctx)
	if err != nil {
		return "", err
	}
	store, err := store(runtime.GOOS, os.Getenv)
	if err != nil {
		return "", err
	}
	dir := filepath.Join(store, "k8s", fmt.Sprintf("%s-%s-%s", strings.TrimPrefix(version, "v"), runtime.GOOS, runtime.GOARCH))
	return dir, build(ctx, dir, controlPlane(version))
}

// kubernetesVersion answers the version that hack/controlplane pins, such as v1.36.3.
func kubernetesVersion(ctx context.Context) (string, error) {
	cmd := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Version}}", "k8s.io/kubernetes")
	cmd.Dir = "hack/controlplane"
	cmd.Env = append(os.Environ(), "GOWORK=off")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("reading the version of k8s.io/kubernetes from hack/controlplane: %w", err)
	}
	return strings.TrimSpace(string(out)), nil
}

// store answers the folder that setup-envtest keeps its binaries in, on the given operating system
// (store.DefaultStoreDir in sigs.k8s.io/controller-runtime/tools/setup-envtest, which importing would make this
// program, that runs before everything else, minutes to compile).
func store(goos string, getenv func(string) string) (string, error) {
	if data := getenv("XDG_DATA_HOME"); data != "" && goos != "darwin" {
		return filepath.Join(data, "kubebuilder-envtest"), nil
	}
	home := getenv("HOME")
	switch {
	case home == "":
		return "", errors.New("no folder to build the control plane into: set HOME, or KUBEBUILDER_ASSETS to a folder that holds it")
	case goos == "darwin":
		return filepath.Join(home, "Library/Application Support/io.kubebuilder.envtest"), nil
	default:
		return filepath.Join(home, ".local/share/kubebuilder-envtest"), nil
	}
}
