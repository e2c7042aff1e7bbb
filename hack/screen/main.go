// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Command screen draws the text that it reads as a terminal shows it, as SVG. `make plots` draws the demo's output with it.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
)

func main() {
	title := flag.String("title", "", "What the frame of the terminal says.")
	path := flag.String("o", "", "The file to write; left out, stdout.")
	flag.Parse()
	if err := run(os.Stdin, *title, *path); err != nil {
		fmt.Fprintln(os.Stderr, "screen:", err)
		os.Exit(1)
	}
}

func run(from io.Reader, title, path string) error {
	text, err := io.ReadAll(from)
	if err != nil {
		return fmt.Errorf("reading the text: %w", err)
	}
	if strings.TrimSpace(string(text)) == "" {
		return fmt.Errorf("there is no text to draw")
	}
	svg := draw(title, strings.TrimRight(string(text), "\n"))
	if path == "" {
		_, err = os.Stdout.WriteString(svg)
		return err
	}
	return os.WriteFile(path, []byte(svg), 0o644)
}
