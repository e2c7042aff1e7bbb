// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// ellipsis stands for any number of lines of an output.
const ellipsis = "..."

// masks hide what is another at every showing.
var masks = []struct {
	pattern *regexp.Regexp
	as      string
}{
	{regexp.MustCompile(`\bCH[0-9a-f]{32}\b`), "CH"},
	{regexp.MustCompile(`\b[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z`), "DATE"},
	{regexp.MustCompile(`\b[0-9]+[smhd]([0-9]+[smh])?\b`), "AGE"},
	{regexp.MustCompile(`\bk8s\.[a-z2-7]{8}\.[A-Za-z0-9._-]*\.[a-z2-7]{26}\b`), "GENERATED"},
	{regexp.MustCompile(`[ -]{2,}`), " "},
}

// alike tells whether an output is the one that a page shows, but for what is another at every showing and for the
// width of columns.
func alike(want, got string) bool {
	return matches(lines(want), lines(got))
}

func lines(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		for _, m := range masks {
			line = m.pattern.ReplaceAllString(line, m.as)
		}
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}

func matches(want, got []string) bool {
	switch {
	case len(want) == 0:
		return len(got) == 0
	case want[0] == ellipsis:
		return slices.ContainsFunc(append(got, ""), func(string) bool {
			if matches(want[1:], got) {
				return true
			}
			if len(got) > 0 {
				got = got[1:]
			}
			return false
		})
	case len(got) == 0:
		return false
	}
	return want[0] == got[0] && matches(want[1:], got[1:])
}

func TestAlike(t *testing.T) {
	const sid = "CH9fbc23be2f3b61649f5a690205626a97"
	for name, tt := range map[string]struct {
		want, got string
		alike     bool
	}{
		"sids, dates, ages and widths do not matter": {
			"NAME  SID  AGE\nvip  " + sid + "  2m3s", "NAME   SID   AGE\nvip    CH00000000000000000000000000000000   0s", true,
		},
		"words do":                        {"READY\nTrue", "READY\nFalse", false},
		"a line more does":                {"a", "a\nb", false},
		"an ellipsis stands for lines":    {"a\n...\nd", "a\nb\nc\nd", true},
		"an ellipsis stands for none":     {"a\n...\nb", "a\nb", true},
		"an ellipsis may end":             {"a\n...", "a\nb", true},
		"an ellipsis does not hide a gap": {"a\n...\nx", "a\nb", false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := alike(tt.want, tt.got); got != tt.alike {
				t.Errorf("got %v, want %v", got, tt.alike)
			}
		})
	}
}
