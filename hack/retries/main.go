// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Command retries prints the page of the docs about waits and retries.
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/conversations-operator/conversations-operator/internal/retry"
)

func main() {
	file := flag.String("o", "", "the `file` to write; left out: standard output")
	flag.Parse()
	if *file == "" {
		fmt.Fprint(os.Stdout, retry.Markdown())
		return
	}
	if err := os.WriteFile(*file, []byte(retry.Markdown()), 0o644); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
