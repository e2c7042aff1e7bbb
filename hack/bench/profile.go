// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// profile writes what the manager's CPU did in the next half minute, and what is on its heap then, into files of the
// results' folder, to be read with go tool pprof.
func (s *scene) profile(ctx context.Context, dir, name string) <-chan error {
	done := make(chan error, 1)
	go func() {
		done <- errors.Join(
			s.profileTo(ctx, "profile?seconds=30", filepath.Join(dir, name+"-cpu.pprof")),
			s.profileTo(ctx, "heap", filepath.Join(dir, name+"-heap.pprof")))
	}()
	return done
}

func (s *scene) profileTo(ctx context.Context, what, file string) (err error) {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return fmt.Errorf("making the folder of the results: %w", err)
	}
	f, err := os.Create(file)
	if err != nil {
		return fmt.Errorf("writing a profile: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return s.manager.Profile(ctx, what, f)
}
