// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package prove

import (
	"slices"
	"strings"
	"testing"

	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/test/prove/model"
	"github.com/conversations-operator/conversations-operator/test/prove/scenario"
	"github.com/conversations-operator/conversations-operator/test/prove/search"
)

// longestStory is how many steps the story that finds a mutant may have.
const longestStory = 20

// mutant is a fault that is built into the table or the walk, and the scenario that finds it.
type mutant struct {
	name, scenario string
	// table changes the table, walk names a fault of the walk.
	table change
	walk  string
	// resting: a run breaks the promise, and no state before that; a few states are enough to begin such runs.
	resting bool
}

// change is one of the table.
type change func(t *testing.T, rows []plan.Row) []plan.Row

// without drops a condition of a row.
func without(row, condition string) change {
	return func(t *testing.T, rows []plan.Row) []plan.Row {
		r := find(t, rows, row)
		when := slices.DeleteFunc(slices.Clone(r.When), func(c plan.Condition) bool { return c.Text == condition })
		if len(when) == len(r.When) {
			t.Fatalf("row %q has no condition %q", row, condition)
		}
		r.When = when
		return rows
	}
}

// dropped drops a row.
func dropped(row string) change {
	return func(t *testing.T, rows []plan.Row) []plan.Row {
		r := *find(t, rows, row)
		return slices.DeleteFunc(rows, func(o plan.Row) bool { return o.Name == r.Name })
	}
}

// then gives a row another verb.
func then(row string, verb plan.Verb) change {
	return func(t *testing.T, rows []plan.Row) []plan.Row {
		find(t, rows, row).Then = verb
		return rows
	}
}

// swapped swaps two rows.
func swapped(one, other string) change {
	return func(t *testing.T, rows []plan.Row) []plan.Row {
		a, b := find(t, rows, one), find(t, rows, other)
		*a, *b = *b, *a
		return rows
	}
}

func find(t *testing.T, rows []plan.Row, name string) *plan.Row {
	for i := range rows {
		if rows[i].Name == name {
			return &rows[i]
		}
	}
	t.Fatalf("there is no row %q", name)
	return nil
}

// both makes several changes.
func both(changes ...change) change {
	return func(t *testing.T, rows []plan.Row) []plan.Row {
		for _, c := range changes {
			rows = c(t, rows)
		}
		return rows
	}
}

var mutants = []mutant{
	{name: "No create on its way is waited for", scenario: "user's name", table: dropped("Wait for a create on its way")},
	{name: "A lost create is not looked for before the object goes", scenario: "user's name", table: dropped("Look for what may have been created")},
	{name: "What was created is not deleted", scenario: "user's name", table: dropped("Delete what was created")},
	{name: "Whose conversation it is does not count on deletion", scenario: "user's name",
		table: without("Delete what was created", "made for this object (generated name, or proven by what was recorded)")},
	{name: "Nothing is deleted", scenario: "generated name", table: dropped("Delete")},
	{name: "Retain is not looked at", scenario: "generated name", table: dropped("Retained")},
	{name: "Everything is retained", scenario: "generated name", table: without("Retained", "`deletionPolicy: Retain` in force")},
	{name: "A deletion does not mind suspend", scenario: "policies", table: dropped("Deletion suspended")},
	{name: "Suspend is not looked at", scenario: "policies", table: dropped("Suspended")},
	{name: "A lost create is not resolved", scenario: "renamed", table: dropped("Resolve a create")},
	{name: "IfExists does not adopt", scenario: "user's name", table: dropped("Adopt by name"), resting: true},
	{name: "A rename does not wait for a create on its way", scenario: "user's name", table: dropped("Renamed while a create is on its way")},
	{name: "What is found is anybody's", scenario: "user's name",
		table: without("Found again", "made for this object (generated name, or proven by what was recorded)")},
	{name: "A deletion is taken for a create", scenario: "user's name", table: swapped("Deleted", "Delete what was created")},
	{name: "A finalizer that was lost is not put back", scenario: "replaced and made anew", table: dropped("Finalizer missing")},
	{name: "Observe writes", scenario: "policies", table: dropped("Observed")},
	{name: "What another account does not have is gone", scenario: "two accounts", table: both(dropped("Another account"),
		dropped("Missing in an unknown account"), dropped("Not found in an unknown account, not deleted"))},
	{name: "A 404 of another account lets the object go", scenario: "two accounts", table: both(dropped("Deletion waits for the right account"),
		dropped("Gone in an unknown account"), dropped("Not found in an unknown account"))},
	{name: "Drift stays", scenario: "adopted by its sid", table: dropped("Correct"), resting: true},
	{name: "Edits are forgotten", scenario: "generated name", table: dropped("Update"), resting: true},
	{name: "An object at rest is never looked at", scenario: "adopted by its sid", table: swapped("Look", "In sync"), resting: true},
	{name: "The create is not announced", scenario: "user's name", walk: "intent"},
	{name: "A lost answer counts as a refusal", scenario: "user's name", walk: "ambiguous"},
	{name: "What somebody erased is forgotten", scenario: "user's name", walk: "erased"},
	{name: "The process does not remember what it announced", scenario: "replaced and made anew", walk: "journal"},
	{name: "Each pass says first that it is under way", scenario: "two accounts", walk: "progress", resting: true},
	{name: "A suspended object is let go, and held again", scenario: "policies", resting: true,
		table: then("Suspended", plan.Release)},
	{name: "Two objects adopt without looking for each other", scenario: "two managers that adopt", walk: "contend"},
}

// TestMutantsAreFound: each fault that is built in breaks a promise, in a short story.
func TestMutantsAreFound(t *testing.T) {
	table := plan.Table
	defer func() { plan.Table = table }()
	for _, m := range mutants {
		t.Run(m.name, func(t *testing.T) {
			s := small(t, m.scenario)
			var faults []string
			plan.Table = slices.Clone(table)
			if m.table != nil {
				plan.Table = m.table(t, plan.Table)
			} else {
				faults = []string{m.walk}
			}
			limits := search.Limits{States: 60000, Calm: 5000}
			if m.resting {
				// Without deletions no other promise breaks: what is let go stays known.
				limits, s.Bounds[scenario.Deletes] = search.Limits{States: 20000, Calm: 10000}, 0
			}
			m.isFound(t, search.Explore(model.New(&s, faults...), limits))
		})
	}
}

// isFound checks that the exploration found the mutant, in a short story.
func (m *mutant) isFound(t *testing.T, r *search.Result) {
	if r.Broken == "" {
		t.Fatalf("not found in %d states, %d steps deep", r.States, r.Depth)
	}
	steps := len(r.Story.Steps)
	if at := slices.IndexFunc(r.Story.Steps, func(s scenario.StoryStep) bool { return s.Do == "calm" }); at >= 0 {
		steps = at
	}
	if steps > longestStory {
		t.Errorf("the story has %d steps", steps)
	}
	if resting := strings.HasPrefix(r.Broken, "it never stops") || strings.HasPrefix(r.Broken, "for ever, "); m.resting != resting {
		t.Errorf("what was found is that %s", r.Broken)
	}
	t.Logf("%d states, %d steps: %s\n%s", r.States, steps, r.Broken, strings.Join(r.Story.Lines(), "\n"))
}
