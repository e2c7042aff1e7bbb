// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
)

// module is a module that a command is built of, as the go command describes it.
type module struct {
	Path, Version, Dir string
	Main               bool

	license, text string
}

func (m module) purl(own string) string {
	if m.Main {
		return "pkg:golang/" + m.Path + "@" + own
	}
	return "pkg:golang/" + m.Path + "@" + m.Version
}

// list answers the modules that the package is built of on Linux, its own included, sorted, each with its licence.
func list(root, pkg string) ([]module, error) {
	var stdout, stderr bytes.Buffer
	cmd := exec.Command("go", "list", "-deps", "-json=Module", pkg)
	cmd.Dir, cmd.Stdout, cmd.Stderr = root, &stdout, &stderr
	cmd.Env = append(cmd.Environ(), "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off")
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("listing the modules of %s: %w: %s", pkg, err, stderr.String())
	}
	found := map[string]module{}
	for decoder := json.NewDecoder(&stdout); ; {
		var p struct{ Module *module }
		switch err := decoder.Decode(&p); {
		case errors.Is(err, io.EOF):
			return licensed(found)
		case err != nil:
			return nil, fmt.Errorf("reading the modules of %s: %w", pkg, err)
		}
		// Go's own packages are in none.
		if p.Module != nil {
			found[p.Module.Path] = *p.Module
		}
	}
}

func licensed(found map[string]module) ([]module, error) {
	var out []module
	var errs []error
	for _, m := range found {
		var err error
		if m.license, m.text, err = licenseIn(m.Dir); err != nil {
			errs = append(errs, fmt.Errorf("%s %s: %w", m.Path, m.Version, err))
		}
		out = append(out, m)
	}
	slices.SortFunc(out, func(a, b module) int { return cmp.Compare(a.Path, b.Path) })
	return out, errors.Join(errs...)
}
