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
	dir := filepath.Join(b.Dir, "bin")
	args := []string{"build"}
	if underRaceDetector() {
		args = append(args, "-race")
	}
	for name, pkg := range map[string]string{"manager": "./cmd", "twilio-simulator": "./cmd/twilio-simulator"} {
		cmd := exec.CommandContext(ctx, "go", append(args, "-o", filepath.Join(dir, name), pkg)...)
		cmd.Dir = b.Root
		if out, err := cmd.CombinedOutput(); err != nil {
			return "", fmt.Errorf("building %s: %w: %s", name, err, out)
		}
	}
	b.build.bin = dir
	return dir, nil
}
