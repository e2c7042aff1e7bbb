// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Command prove explores every state of the decision within bounds, and prints the findings. The command fails if a
// promise of the operator breaks in an unknown way.
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
	flag.IntVar(&o.limits.Calm, "calm", 50000, "begin no further calm runs once their graph has so many states; 0: no limit; negative: begin none")
	flag.Parse()
	if !run(os.Stdout, o) {
		os.Exit(1)
	}
}

// total of several scenarios.
type total struct {
	out                                io.Writer
	kept                               bool
	states, steps, depth, calmed, calm int
	rows                               map[string]bool
	exceptions                         map[string]int
}

// run explores the scenarios, first within the least bounds, and answers whether all promises hold.
func run(out io.Writer, o options) bool {
	began := time.Now()
	rows, exceptions := map[string]bool{}, map[string]int{}
	least := total{out: out, kept: true, rows: rows, exceptions: exceptions}
	whole := total{out: out, kept: true, rows: rows, exceptions: exceptions}
	fmt.Fprintln(out, "Within the least bounds:")
	least.explore(o, prove.Scenario.Least, prove.Limits{States: mostLeast, Calm: o.limits.Calm})
	fmt.Fprintln(out, "Within the bounds of each scenario:")
	bounds := func(s prove.Scenario) prove.Scenario { return s }
	if o.small {
		bounds = prove.Scenario.Small
	}
	whole.explore(o, bounds, o.limits)
	fmt.Fprintf(out, "\n%d states, %d steps between them, stories of up to %d steps, in %s\n",
		whole.states, whole.steps, whole.depth, time.Since(began).Round(time.Second))
	fmt.Fprintf(out, "every fair run from %d of these states, and from %d of the %d states within the least bounds: %d states in calm runs\n",
		whole.calmed, least.calmed, least.states, least.calm+whole.calm)
	showRows(out, rows, o.scenario == "")
	for _, name := range slices.Sorted(maps.Keys(exceptions)) {
		fmt.Fprintf(out, "known exception, in %d states: %s\n", exceptions[name], name)
	}
	kept := least.kept && whole.kept
	if kept {
		fmt.Fprintln(out, "Every promise holds but for these")
	}
	return kept
}

// mostLeast is more states than a scenario with one object has within the least bounds.
const mostLeast = 200000

// crowded is how many times more states a calm run of two objects has than one of a single object.
const crowded = 10

func (t *total) explore(o options, bounds func(prove.Scenario) prove.Scenario, limits prove.Limits) {
	for _, s := range prove.Scenarios {
		if o.scenario != "" && o.scenario != s.Name {
			continue
		}
		s, limits := bounds(s), limits
		if s.Rival != nil {
			limits.Calm /= crowded
		}
		r := prove.New(&s).Explore(limits)
		show(t.out, &s, r)
		t.states, t.steps, t.depth = t.states+r.States, t.steps+r.Steps, max(t.depth, r.Depth)
		t.calmed, t.calm = t.calmed+r.Calmed, t.calm+r.Calm
		t.kept = t.kept && r.Broken == ""
		for _, row := range r.Rows {
			t.rows[row] = true
		}
		for name, n := range r.Exceptions {
			t.exceptions[name] += n
		}
	}
}

// showRows says how many rows were reached, and names the missing rows.
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
	fmt.Fprintf(out, "%-33s %8d states, %8d steps, depth %2d, fair runs from %7d (%8d states), %6s, %s (%s)\n",
		s.Name, r.States, r.Steps, r.Depth, r.Calmed, r.Calm, r.Took.Round(100*time.Millisecond), extent, s.Bounds)
	if r.Broken != "" {
		fmt.Fprintf(out, "  BROKEN: %s\n  %s\n", r.Broken, strings.Join(r.Story.Lines(), "\n  "))
	}
}
