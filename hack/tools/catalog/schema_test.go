// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/yannh/kubeconform/pkg/validator"
	"sigs.k8s.io/yaml"
)

// newKubeconform is kubeconform with the schemas of a folder alone.
func newKubeconform(t *testing.T, schemas string) validator.Validator {
	t.Helper()
	v, err := validator.New(
		[]string{schemas + "/{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json"},
		validator.Opts{Strict: true, SkipKinds: map[string]struct{}{"Secret": {}}},
	)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestKubeconformAcceptsTheSamplesAndTheExamples(t *testing.T) {
	v := newKubeconform(t, root+"/schemas")
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
	v := newKubeconform(t, root+"/schemas")
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

// accepted fails unless kubeconform accepts an object, with the schemas of a folder.
func accepted(t *testing.T, schemas string, object any) {
	t.Helper()
	text, err := yaml.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	for _, result := range newKubeconform(t, schemas).Validate("object", io.NopCloser(bytes.NewReader(text))) {
		if result.Status != validator.Valid {
			t.Errorf("kubeconform refuses it: %v\n%s", result.Err, text)
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
