// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// progressPeriod is how often a build that is still under way says so.
const progressPeriod = 30 * time.Second

// binary is one program to build: the folder of the module that pins it, its main package, and linker flags.
type binary struct {
	name, module, pkg, ldflags string
}

// controlPlane lists the binaries of a control plane of that Kubernetes version. The version is stamped in as
// Kubernetes' own build does (hack/lib/version.sh), so that servers and kubectl report it.
func controlPlane(version string) []binary {
	major, rest, _ := strings.Cut(strings.TrimPrefix(version, "v"), ".")
	minor, _, _ := strings.Cut(rest, ".")
	var stamp strings.Builder
	for _, pkg := range []string{"k8s.io/component-base/version", "k8s.io/client-go/pkg/version"} {
		fmt.Fprintf(&stamp, " -X %[1]s.gitVersion=%[2]s -X %[1]s.gitMajor=%[3]s -X %[1]s.gitMinor=%[4]s -X %[1]s.gitTreeState=clean",
			pkg, version, major, minor)
	}
	kubernetes := func(name string) binary {
		return binary{name: name, module: "hack/controlplane", pkg: "k8s.io/kubernetes/cmd/" + name, ldflags: stamp.String()}
	}
	return []binary{
		{name: "etcd", module: "hack/etcd", pkg: "go.etcd.io/etcd/server/v3"},
		kubernetes("kube-apiserver"),
		kubernetes("kube-controller-manager"),
		kubernetes("kubectl"),
	}
}

// build makes every binary be in dir, complete or not at all, whoever else does the same at the same time.
func build(ctx context.Context, dir string, binaries []binary) error {
	if len(missing(dir, binaries)) == 0 {
		progress("The control plane is cached in %s", dir)
		return nil
	}
	// setup-envtest leaves its folders read-only, and has no kube-controller-manager to put there.
	if err := errors.Join(os.MkdirAll(dir, 0o755), os.Chmod(dir, 0o755)); err != nil {
		return fmt.Errorf("making the folder of the control plane: %w", err)
	}
	unlock, err := lock(dir + ".lock")
	if err != nil {
		return err
	}
	defer unlock()

	todo := missing(dir, binaries)
	if len(todo) == 0 {
		progress("The control plane was built in the meantime, in %s", dir)
		return nil
	}
	progress("Building the control plane into %s, once per machine: about seven minutes on two cores", dir)
	start := time.Now()
	for i, b := range todo {
		if err := b.build(ctx, dir, fmt.Sprintf("(%d/%d) %s", i+1, len(todo), b.name)); err != nil {
			return fmt.Errorf("building %s: %w", b.name, err)
		}
	}
	progress("Built the control plane in %s", time.Since(start).Round(time.Second))
	return nil
}

// missing answers the binaries that are not in dir.
func missing(dir string, binaries []binary) []binary {
	return slices.DeleteFunc(slices.Clone(binaries), func(b binary) bool {
		_, err := os.Stat(filepath.Join(dir, b.name))
		return err == nil
	})
}

// build compiles beside its destination and renames, so that nobody ever starts half a binary.
func (b binary) build(ctx context.Context, dir, title string) error {
	tmp, err := os.MkdirTemp(dir, ".build-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	out := filepath.Join(tmp, b.name)

	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w"+b.ldflags, "-o", out, b.pkg)
	cmd.Dir = b.module
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off")
	cmd.Stderr = os.Stderr
	start := time.Now()
	defer reportWhile(title, start)()
	if err := cmd.Run(); err != nil {
		return err
	}
	if err := os.Rename(out, filepath.Join(dir, b.name)); err != nil {
		return err
	}
	progress("%s: built in %s", title, time.Since(start).Round(time.Second))
	return nil
}

// reportWhile says that a build has started, and every progressPeriod that it is still under way, until it is stopped.
func reportWhile(title string, start time.Time) (stop func()) {
	progress("%s: building", title)
	ticker, done := time.NewTicker(progressPeriod), make(chan struct{})
	go func() {
		for {
			select {
			case <-done:
				return
			case <-ticker.C:
				progress("%s: still building, %s", title, time.Since(start).Round(time.Second))
			}
		}
	}()
	return func() {
		ticker.Stop()
		close(done)
	}
}

// lock takes the lock file at path, waiting for whoever holds it; the system frees it when its holder dies.
func lock(path string) (unlock func(), err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("opening the lock file of the control plane: %w", err)
	}
	fd := int(file.Fd())
	err = syscall.Flock(fd, syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		progress("Another run is building the control plane: waiting for it")
		err = syscall.Flock(fd, syscall.LOCK_EX)
	}
	if err != nil {
		return nil, errors.Join(&fs.PathError{Op: "lock", Path: path, Err: err}, file.Close())
	}
	return func() { _ = file.Close() }, nil
}

// progress writes a line for whoever watches.
func progress(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
}
