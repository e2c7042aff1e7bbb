// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Command krew builds the kubectl plugin for every platform, and the manifest with which krew installs it.
package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	r := release{}
	platforms := ""
	flag.StringVar(&r.dir, "o", "dist/krew", "the `folder` to write")
	flag.StringVar(&r.Version, "version", "v0.1.0", "the version of the release")
	flag.StringVar(&r.url, "url", "https://github.com/conversations-operator/conversations-operator/releases/download", "where releases are")
	flag.StringVar(&platforms, "platforms", "linux/amd64,linux/arm64,darwin/amd64,darwin/arm64,windows/amd64", "the platforms to build for")
	flag.BoolVar(&r.dry, "dry", false, "write the manifest alone, with the checksum of an empty file for each archive")
	flag.Parse()
	if err := r.make(ctx, strings.Split(platforms, ",")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		stop()
		os.Exit(1)
	}
}

// plugin is the name of the binary: kubectl finds it by that.
const plugin = "kubectl-conversations"

// release is one version of the plugin.
type release struct {
	Version  string
	Archives []archive
	dir, url string
	dry      bool
}

func (r *release) make(ctx context.Context, platforms []string) error {
	if err := os.MkdirAll(r.dir, 0o755); err != nil {
		return err
	}
	for _, platform := range platforms {
		system, machine, _ := strings.Cut(platform, "/")
		a, err := r.build(ctx, system, machine)
		if err != nil {
			return fmt.Errorf("building for %s: %w", platform, err)
		}
		r.Archives = append(r.Archives, a)
	}
	out, err := os.Create(filepath.Join(r.dir, "conversations.yaml"))
	if err != nil {
		return err
	}
	return errors.Join(manifest.Execute(out, r), out.Close())
}

func (r *release) build(ctx context.Context, system, machine string) (archive, error) {
	a := archive{System: system, Machine: machine, Binary: plugin}
	if system == "windows" {
		a.Binary += ".exe"
	}
	name := fmt.Sprintf("%s_%s_%s.tar.gz", plugin, system, machine)
	a.URL = r.url + "/" + r.Version + "/" + name
	if r.dry {
		a.SHA256 = fmt.Sprintf("%x", sha256.Sum256(nil))
		return a, nil
	}
	path := filepath.Join(r.dir, a.Binary)
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", path, "./cmd/"+plugin)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+system, "GOARCH="+machine)
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return a, err
	}
	sum, err := pack(filepath.Join(r.dir, name), path, "LICENSE")
	a.SHA256 = sum
	return a, errors.Join(err, os.Remove(path))
}
