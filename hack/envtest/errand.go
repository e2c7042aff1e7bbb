// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// The ways to get programs that ENVTEST may force.
const (
	downloads = "download"
	builds    = "build"
)

// errand is what one run has to get.
type errand struct {
	// store is the folder of setup-envtest.
	store    string
	release  release
	programs []string
	// way is downloads, builds, or empty: then whatever works.
	way   string
	meter *meter
}

// run answers the folder that has the programs, and gets them there first if they are missing.
func (e *errand) run(ctx context.Context) (string, error) {
	switch e.way {
	case "", downloads, builds:
	default:
		return "", fmt.Errorf("ENVTEST is %q: set it to %s or to %s, or leave it unset", e.way, downloads, builds)
	}
	if dir, ok := e.present(); ok {
		return dir, nil
	}
	if err := os.MkdirAll(filepath.Join(e.store, "k8s"), 0o755); err != nil {
		return "", fmt.Errorf("making the folder of the control plane: %w", err)
	}
	unlock, err := e.lock(filepath.Join(e.store, "k8s", e.release.folder(e.release.built)+".lock"))
	if err != nil {
		return "", err
	}
	defer unlock()
	if dir, ok := e.present(); ok {
		return dir, nil
	}
	return e.get(ctx)
}

// present answers a folder that has all programs already.
func (e *errand) present() (string, bool) {
	var dirs []string
	if e.way != builds && e.release.published != "" {
		dirs = append(dirs, e.dir(e.release.published))
	}
	if e.way != downloads {
		dirs = append(dirs, e.dir(e.release.built))
	}
	i := slices.IndexFunc(dirs, func(dir string) bool { return len(missing(dir, e.programs)) == 0 })
	if i < 0 {
		return "", false
	}
	return dirs[i], true
}

// get downloads what is missing, or builds it where it can't be reached.
func (e *errand) get(ctx context.Context) (string, error) {
	if e.way != builds {
		dir, err := e.download(ctx)
		var unreachable *unreachableError
		switch {
		case err == nil || !errors.As(err, &unreachable):
			return dir, err
		case e.way == downloads:
			return "", fmt.Errorf("downloading the control plane: %w. Without ENVTEST=%s it is built", err, downloads)
		}
		e.meter.say("The published programs can't be had (%v): building them instead, once per machine", unreachable)
	}
	dir := e.fuller()
	return dir, e.build(ctx, dir, missing(dir, e.programs))
}

// fuller is the folder that lacks less: what was downloaded before is not built.
func (e *errand) fuller() string {
	built := e.dir(e.release.built)
	if e.way == builds || e.release.published == "" {
		return built
	}
	published := e.dir(e.release.published)
	if len(missing(published, e.programs)) < len(missing(built, e.programs)) {
		return published
	}
	return built
}

// download gets what is published, and builds the rest beside it.
func (e *errand) download(ctx context.Context) (string, error) {
	if e.release.published == "" {
		return "", &unreachableError{fmt.Errorf("nothing is published for %s", e.release.platform)}
	}
	dir := e.dir(e.release.published)
	if err := writable(dir); err != nil {
		return "", err
	}
	start := time.Now()
	for _, file := range e.release.files {
		wanted := slices.DeleteFunc(missing(dir, e.programs), func(p string) bool { return !slices.Contains(file.holds, p) })
		if len(wanted) == 0 {
			continue
		}
		if err := e.fetch(ctx, file, dir, wanted); err != nil {
			return "", err
		}
	}
	rest := missing(dir, e.programs)
	if len(rest) == 0 {
		e.meter.say("Downloaded the control plane of Kubernetes %s in %s", e.release.published, since(start))
		return dir, nil
	}
	return dir, e.build(ctx, dir, rest)
}

// dir is the folder of a version.
func (e *errand) dir(version string) string {
	return filepath.Join(e.store, "k8s", e.release.folder(version))
}

// missing answers the programs that are not in dir.
func missing(dir string, programs []string) []string {
	return slices.DeleteFunc(slices.Clone(programs), func(program string) bool {
		_, err := os.Stat(filepath.Join(dir, program))
		return err == nil
	})
}

// writable makes a folder that programs can be put into: setup-envtest leaves its own read-only.
func writable(dir string) error {
	if err := errors.Join(os.MkdirAll(dir, 0o755), os.Chmod(dir, 0o755)); err != nil {
		return fmt.Errorf("making the folder of the control plane: %w", err)
	}
	return nil
}

// since is a duration as people read it.
func since(start time.Time) time.Duration { return time.Since(start).Round(time.Second) }
