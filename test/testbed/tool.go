// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package testbed

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Tool answers the path of a tool that the Makefile builds into bin, such as helm, and builds it first if it is not there.
func Tool(ctx context.Context, name string) (string, error) {
	root, err := FindRoot()
	if err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, "make", "--silent", name)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "MAKEFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building %s: %w: %s", name, err, out)
	}
	return filepath.Join(root, "bin", name), nil
}

// Helm runs helm with all permissions in the checkout's folder, and answers what it printed.
func (b *Bed) Helm(ctx context.Context, args ...string) (string, error) {
	path, err := Tool(ctx, "helm")
	if err != nil {
		return "", err
	}
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Dir = b.Root
	home := filepath.Join(b.Dir, "helm")
	cmd.Env = append(os.Environ(), "KUBECONFIG="+b.Kubeconfig,
		"HELM_CACHE_HOME="+home, "HELM_CONFIG_HOME="+home, "HELM_DATA_HOME="+home)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return stdout.String(), fmt.Errorf("helm %s: %w: %s", args[0], err, strings.TrimSpace(stderr.String()))
	}
	return stdout.String(), nil
}
