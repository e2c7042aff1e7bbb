// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package export

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestWhatWasWrittenAfterTheLastPageIsWrittenAnew(t *testing.T) {
	for name, c := range map[string]struct {
		out  func(dir string) *Output
		file string
		want string
	}{
		"in a file": {func(dir string) *Output { return File(filepath.Join(dir, "all.yaml")) }, "all.yaml", "---\na: 1\n---\nb: 2\n"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			first := c.out(dir)
			size, err := added(t, first, 0, "a", "a: 1\n")
			_, lost := added(t, first, -1, "lost", "cut off in the middle of\n")
			next := c.out(dir)
			_, again := added(t, next, size, "b", "b: 2\n")
			if err := errors.Join(err, lost, again, first.end(), next.end()); err != nil {
				t.Fatal(err)
			}
			text, err := os.ReadFile(filepath.Join(dir, c.file))
			if err != nil || string(text) != c.want {
				t.Errorf("%v\n%s\nwant:\n%s", err, text, c.want)
			}
		})
	}
}

// added adds a manifest; size is where to begin, -1 to go on.
func added(t *testing.T, o *Output, size int64, name, manifest string) (int64, error) {
	t.Helper()
	if size >= 0 {
		if err := o.begin(size); err != nil {
			return 0, err
		}
	}
	if err := o.add(name, []byte(manifest)); err != nil {
		return 0, err
	}
	return o.settle()
}
