// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// constants are the values of the strings in a file of the API whose names begin so, by name.
func constants(t *testing.T, file, prefix string) map[string]string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, "api/v1alpha1", file), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	ast.Inspect(parsed, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || !strings.HasPrefix(spec.Names[0].Name, prefix) {
			return true
		}
		value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		out[spec.Names[0].Name] = value
		return true
	})
	if len(out) == 0 {
		t.Fatalf("%s has no constants that begin with %q", file, prefix)
	}
	return out
}

func TestTheRunbookExplainsEveryName(t *testing.T) {
	text := read(t, filepath.Join(root, "docs/runbook.md"))
	for _, prefix := range []string{"Condition", "Reason", "Event"} {
		for name, value := range constants(t, "conditions.go", prefix) {
			if !strings.Contains(text, "`"+value+"`") {
				t.Errorf("docs/runbook.md does not mention %s (%s)", value, name)
			}
		}
	}
}

func TestTheRunbookHasAPlaceForEveryReason(t *testing.T) {
	headings := anchors(read(t, filepath.Join(root, "docs/runbook.md")))
	for name, value := range constants(t, "conditions.go", "Reason") {
		if !slices.Contains(headings, strings.ToLower(value)) {
			t.Errorf("docs/runbook.md has no heading for %s (%s)", value, name)
		}
	}
}

func TestTheRunbookExplainsNoOtherReason(t *testing.T) {
	reasons := constants(t, "conditions.go", "Reason")
	for _, s := range sections(read(t, filepath.Join(root, "docs/runbook.md"))) {
		for _, heading := range s.headings {
			name, isName := strings.CutPrefix(heading, "`")
			name = strings.TrimSuffix(name, "`")
			known := false
			for _, value := range reasons {
				known = known || value == name
			}
			if isName && !known {
				t.Errorf("docs/runbook.md explains %s, which is no reason", name)
			}
		}
	}
}

func TestThePagesMentionEveryAnnotationAndNoOther(t *testing.T) {
	known := constants(t, "annotations.go", "")
	var all strings.Builder
	for _, path := range pages(t) {
		all.WriteString(read(t, path))
	}
	for name, value := range known {
		if !strings.Contains(all.String(), value) {
			t.Errorf("no page mentions %s (%s)", value, name)
		}
	}
	// What has a dot before it is a resource.
	for _, match := range regexp.MustCompile(`(?:^|[^.])(twilio-operator\.dev/[a-z0-9-]+)`).FindAllStringSubmatch(all.String(), -1) {
		found := match[1]
		ok := found == "twilio-operator.dev/v1alpha1" || strings.HasPrefix(found, "twilio-operator.dev/vip")
		for _, value := range known {
			ok = ok || value == found
		}
		if !ok {
			t.Errorf("%s is mentioned and is no annotation", found)
		}
	}
}

func TestLinksLeadSomewhere(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)\s]+)\)`)
	for _, path := range append(pages(t), filepath.Join(root, "docs/reference.md"), filepath.Join(root, "CONTRIBUTING.md"),
		filepath.Join(root, "SECURITY.md")) {
		for _, match := range link.FindAllStringSubmatch(read(t, path), -1) {
			file, anchor, _ := strings.Cut(match[1], "#")
			if strings.Contains(file, "://") {
				continue
			}
			target := path
			if file != "" {
				target = filepath.Join(filepath.Dir(path), file)
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s: %s is not there", filepath.Base(path), match[1])
				continue
			}
			if anchor != "" && !slices.Contains(anchors(read(t, target)), anchor) {
				t.Errorf("%s: %s names no heading", filepath.Base(path), match[1])
			}
		}
	}
}

var notAnchor = regexp.MustCompile(`[^\p{L}\p{N} _-]`)

// anchors are the headings of a page as links name them.
func anchors(text string) []string {
	var out []string
	for _, s := range sections(text) {
		for _, heading := range s.headings {
			out = append(out, strings.ReplaceAll(notAnchor.ReplaceAllString(strings.ToLower(heading), ""), " ", "-"))
		}
	}
	return out
}
