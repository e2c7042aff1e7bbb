// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// form is as much of an issue form as GitHub needs:
// https://docs.github.com/communities/using-templates-to-encourage-useful-issues-and-pull-requests/syntax-for-issue-forms.
type form struct {
	Name, Description string
	Labels            []string
	Body              []struct {
		Type       string
		ID         string
		Attributes struct {
			Label, Description, Value, Render, Placeholder string
			Options                                        []string
		}
		Validations struct{ Required bool }
	}
}

func TestGitHubTakesTheIssueForms(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(root, ".github/ISSUE_TEMPLATE/*.yml"))
	if err != nil || len(files) < 3 {
		t.Fatalf("there are %d forms: %v", len(files), err)
	}
	for _, path := range files {
		if filepath.Base(path) == "config.yml" {
			continue
		}
		t.Run(filepath.Base(path), func(t *testing.T) {
			var f form
			if err := yaml.UnmarshalStrict([]byte(read(t, path)), &f); err != nil {
				t.Fatal(err)
			}
			f.check(t)
		})
	}
}

func (f form) check(t *testing.T) {
	t.Helper()
	if f.Name == "" || f.Description == "" || len(f.Body) == 0 {
		t.Errorf("a form needs a name, a description and a body: %+v", f)
	}
	ids := map[string]bool{}
	required := false
	for _, field := range f.Body {
		a := field.Attributes
		if field.Type == "markdown" {
			if a.Value == "" {
				t.Error("a text says nothing")
			}
			continue
		}
		if !slices.Contains([]string{"textarea", "input", "dropdown", "checkboxes"}, field.Type) || a.Label == "" || field.ID == "" || ids[field.ID] {
			t.Errorf("a field needs a known type, a label and an id of its own: %+v", field)
		}
		if (field.Type == "dropdown") != (len(a.Options) > 0) {
			t.Errorf("options belong to a dropdown: %+v", field)
		}
		ids[field.ID] = true
		required = required || field.Validations.Required
	}
	if !required {
		t.Error("an empty form can be sent")
	}
}

func TestQuestionsHaveAPlaceOfTheirOwn(t *testing.T) {
	var config struct {
		BlankIssuesEnabled *bool                               `json:"blank_issues_enabled"`
		ContactLinks       []struct{ Name, URL, About string } `json:"contact_links"`
	}
	if err := yaml.UnmarshalStrict([]byte(read(t, filepath.Join(root, ".github/ISSUE_TEMPLATE/config.yml"))), &config); err != nil {
		t.Fatal(err)
	}
	if config.BlankIssuesEnabled == nil || *config.BlankIssuesEnabled {
		t.Error("a vulnerability can be reported in an empty issue")
	}
	for _, link := range config.ContactLinks {
		if !strings.HasPrefix(link.URL, "https://") || link.Name == "" || link.About == "" {
			t.Errorf("the link %+v leads nowhere", link)
		}
	}
}
