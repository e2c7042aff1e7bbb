// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// starter is the package that starts a control plane: tests that do not have it in them need none.
const starter = "sigs.k8s.io/controller-runtime/pkg/envtest"

// neededBy tells whether a package among the arguments of go test has tests that start a control plane.
func neededBy(ctx context.Context, args []string) (bool, error) {
	packages := slices.DeleteFunc(slices.Clone(args), func(arg string) bool { return !strings.HasPrefix(arg, ".") })
	if len(packages) == 0 {
		return true, nil
	}
	cmd := exec.CommandContext(ctx, "go", append([]string{"list", "-deps", "-test", "-f", "{{.ImportPath}}"}, packages...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return false, fmt.Errorf("finding out whether %s need a control plane: %w", strings.Join(packages, " "), err)
	}
	return slices.Contains(strings.Fields(string(out)), starter), nil
}
