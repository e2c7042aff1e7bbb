// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Command prove explores every state of the decision within bounds, and prints the findings. The command fails if a
// promise of the operator breaks in an unknown way.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/test/prove/model"
	"github.com/conversations-operator/conversations-operator/test/prove/scenario"
	"github.com/conversations-operator/conversations-operator/test/prove/search"
)

type options struct {
	scenario string
	small    bool
	limits   search.Limits
	// stories is the folder for the stories of broken promises; empty: they are only printed.
	stories string
}

func main() {
	var o options
	flag.StringVar(&o.scenario, "scenario", "", "explore this one only")
	flag.BoolVar(&o.small, "small", false, "explore small bounds, as make test does")
	flag.IntVar(&o.limits.States, "states", 0, "go no deeper once a scenario has so many states; 0: explore all")
	flag.IntVar(&o.limits.Calm, "calm", 50000, "begin no further calm runs once their graph has so many states; 0: no limit; negative: begin none")
	flag.StringVar(&o.stories, "stories", "", "write the story of each broken promise into this folder, for test/crash/testdata/stories")
	flag.Parse()
	kept, err := run(os.Stdout, o)
	if err != nil {
		fmt.Fprintln(os.Stderr, "prove:", err)
	}
	if err != nil || !kept {
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

// run explores the scenarios, first within the least bounds, and answers whether all promises hold and every row was reached.
func run(out io.Writer, o options) (kept bool, err error) {
	began := time.Now()
	rows, exceptions := map[string]bool{}, map[string]int{}
	least := total{out: out, kept: true, rows: rows, exceptions: exceptions}
	whole := total{out: out, kept: true, rows: rows, exceptions: exceptions}
	fmt.Fprintln(out, "Within the least bounds:")
	if err := least.explore(o, scenario.Scenario.Least, search.Limits{States: mostLeast, Calm: o.limits.Calm}); err != nil {
		return false, err
	}
	fmt.Fprintln(out, "Within the bounds of each scenario:")
	bounds := func(s scenario.Scenario) scenario.Scenario { return s }
	if o.small {
		bounds = scenario.Scenario.Small
	}
	if err := whole.explore(o, bounds, o.limits); err != nil {
		return false, err
	}
	fmt.Fprintf(out, "\n%d states, %d steps between them, stories of up to %d steps, in %s\n",
		whole.states, whole.steps, whole.depth, time.Since(began).Round(time.Second))
	fmt.Fprintf(out, "every fair run from %d of these states, and from %d of the %d states within the least bounds: %d states in calm runs\n",
		whole.calmed, least.calmed, least.states, least.calm+whole.calm)
	showRows(out, rows, o.scenario == "")
	for _, name := range slices.Sorted(maps.Keys(exceptions)) {
		fmt.Fprintf(out, "known exception, in %d states: %s\n", exceptions[name], name)
	}
	if !least.kept || !whole.kept {
		return false, nil
	}
	fmt.Fprintln(out, "Every promise holds but for these")
	return o.scenario != "" || o.small || len(rows) == len(plan.Table), nil
}

// mostLeast is more states than a scenario with one object has within the least bounds.
const mostLeast = 200000

// crowded is how many times more states a calm run of two objects has than one of a single object.
const crowded = 10

func (t *total) explore(o options, bounds func(scenario.Scenario) scenario.Scenario, limits search.Limits) error {
	for _, s := range scenario.All {
		if o.scenario != "" && o.scenario != s.Name {
			continue
		}
		s, limits := bounds(s), limits
		if s.Rival != nil {
			limits.Calm /= crowded
		}
		r := search.Explore(model.New(&s), limits)
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
		if err := keep(o.stories, r); err != nil {
			return err
		}
	}
	return nil
}

// keep writes the story of a broken promise as test/crash replays it.
func keep(folder string, r *search.Result) error {
	if r.Broken == "" || folder == "" {
		return nil
	}
	text, err := json.MarshalIndent(map[string]any{"why": r.Broken, "story": r.Story}, "", "  ")
	if err != nil {
		return err
	}
	name := strings.Join(strings.FieldsFunc(r.Scenario+" "+r.Broken, func(c rune) bool { return !unicode.IsLetter(c) }), "-")
	return os.WriteFile(filepath.Join(folder, strings.ToLower(name)+".json"), append(text, '\n'), 0o644)
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

func show(out io.Writer, s *scenario.Scenario, r *search.Result) {
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
