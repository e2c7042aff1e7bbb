// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package prove explores small bounds of what make prove explores, and shows that the checker finds what is wrong.
package prove

import (
	"slices"
	"strings"
	"testing"

	"github.com/conversations-operator/conversations-operator/test/prove/model"
	"github.com/conversations-operator/conversations-operator/test/prove/scenario"
	"github.com/conversations-operator/conversations-operator/test/prove/search"
)

// small is the small scenario of that name.
func small(t *testing.T, name string) scenario.Scenario {
	i := slices.IndexFunc(scenario.All, func(s scenario.Scenario) bool { return s.Name == name })
	if i < 0 {
		t.Fatalf("there is no scenario %q", name)
	}
	return scenario.All[i].Small()
}

// TestEveryPromiseHolds: in every state within small bounds, and in every fair run from a part of them.
func TestEveryPromiseHolds(t *testing.T) {
	const states, calm = 10000, 4000
	exceptions := map[string]int{}
	for _, s := range scenario.All {
		t.Run(s.Name, func(t *testing.T) {
			within := s.Small()
			r := search.Explore(model.New(&within), search.Limits{States: states, Calm: calm})
			if r.Broken != "" {
				t.Errorf("%s:\n%s", r.Broken, strings.Join(r.Story.Lines(), "\n"))
			}
			for name, n := range r.Exceptions {
				exceptions[name] += n
			}
		})
	}
	// The hole that docs/what-can-go-wrong.md documents is found, or the model is too weak.
	for _, e := range model.Exceptions {
		if !e.Rare && exceptions[e.Name] == 0 {
			t.Errorf("the exception %q was not found", e.Name)
		}
	}
}
