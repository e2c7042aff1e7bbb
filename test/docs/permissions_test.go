// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var (
	// listed is a line of `kubectl auth can-i --list` with a resource.
	listed = regexp.MustCompile(`(?m)^([a-z0-9./-]+) +\[\] +\[\] +\[([a-z ]+)\]$`)
	code   = regexp.MustCompile("`([^`]+)`")
)

// TestEveryPermissionHasAReason compares the permissions that the page lists, which are those of the ServiceAccount, with
// those that its table explains.
func TestEveryPermissionHasAReason(t *testing.T) {
	text := read(t, filepath.Join(root, "docs/rbac.md"))
	has := map[string]string{}
	for _, match := range listed.FindAllStringSubmatch(text, -1) {
		has[match[1]] = match[2]
	}
	if len(has) == 0 {
		t.Fatal("docs/rbac.md lists no permissions")
	}
	explained := map[string]string{}
	_, table, _ := strings.Cut(text, "| permission |")
	table, _, _ = strings.Cut(table, "\n\n")
	for line := range strings.Lines(table) {
		cells := strings.Split(line, "|")
		if len(cells) != 5 || strings.TrimSpace(cells[3]) == "" {
			continue
		}
		var verbs []string
		for _, verb := range code.FindAllStringSubmatch(cells[2], -1) {
			verbs = append(verbs, verb[1])
		}
		for _, resource := range code.FindAllStringSubmatch(cells[1], -1) {
			explained[resource[1]] = strings.Join(verbs, " ")
		}
	}
	if diff := cmp.Diff(has, explained); diff != "" {
		t.Errorf("the permissions of docs/rbac.md are not those that its table explains (-listed +explained):\n%s", diff)
	}
}
