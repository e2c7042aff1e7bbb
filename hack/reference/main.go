// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Command reference prints the page of the docs that has every field, condition, reason, event, annotation and flag. It
// reads the CRDs in config/crd/bases, the constants of api/v1alpha1 with their comments, and the flags of internal/commandline.
// It is run from the root of the repository:
//
//	go run ./hack/reference -o docs/reference.md
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	file := flag.String("o", "", "the `file` to write; left out: standard output")
	flag.Parse()
	if err := run(*file); err != nil {
		fmt.Fprintln(os.Stderr, "reference:", err)
		os.Exit(1)
	}
}

func run(file string) error {
	text, err := page(".")
	if err != nil {
		return err
	}
	if file == "" {
		_, err = os.Stdout.WriteString(text)
		return err
	}
	return os.WriteFile(file, []byte(text), 0o644)
}
