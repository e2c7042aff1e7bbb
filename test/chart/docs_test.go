// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package chart

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"
)

// schema is as much of a JSON schema as names what it is about.
type schema struct {
	Description string
	Properties  map[string]schema
}

// leaves are the paths of the values that have no others in them.
func (s schema) leaves(path string) []string {
	if len(s.Properties) == 0 {
		return []string{path}
	}
	var out []string
	for name, p := range s.Properties {
		if path != "" {
			name = path + "." + name
		}
		out = append(out, p.leaves(name)...)
	}
	slices.Sort(out)
	return out
}

func decode(t *testing.T, path string, to any) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if to != nil {
		if err := yaml.Unmarshal(text, to); err != nil {
			t.Fatal(err)
		}
	}
	return string(text)
}

func TestEveryValueIsDocumentedAndNoOther(t *testing.T) {
	var s schema
	decode(t, filepath.Join(folder, "values.schema.json"), &s)
	// A parent chart may have it; this one has no use for it.
	delete(s.Properties, "global")
	var told []string
	page := decode(t, filepath.Join(root, "docs/helm.md"), nil)
	for _, row := range regexp.MustCompile("(?m)^\\| `([A-Za-z.]+)` \\|").FindAllStringSubmatch(page, -1) {
		told = append(told, row[1])
	}
	slices.Sort(told)
	if diff := cmp.Diff(s.leaves(""), told); diff != "" {
		t.Errorf("the values are not those of docs/helm.md (-schema +page):\n%s", diff)
	}
}

func TestEveryValueOfTheSchemaHasADefault(t *testing.T) {
	var s schema
	decode(t, filepath.Join(folder, "values.schema.json"), &s)
	delete(s.Properties, "global")
	var values map[string]any
	decode(t, filepath.Join(folder, "values.yaml"), &values)
	var check func(s schema, v map[string]any, path string)
	check = func(s schema, v map[string]any, path string) {
		for name, p := range s.Properties {
			value, ok := v[name]
			if !ok {
				t.Errorf("values.yaml has no %s%s", path, name)
			}
			if inner, ok := value.(map[string]any); ok && len(p.Properties) > 0 {
				check(p, inner, path+name+".")
			}
		}
		for name := range v {
			if _, ok := s.Properties[name]; !ok {
				t.Errorf("the schema has no %s%s", path, name)
			}
		}
	}
	check(s, values, "")
}

func TestTheValuesOfThePageMakeSense(t *testing.T) {
	blocks := regexp.MustCompile("(?s)```yml\n(.*?)```").FindAllStringSubmatch(decode(t, filepath.Join(root, "docs/helm.md"), nil), -1)
	if len(blocks) == 0 {
		t.Fatal("the page has no values")
	}
	made := map[string]int{}
	for _, block := range blocks {
		for kind, n := range kinds(mustRender(t, block[1])) {
			made[kind] += n
		}
	}
	if made["TwilioAccount"] != 1 || made["ClusterTwilioAccount"] != 1 {
		t.Errorf("the values make %v", made)
	}
}
