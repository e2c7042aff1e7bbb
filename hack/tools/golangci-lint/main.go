// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Command golangci-lint is golangci-lint with the linters that Kubernetes wrote for itself: kubeapilinter for API
// types, logcheck for calls of loggers. golangci-lint takes linters of others only when it is built with them.
package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/golangci/golangci-lint/v2/pkg/commands"
	"github.com/golangci/golangci-lint/v2/pkg/exitcodes"
	_ "sigs.k8s.io/kube-api-linter"
	_ "sigs.k8s.io/logtools/logcheck/gclplugin"
)

func main() {
	if err := commands.Execute(commands.BuildInfo{Version: version(), GoVersion: runtime.Version()}); err != nil {
		os.Exit(exitcodes.Failure)
	}
}

// version answers the version of golangci-lint that go.mod pins, without its v, as a release of it calls itself.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, dep := range info.Deps {
		if dep.Path == "github.com/golangci/golangci-lint/v2" {
			return strings.TrimPrefix(dep.Version, "v")
		}
	}
	return "unknown"
}
