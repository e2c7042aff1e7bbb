// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package published reads the documents about Twilio that are kept beside the project, for tests. The project holds no copy
// of them: a test that needs one is skipped where it is absent.
package published

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// File is the content of a document. Without the document, File skips the test and says so.
func File(t *testing.T, name string) []byte {
	t.Helper()
	root, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	for root != filepath.Dir(root) {
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
			break
		}
		root = filepath.Dir(root)
	}
	b, err := os.ReadFile(filepath.Join(root, "..", "shared", "twilio", name))
	if err != nil {
		t.Skipf("Not compared with what Twilio publishes: %v", err)
	}
	return b
}

// Operation is an operation of Twilio's OpenAPI document.
type Operation struct {
	OperationID string `json:"operationId"`
	Parameters  []struct {
		Name string `json:"name"`
		In   string `json:"in"`
	} `json:"parameters"`
	RequestBody struct {
		Content map[string]struct {
			Schema struct {
				Properties map[string]any `json:"properties"`
			} `json:"schema"`
		} `json:"content"`
	} `json:"requestBody"`
}

// In are the names of the parameters in the path, the query or the header, sorted.
func (o Operation) In(where string) []string {
	var names []string
	for _, p := range o.Parameters {
		if p.In == where {
			names = append(names, p.Name)
		}
	}
	slices.Sort(names)
	return names
}

// Form are the names of the parameters in the form, sorted.
func (o Operation) Form() []string {
	return slices.Sorted(maps.Keys(o.RequestBody.Content["application/x-www-form-urlencoded"].Schema.Properties))
}

// Operations answers how to read an operation from the OpenAPI document.
func Operations(t *testing.T) func(path, method string) Operation {
	t.Helper()
	var document struct {
		Paths map[string]map[string]json.RawMessage `json:"paths"`
	}
	if err := json.Unmarshal(File(t, "twilio_conversations_v1.json"), &document); err != nil {
		t.Fatal(err)
	}
	return func(path, method string) Operation {
		t.Helper()
		var o Operation
		if err := json.Unmarshal(document.Paths[path][method], &o); err != nil {
			t.Fatalf("%s %s: %v", method, path, err)
		}
		return o
	}
}
