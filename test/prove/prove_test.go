// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package prove explores small bounds of what make prove explores, and shows that the checker finds what is wrong.
package prove

import (
	"slices"
	"strings"
	"testing"

	"github.com/conversations-operator/conversations-operator/internal/prove"
)

// scenario is the small one of that name.
func scenario(t *testing.T, name string) prove.Scenario {
	i := slices.IndexFunc(prove.Scenarios, func(s prove.Scenario) bool { return s.Name == name })
	if i < 0 {
		t.Fatalf("there is no scenario %q", name)
	}
	return prove.Scenarios[i].Small()
}

// TestEveryPromiseHolds: in every state within small bounds, and in every fair run from a part of them.
func TestEveryPromiseHolds(t *testing.T) {
	const states, calm = 10000, 4000
	exceptions := map[string]int{}
	for _, s := range prove.Scenarios {
		t.Run(s.Name, func(t *testing.T) {
			small := s.Small()
			r := prove.New(&small).Explore(prove.Limits{States: states, Calm: calm})
			if r.Broken != "" {
				t.Errorf("%s:\n%s", r.Broken, strings.Join(r.Story.Lines(), "\n"))
			}
			for name, n := range r.Exceptions {
				exceptions[name] += n
			}
		})
	}
	// The hole that docs/what-can-go-wrong.md documents is found, or the model is too weak.
	for _, e := range prove.Exceptions {
		if !e.Rare && exceptions[e.Name] == 0 {
			t.Errorf("the exception %q was not found", e.Name)
		}
	}
}
