// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// root is the folder of the repository.
const root = "../.."

// section is what is below one heading of the second level, or above the first.
type section struct {
	title string
	// headings are those in it, its own included, and text is everything.
	headings []string
	text     string
	blocks   []block
}

// block is a fenced block of a page, or a comment that readers do not see and that begins with "run": a script for the
// test, which makes come true what the page takes for granted or says.
type block struct {
	line int
	// language is yaml, sh, console or run; others are not touched.
	language, text string
	// dry: kubectl is only asked what it would do. A comment "dry run" above the block says so.
	dry bool
}

const (
	comment    = "<!--"
	commentEnd = "-->"
	fence      = "```"
)

// pages are the pages that people write, by path. Those that are printed from the code, and those of decisions, hold
// nothing to run.
func pages(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(root, "docs/*.md"))
	if err != nil {
		t.Fatal(err)
	}
	paths = slices.DeleteFunc(paths, func(path string) bool {
		return slices.Contains([]string{"reference.md", "decision-table.md", "retries.md"}, filepath.Base(path))
	})
	return append([]string{filepath.Join(root, "README.md"), filepath.Join(root, "charts/conversations-operator/README.md")}, paths...)
}

// short is the name of a page: its path without the folder docs.
func short(path string) string {
	name := strings.TrimSuffix(strings.TrimPrefix(filepath.ToSlash(path), root+"/"), ".md")
	return strings.TrimPrefix(name, "docs/")
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// sections takes a page apart.
func sections(text string) []section {
	r := &reader{out: []section{{}}}
	for i, line := range strings.Split(text, "\n") {
		r.read(i+1, line)
	}
	return r.out
}

// reader goes through a page line by line.
type reader struct {
	out []section
	// open is the block that the line is in, end is what ends it.
	open *block
	end  string
	dry  bool
}

func (r *reader) read(number int, line string) {
	here := &r.out[len(r.out)-1]
	here.text += line + "\n"
	switch {
	case r.open != nil && strings.TrimSpace(line) == r.end:
		here.blocks = append(here.blocks, *r.open)
		r.open = nil
	case r.open != nil:
		r.open.text += line + "\n"
	case strings.HasPrefix(line, fence):
		r.open, r.end = &block{line: number, language: strings.TrimPrefix(line, fence), dry: r.dry}, fence
		r.dry = false
	case line == comment+" run":
		r.open, r.end = &block{line: number, language: "run"}, commentEnd
	case line == comment+" dry run "+commentEnd:
		r.dry = true
	case strings.HasPrefix(line, "#"):
		heading := strings.TrimSpace(strings.TrimLeft(line, "#"))
		if strings.HasPrefix(line, "## ") {
			r.out = append(r.out, section{title: heading, text: line + "\n"})
			here = &r.out[len(r.out)-1]
		}
		here.headings = append(here.headings, heading)
	}
}
