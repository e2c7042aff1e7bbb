// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// shown is a command of docs/faults.md: a package, and the test or the words of the spec that it runs.
var shown = regexp.MustCompile(`make test TEST_ARGS="\./(\S+) (?:-run (\w+)|-ginkgo\.focus '([^']+)')"`)

// TestFaultsAreShownByTestsThatExist: make test runs each of them; the page must name them rightly.
func TestFaultsAreShownByTestsThatExist(t *testing.T) {
	for _, line := range strings.Split(read(t, filepath.Join(root, "docs/faults.md")), "\n") {
		if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| class") {
			continue
		}
		m := shown.FindStringSubmatch(line)
		if m == nil {
			t.Errorf("no command shows %s", line)
			continue
		}
		want := `"` + m[3]
		if m[2] != "" {
			want = "func " + m[2] + "("
		}
		if !contains(t, m[1], want) {
			t.Errorf("%s has no test with %s", m[1], want)
		}
	}
}

// contains tells whether a test file of the package has the text.
func contains(t *testing.T, folder, text string) bool {
	files, err := filepath.Glob(filepath.Join(root, folder, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		source, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(source), text) {
			return true
		}
	}
	return false
}
