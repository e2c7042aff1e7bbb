// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Command clidocs prints the pages of the docs about the kubectl plugin from its commands.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra/doc"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/conversations-operator/conversations-operator/internal/cli"
)

func main() {
	dir := flag.String("o", "docs/cli", "the `folder` to write; the pages in it are replaced")
	flag.Parse()
	if err := write(*dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func write(dir string) error {
	old, err := filepath.Glob(filepath.Join(dir, "*.md"))
	if err != nil {
		return err
	}
	for _, page := range old {
		err = errors.Join(err, os.Remove(page))
	}
	if err := errors.Join(err, os.MkdirAll(dir, 0o755)); err != nil {
		return err
	}
	streams := genericiooptions.IOStreams{In: os.Stdin, Out: os.Stdout, ErrOut: os.Stderr}
	root := cli.New(streams, func(string) string { return "" })
	root.InitDefaultHelpCmd()
	return doc.GenMarkdownTree(root, dir)
}
