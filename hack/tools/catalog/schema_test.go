// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/yannh/kubeconform/pkg/validator"
)

// newKubeconform is kubeconform with the committed schemas alone.
func newKubeconform(t *testing.T) validator.Validator {
	t.Helper()
	v, err := validator.New(
		[]string{root + "/schemas/{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json"},
		validator.Opts{Strict: true, SkipKinds: map[string]struct{}{"Secret": {}}},
	)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestKubeconformAcceptsTheSamplesAndTheExamples(t *testing.T) {
	v := newKubeconform(t)
	valid := 0
	for _, pattern := range []string{"config/samples/twilio-*.yaml", "config/argocd/twilio-operator.dev/_/testdata/*.yaml"} {
		files, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil || len(files) == 0 {
			t.Fatalf("there is no %s: %v", pattern, err)
		}
		for _, path := range files {
			file, err := os.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			for _, result := range v.Validate(path, file) {
				if result.Status == validator.Valid {
					valid++
				} else if result.Status != validator.Skipped {
					t.Errorf("%s: %v", path, result.Err)
				}
			}
		}
	}
	if valid < 10 {
		t.Errorf("only %d objects were found", valid)
	}
}

// What the API server refuses by a rule in CEL, such as a sid of another kind, no JSON schema can say.
func TestKubeconformRefusesWhatTheSchemaOfTheAPIServerWould(t *testing.T) {
	v := newKubeconform(t)
	const head = "apiVersion: twilio-operator.dev/v1alpha1\nkind: Conversation\nmetadata: {name: vip}\nspec: "
	for name, c := range map[string]struct {
		spec string
		want validator.Status
	}{
		"any value as attributes":    {`{attributes: {a: [1, {b: null}]}}`, validator.Valid},
		"an empty spec":              {`{}`, validator.Valid},
		"an unknown field":           {`{friendlyname: VIP}`, validator.Invalid},
		"an unknown field in timers": {`{timers: {closes: P7D}}`, validator.Invalid},
		"a state that there is not":  {`{state: gone}`, validator.Invalid},
		"a text for a truth":         {`{suspend: "yes"}`, validator.Invalid},
	} {
		for _, result := range v.Validate(name, io.NopCloser(strings.NewReader(head+c.spec))) {
			if result.Status != c.want {
				t.Errorf("%s: the status is %v, not %v: %v", name, result.Status, c.want, result.Err)
			}
		}
	}
}

func TestTheCommittedSchemasAreThoseOfTheCRDs(t *testing.T) {
	folder := t.TempDir()
	if err := run(root, "", "", "", folder); err != nil {
		t.Fatal(err)
	}
	made, err := filepath.Glob(folder + "/*/*.json")
	if err != nil || len(made) != 3 {
		t.Fatalf("%d schemas are made: %v", len(made), err)
	}
	for _, path := range made {
		name, err := filepath.Rel(folder, path)
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(filepath.Join(root, "schemas", name)); err != nil || string(got) != string(want) {
			t.Errorf("schemas/%s is not what is committed: run make schemas. %v", name, err)
		}
	}
}
