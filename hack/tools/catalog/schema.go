// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"
)

// writeSchemas writes the schema of each version of each kind as GROUP/KIND_VERSION.json, which is where kubeconform looks with
// the location {{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json.
func writeSchemas(root, folder string) error {
	files, err := filepath.Glob(filepath.Join(root, "config/crd/bases/*.yaml"))
	if err != nil {
		return err
	}
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		crd := &apiextensionsv1.CustomResourceDefinition{}
		if err := yaml.UnmarshalStrict(text, crd); err != nil {
			return err
		}
		for _, v := range crd.Spec.Versions {
			name := fmt.Sprintf("%s_%s.json", strings.ToLower(crd.Spec.Names.Kind), v.Name)
			if err := writeSchema(filepath.Join(folder, crd.Spec.Group, name), v.Schema.OpenAPIV3Schema); err != nil {
				return err
			}
		}
	}
	return nil
}

func writeSchema(path string, props *apiextensionsv1.JSONSchemaProps) error {
	text, err := json.Marshal(props)
	if err != nil {
		return err
	}
	var schema map[string]any
	if err := json.Unmarshal(text, &schema); err != nil {
		return err
	}
	closed(schema)
	schema["$schema"] = "http://json-schema.org/draft-07/schema#"
	if text, err = json.MarshalIndent(schema, "", "  "); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o644)
}

// closed refuses unknown fields wherever the API server would, and drops the rules in CEL, which JSON schemas do not know.
func closed(schema map[string]any) {
	delete(schema, "x-kubernetes-validations")
	if properties, ok := schema["properties"].(map[string]any); ok {
		if schema["x-kubernetes-preserve-unknown-fields"] != true && schema["additionalProperties"] == nil {
			schema["additionalProperties"] = false
		}
		for _, p := range properties {
			closed(p.(map[string]any))
		}
	}
	for _, key := range []string{"items", "additionalProperties"} {
		if inner, ok := schema[key].(map[string]any); ok {
			closed(inner)
		}
	}
}
