// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// known are the licences that may be built in, each by what only its text says; the first that fits is it.
var known = []struct{ id, phrase string }{
	{"Apache-2.0", "apache license version 2.0"},
	{"MIT", "permission is hereby granted, free of charge"},
	{"BSD-3-Clause", "neither the name of"},
	{"BSD-3-Clause", "the names of its contributors may not be used"},
	{"BSD-2-Clause", "redistributions in binary form must reproduce"},
	{"ISC", "permission to use, copy, modify, and/or distribute this software"},
	{"ISC", "permission to use, copy, modify, and distribute this software"},
}

// licenseIn finds the licence in the folder of a module.
func licenseIn(dir string) (id, text string, err error) {
	for _, pattern := range []string{"LICENSE*", "LICENCE*", "License*", "COPYING*"} {
		paths, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			return "", "", err
		}
		for _, path := range paths {
			content, err := os.ReadFile(path)
			if err != nil {
				return "", "", fmt.Errorf("reading its licence: %w", err)
			}
			if id := classify(string(content)); id != "" {
				return id, string(content), nil
			}
		}
	}
	return "", "", errors.New("no licence that may be built in was found")
}

func classify(text string) string {
	plain := strings.ToLower(strings.NewReplacer(",", "", `"`, "").Replace(strings.Join(strings.Fields(text), " ")))
	for _, l := range known {
		if strings.Contains(plain, strings.ReplaceAll(l.phrase, ",", "")) {
			return l.id
		}
	}
	return ""
}

// writeLicenses writes a table of the modules of others, and then each licence's text.
func writeLicenses(path string, modules []module) error {
	var table, texts strings.Builder
	for _, m := range modules {
		if m.Main {
			continue
		}
		fmt.Fprintf(&table, "%-14s %s %s\n", m.license, m.Path, m.Version)
		fmt.Fprintf(&texts, "\n%s\n%s %s\n\n%s", strings.Repeat("-", 80), m.Path, m.Version, m.text)
	}
	if err := os.WriteFile(path, []byte(table.String()+texts.String()), 0o644); err != nil {
		return fmt.Errorf("writing the licences: %w", err)
	}
	return nil
}
