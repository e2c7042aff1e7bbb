// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"time"
)

// build compiles programs and puts them into dir, each complete or not at all. All of them are one build, with the settings
// that go test and go run have, so that nothing that they share with one another or with the operator is compiled twice.
func (e *errand) build(ctx context.Context, dir string, programs []string) error {
	if err := writable(dir); err != nil {
		return err
	}
	tmp, err := os.MkdirTemp(dir, ".build-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	start := time.Now()
	var mains []string
	for _, program := range programs {
		mains = append(mains, e.release.packages[program])
	}
	todo, err := e.stale(ctx, mains)
	if err != nil {
		return err
	}
	e.meter.say("Building %s of Kubernetes %s: %d packages", strings.Join(programs, ", "), e.release.built, todo)
	args := append([]string{"build", "-v", "-ldflags", "-s -w" + stamp(e.release.built), "-o", tmp + "/"}, mains...)
	var compiled atomic.Int64
	stop := e.meter.follow(func() string {
		if n := int(compiled.Load()); n < todo {
			return fmt.Sprintf("Building the control plane: %d of %d packages, %s", n, todo, since(start))
		}
		linked, _ := filepath.Glob(filepath.Join(tmp, "*"))
		return fmt.Sprintf("Linking the control plane: %d of %d programs, %s", len(linked), len(programs), since(start))
	})
	_, err = e.goCommand(ctx, args, func(string) { compiled.Add(1) })
	stop()
	if err != nil {
		return fmt.Errorf("building %s: %w", strings.Join(programs, ", "), err)
	}
	for _, program := range programs {
		if err := place(filepath.Join(tmp, binary(e.release.packages[program])), filepath.Join(dir, program)); err != nil {
			return err
		}
	}
	e.meter.say("Built the control plane in %s", since(start))
	return nil
}

var majorVersion = regexp.MustCompile(`^v[0-9]+$`)

// binary is the name that go build gives to the program of a package: the last element of its path that is no version.
func binary(pkg string) string {
	if name := path.Base(pkg); !majorVersion.MatchString(name) {
		return name
	}
	return path.Base(path.Dir(pkg))
}

// stale counts the packages that have to be compiled, and downloads the modules that they are in.
func (e *errand) stale(ctx context.Context, mains []string) (int, error) {
	var modules atomic.Int64
	defer e.meter.follow(func() string {
		if n := modules.Load(); n > 0 {
			return fmt.Sprintf("Downloading the modules of the control plane: %d so far", n)
		}
		return "Looking what has to be built"
	})()
	args := append([]string{"list", "-deps", "-f", "{{if .Stale}}{{.ImportPath}}{{end}}"}, mains...)
	out, err := e.goCommand(ctx, args, func(string) { modules.Add(1) })
	if err != nil {
		return 0, fmt.Errorf("listing the packages of the control plane: %w", err)
	}
	return len(strings.Fields(out)), nil
}

// goCommand runs the go command in the module of the release, tells each line of its progress, and answers what it printed.
// The lines that are neither the name of a package nor of a module are what went wrong, and part of the error.
func (e *errand) goCommand(ctx context.Context, args []string, progress func(line string)) (string, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = e.release.module
	cmd.Env = append(os.Environ(), "GOWORK=off")
	var stdout bytes.Buffer
	cmd.Stdout = &stdout
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return "", err
	}
	if err := cmd.Start(); err != nil {
		return "", err
	}
	complaints := follow(stderr, progress)
	if err := cmd.Wait(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, complaints)
	}
	return stdout.String(), nil
}

// follow tells each line of progress, and answers the other lines.
func follow(from io.Reader, progress func(line string)) string {
	var complaints strings.Builder
	lines := bufio.NewScanner(from)
	for lines.Scan() {
		line := lines.Text()
		if strings.HasPrefix(line, "go: downloading ") || !strings.ContainsAny(line, " #:") {
			progress(line)
		} else {
			complaints.WriteString(line + "\n")
		}
	}
	// A line too long for the scanner must not keep its writer waiting.
	_, _ = io.Copy(io.Discard, from)
	return complaints.String()
}

// stamp is what the linker writes into the programs of that version: Kubernetes' own build does the same
// (hack/lib/version.sh), so that servers and kubectl report it.
func stamp(version string) string {
	major, rest, _ := strings.Cut(strings.TrimPrefix(version, "v"), ".")
	minor, _, _ := strings.Cut(rest, ".")
	var flags strings.Builder
	for _, pkg := range []string{"k8s.io/component-base/version", "k8s.io/client-go/pkg/version"} {
		fmt.Fprintf(&flags, " -X %[1]s.gitVersion=%[2]s -X %[1]s.gitMajor=%[3]s -X %[1]s.gitMinor=%[4]s -X %[1]s.gitTreeState=clean",
			pkg, version, major, minor)
	}
	return flags.String()
}
