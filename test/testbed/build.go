// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package testbed

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"sync"
)

// build is what became of building the operator's own binaries.
type build struct {
	mu  sync.Mutex
	bin string
}

// underRaceDetector tells whether this program was built with -race. The others then are too: what they have in common
// is compiled already, and a race makes them end badly.
func underRaceDetector() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

// binaries answers the folder of the operator's own binaries, and builds them first if none was given.
func (b *Bed) binaries(ctx context.Context) (string, error) {
	if b.options.Bin != "" {
		return filepath.Abs(b.options.Bin)
	}
	b.build.mu.Lock()
	defer b.build.mu.Unlock()
	if b.build.bin != "" {
		return b.build.bin, nil
	}
	for _, pkg := range []string{"./cmd", "./cmd/twilio-simulator"} {
		if _, err := b.Build(ctx, pkg); err != nil {
			return "", err
		}
	}
	b.build.bin = filepath.Join(b.Dir, "bin")
	return b.build.bin, nil
}

// Build builds a command of the checkout, such as ./cmd/kubectl-conversations, and answers its path.
func (b *Bed) Build(ctx context.Context, pkg string) (string, error) {
	name := filepath.Base(pkg)
	if name == "cmd" {
		name = "manager"
	}
	path := filepath.Join(b.Dir, "bin", name)
	args := []string{"build"}
	if underRaceDetector() {
		args = append(args, "-race")
	}
	cmd := exec.CommandContext(ctx, "go", append(args, "-o", path, pkg)...)
	cmd.Dir = b.Root
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building %s: %w: %s", name, err, out)
	}
	return path, nil
}
