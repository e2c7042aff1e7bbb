// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Command bench measures the operator's budgets: the manager's binary, a control plane and the simulator's binary, all on
// 127.0.0.1. It prints a table and writes it, as JSON and Markdown, to bin/bench. `make bench` runs all of it.
//
//	go run ./hack/bench latency counts   # only these, by the beginning of their names
//	go run ./hack/bench -full            # at the sizes of the budgets, which takes most of an hour
//
// It ends with 1 if a figure is over its budget.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/conversations-operator/conversations-operator/test/testbed/stage"
)

func main() {
	ctx, stop := stage.Begin()
	defer stop()
	full := flag.Bool("full", false, "measure at the sizes of the budgets")
	flag.Parse()
	b := &bench{bin: "bin", out: filepath.Join("bin", "bench"), full: *full}
	if err := b.run(ctx, flag.Args()); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1)
	}
}

// bench is one run.
type bench struct {
	// bin has the binaries; out is where the results go.
	bin, out string
	// full sizes instead of those that take a few minutes.
	full bool
}

// measurement makes figures; each has a control plane of its own.
type measurement struct {
	name    string
	measure func(*bench, context.Context) ([]figure, error)
}

// measurements in the order of the table.
var measurements = []measurement{
	{"latency", (*bench).latency},
	{"counts", (*bench).counts},
	{"drift", (*bench).drift},
	{"scale", (*bench).scale},
	{"burst", (*bench).burst},
	{"neighbours", (*bench).neighbours},
	{"outage", (*bench).outage},
	{"crash", (*bench).crash},
	{"leaks", (*bench).leaks},
}

// run measures what the arguments name, or everything.
func (b *bench) run(ctx context.Context, names []string) error {
	var all []figure
	for _, m := range measurements {
		if len(names) > 0 && !slices.ContainsFunc(names, func(name string) bool { return strings.HasPrefix(m.name, name) }) {
			continue
		}
		_, _ = fmt.Fprintf(os.Stderr, "Measuring %s\n", m.name)
		figures, err := m.measure(b, ctx)
		if err != nil {
			return fmt.Errorf("measuring %s: %w", m.name, err)
		}
		all = append(all, figures...)
	}
	if len(all) == 0 {
		return errors.New("there is no measurement of that name")
	}
	if err := report(ctx, os.Stdout, b.out, all); err != nil {
		return err
	}
	if slices.ContainsFunc(all, func(f figure) bool { return !f.OK }) {
		return errors.New("a figure is over its budget")
	}
	return nil
}

// size is the smaller number unless the full sizes were asked for.
func (b *bench) size(short, full int) int {
	if b.full {
		return full
	}
	return short
}
