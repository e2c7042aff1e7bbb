// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

func TestEveryRowDecides(t *testing.T) {
	for _, c := range rowCases {
		t.Run(c.row+": "+c.name, func(t *testing.T) {
			got := mustNotPanic(t, c.facts)
			type outcome struct {
				Row            string
				Verb           Verb
				Target, Reason string
			}
			want := outcome{Row: c.row, Verb: c.verb, Target: c.target, Reason: c.reason}
			if diff := cmp.Diff(want, outcome{Row: got.Row, Verb: got.Verb, Target: got.Target, Reason: got.Reason}); diff != "" {
				t.Errorf("step (-want +got):\n%s", diff)
			}
			if (got.Reason != "") != (got.Message != "" || got.Reason == v1alpha1.ReasonAccountNotReady) {
				t.Errorf("reason %q comes with message %q", got.Reason, got.Message)
			}
		})
	}
}

func TestEveryRowHasACaseAndAPlaceInTheDocs(t *testing.T) {
	covered := map[string]bool{}
	for _, c := range rowCases {
		covered[c.row] = true
	}
	names := map[string]bool{}
	sections := map[string]bool{}
	last := ""
	for _, row := range Table {
		if !covered[row.Name] {
			t.Errorf("no case for row %q", row.Name)
		}
		if names[row.Name] {
			t.Errorf("row name %q is not unique", row.Name)
		}
		if row.Section != last && sections[row.Section] {
			t.Errorf("section %q is torn apart at row %q", row.Section, row.Name)
		}
		names[row.Name], sections[row.Section], last = true, true, row.Section
	}
	for name := range covered {
		if !names[name] {
			t.Errorf("a case names row %q, which does not exist", name)
		}
	}
}

func TestTheDocsShowTheTableAsItIs(t *testing.T) {
	page, err := os.ReadFile("../../docs/decision-table.md")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Markdown(), string(page)); diff != "" {
		t.Errorf("docs/decision-table.md is out of date: go run ./hack/decisiontable -o docs/decision-table.md (-want +got):\n%s", diff)
	}
}
