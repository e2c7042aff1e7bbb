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
			lookFor(t, read(t, filepath.Join(filepath.Dir(page), match[1])), match[1], match[2])
		}
	}
	if rows < 10 {
		t.Errorf("only %d threats were found", rows)
	}
}

// lookFor looks for the tests that a text names in the code of a file.
func lookFor(t *testing.T, code, file, names string) {
	t.Helper()
	var want []string
	for _, name := range quoted.FindAllStringSubmatch(names, -1) {
		want = append(want, `"`+name[1]+`"`)
	}
	for _, name := range function.FindAllString(names, -1) {
		want = append(want, "func "+name+"(")
	}
	if len(want) == 0 {
		t.Errorf("no test is named in %s", file)
	}
	for _, text := range want {
		if !strings.Contains(code, text) {
			t.Errorf("%s has no %s", file, text)
		}
	}
}
