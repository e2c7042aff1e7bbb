// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// pinned is an action at a commit, with the version that it was beside it.
var pinned = regexp.MustCompile(`^[a-z-]+/[a-z/-]+@[0-9a-f]{40} # v[0-9.]+$`)

// workflow is what the test looks at.
type workflow struct {
	Permissions map[string]string `json:"permissions"`
	Jobs        map[string]struct {
		Permissions map[string]string `json:"permissions"`
		Steps       []struct {
			Uses string         `json:"uses"`
			With map[string]any `json:"with"`
			Run  string         `json:"run"`
		} `json:"steps"`
	} `json:"jobs"`
}

func TestWorkflowsPinWhatTheyUseAndMayDoLittle(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(root, ".github/workflows/*.yml"))
	if err != nil || len(paths) == 0 {
		t.Fatal("there are no workflows", err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			text := read(t, path)
			var w workflow
			if err := yaml.Unmarshal([]byte(text), &w); err != nil {
				t.Fatal(err)
			}
			w.check(t)
			for line := range strings.Lines(text) {
				if _, action, ok := strings.Cut(line, "uses: "); ok && !pinned.MatchString(strings.TrimSpace(action)) {
					t.Errorf("%s is not pinned", action)
				}
			}
		})
	}
}

func (w workflow) check(t *testing.T) {
	t.Helper()
	if w.Permissions == nil || len(w.Permissions) > 0 {
		t.Errorf("the permissions of the workflow are %v, not none", w.Permissions)
	}
	for name, job := range w.Jobs {
		if len(job.Permissions) == 0 {
			t.Errorf("%s does not say its permissions", name)
		}
		for _, step := range job.Steps {
			if strings.HasPrefix(step.Uses, "actions/checkout@") && step.With["persist-credentials"] != false {
				t.Errorf("%s keeps the token in the checkout", name)
			}
			if strings.Contains(step.Run, "${{") {
				t.Errorf("%s has somebody else's text in a script", name)
			}
		}
	}
}
