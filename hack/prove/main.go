// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Command prove explores every state that the decision can reach within bounds, and prints what it found. It fails if a
// promise of the operator breaks, other than is known.
package main

import (
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/prove"
)

type options struct {
	scenario string
	small    bool
	limits   prove.Limits
}

func main() {
	var o options
	flag.StringVar(&o.scenario, "scenario", "", "explore this one only")
	flag.BoolVar(&o.small, "small", false, "explore small bounds, as make test does")
	flag.IntVar(&o.limits.States, "states", 0, "go no deeper once a scenario has so many states; 0: explore all")
	flag.IntVar(&o.limits.Rest, "rest", 8, "try of one of so many states whether it comes to rest; 0: of none")
	flag.Parse()
	if !run(os.Stdout, o) {
		os.Exit(1)
	}
}

// run explores the scenarios, and answers whether all promises hold.
func run(out io.Writer, o options) bool {
	began, kept := time.Now(), true
	states, steps, depth := 0, 0, 0
	rows, exceptions := map[string]bool{}, map[string]int{}
	for _, s := range prove.Scenarios {
		if o.scenario != "" && o.scenario != s.Name {
			continue
		}
		if o.small {
			s = s.Small()
		}
		r := prove.New(&s).Explore(o.limits)
		show(out, &s, r)
		states, steps, depth = states+r.States, steps+r.Steps, max(depth, r.Depth)
		kept = kept && r.Broken == ""
		for _, row := range r.Rows {
			rows[row] = true
		}
		for name, n := range r.Exceptions {
			exceptions[name] += n
		}
	}
	fmt.Fprintf(out, "\n%d states, %d steps between them, stories of up to %d steps, in %s\n", states, steps, depth, time.Since(began).Round(time.Second))
	showRows(out, rows, o.scenario == "")
	for _, name := range slices.Sorted(maps.Keys(exceptions)) {
		fmt.Fprintf(out, "known exception, in %d states: %s\n", exceptions[name], name)
	}
	if kept {
		fmt.Fprintln(out, "Every promise holds but for these")
	}
	return kept
}

// showRows says how many rows were reached, and names the others if they might have been.
func showRows(out io.Writer, reached map[string]bool, names bool) {
	fmt.Fprintf(out, "%d of the %d rows of the table were reached\n", len(reached), len(plan.Table))
	for _, row := range plan.Table {
		if names && !reached[row.Name] {
			fmt.Fprintf(out, "  not reached: %s\n", row.Name)
		}
	}
}

func show(out io.Writer, s *prove.Scenario, r *prove.Result) {
	extent := "all of it"
	if !r.Complete {
		extent = "not to the end"
	}
	fmt.Fprintf(out, "%-24s %9d states, %9d steps, depth %2d, %7d ways to rest, %6s, %s (%s)\n",
		s.Name, r.States, r.Steps, r.Depth, r.Rested, r.Took.Round(100*time.Millisecond), extent, s.Bounds)
	if r.Broken != "" {
		fmt.Fprintf(out, "  BROKEN: %s\n  %s\n", r.Broken, strings.Join(r.Story, "\n  "))
	}
}
