// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	evidence = regexp.MustCompile(`\[[a-z_]+_test\.go\]\(([^)]+)\): ([^;|]+)`)
	quoted   = regexp.MustCompile(`"([^"]+)"`)
	function = regexp.MustCompile(`\b(?:Test|Fuzz)[A-Z]\w*`)
)

// TestEveryThreatHasATest looks for the tests that the threat model names in the files that it names.
func TestEveryThreatHasATest(t *testing.T) {
	page := filepath.Join(root, "docs/threat-model.md")
	_, text, _ := strings.Cut(read(t, page), "\n## Threats\n")
	text, _, _ = strings.Cut(text, "\n## ")
	rows := 0
	for line := range strings.Lines(text) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != 3 || strings.HasPrefix(cells[0], "---") || strings.TrimSpace(cells[0]) == "threat" {
			continue
		}
		rows++
		found := evidence.FindAllStringSubmatch(cells[2], -1)
		if len(found) == 0 {
			t.Errorf("%s: no test", cells[0])
		}
		for _, match := range found {
			code := read(t, filepath.Join(filepath.Dir(page), match[1]))
			tests := 0
			for _, name := range quoted.FindAllStringSubmatch(match[2], -1) {
				tests++
				if !strings.Contains(code, `"`+name[1]+`"`) {
					t.Errorf("%s has no %q", match[1], name[1])
				}
			}
			for _, name := range function.FindAllString(match[2], -1) {
				tests++
				if !strings.Contains(code, "func "+name+"(") {
					t.Errorf("%s has no %s", match[1], name)
				}
			}
			if tests == 0 {
				t.Errorf("%s: no test is named in %s", cells[0], match[1])
			}
		}
	}
	if rows < 10 {
		t.Errorf("only %d threats were found", rows)
	}
}
