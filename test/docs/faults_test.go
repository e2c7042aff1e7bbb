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

// shows is a command of docs/faults.md: the package, and the name of a test or what the names of stories match.
var shows = regexp.MustCompile("^`make test TEST_ARGS=\"\\./(\\S+) (?:-run (\\w+)|-ginkgo\\.focus='([^'\"]+)')\"`$")

// TestEveryFaultIsShownByATest looks for the tests that the commands of docs/faults.md pick. make test runs them all.
func TestEveryFaultIsShownByATest(t *testing.T) {
	rows := 0
	for line := range strings.Lines(read(t, filepath.Join(root, "docs/faults.md"))) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), " | ")
		if len(cells) != 4 || strings.TrimSpace(cells[0]) == "reported" {
			continue
		}
		rows++
		command := shows.FindStringSubmatch(strings.TrimSpace(cells[3]))
		if command == nil {
			t.Errorf("%s is shown by no command: %s", cells[0], cells[3])
			continue
		}
		want := regexp.MustCompile(`func ` + command[2] + `\(`)
		if command[3] != "" {
			want = regexp.MustCompile(`(?:Describe|It)\("[^"]*` + command[3])
		}
		if !want.MatchString(tests(t, command[1])) {
			t.Errorf("%s: no test of %s matches %s", cells[0], command[1], want)
		}
	}
	if rows < 30 {
		t.Errorf("only %d faults were found", rows)
	}
}

// tests is the code of all tests of a package.
func tests(t *testing.T, folder string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, folder, "*_test.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s has no tests: %v", folder, err)
	}
	var all strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	return all.String()
}
