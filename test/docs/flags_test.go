// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"maps"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// compareFlags compares the flags that the manager has with those of the reference.
func (s *theatre) compareFlags(t *testing.T) {
	help, err := exec.CommandContext(t.Context(), filepath.Join(s.Bed.Dir, "bin", "manager"), "--help").CombinedOutput()
	if err != nil {
		t.Fatal(err)
	}
	has := flagsIn(`(?m)^  -([a-z0-9-]+)`, string(help))
	told := flagsIn("(?m)^- `--([a-z0-9-]+)`", read(t, filepath.Join(root, "docs/reference.md")))
	if diff := cmp.Diff(has, told); diff != "" {
		t.Errorf("the manager's flags are not those of docs/reference.md (-manager +page):\n%s", diff)
	}
}

// flagsIn are the names that the group of a pattern finds, sorted.
func flagsIn(pattern, text string) []string {
	found := map[string]bool{}
	for _, match := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
		found[match[1]] = true
	}
	return slices.Sorted(maps.Keys(found))
}
