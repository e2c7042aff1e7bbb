// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel/model"
	"k8s.io/apimachinery/pkg/util/version"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"k8s.io/apiserver/pkg/cel/environment"
	"sigs.k8s.io/yaml"
)

// The chart says which Kubernetes is the oldest.
func TestEveryRuleCompilesOnTheOldestKubernetes(t *testing.T) {
	text, err := os.ReadFile("../../charts/conversations-operator/Chart.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var chart struct{ KubeVersion string }
	if err := yaml.Unmarshal(text, &chart); err != nil {
		t.Fatal(err)
	}
	oldest := version.MustParseGeneric(strings.TrimPrefix(chart.KubeVersion, ">="))
	rules, errs := compile(t, oldest)
	for _, err := range errs {
		t.Errorf("Kubernetes %d.%d refuses %v", oldest.Major(), oldest.Minor(), err)
	}
	if rules == 0 {
		t.Error("the CRDs have no rules")
	}
}

// The rules use format.date(), which came with Kubernetes 1.31 and may be used from the next version on.
func TestTheRulesDoNotCompileOnAKubernetesThatIsTooOld(t *testing.T) {
	if _, errs := compile(t, version.MustParseGeneric("1.31")); len(errs) == 0 {
		t.Error("Kubernetes 1.31 takes every rule: the test above would take any")
	}
}

// compile compiles every rule of every CRD, as an API server of this version does when a CRD is applied. It returns the
// number of rules and the errors of refused rules.
func compile(t *testing.T, server *version.Version) (rules int, errs []error) {
	t.Helper()
	paths, err := filepath.Glob("../../config/crd/bases/*.yaml")
	if err != nil || len(paths) == 0 {
		t.Fatalf("the CRDs are %q, error %v", paths, err)
	}
	// The version before must also understand new rules, because a cluster may be rolled back to that version.
	c := &compiler{environments: environment.MustBaseEnvSet(version.MajorMinor(server.Major(), server.Minor()-1))}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var crd apiextensionsv1.CustomResourceDefinition
		if err := yaml.UnmarshalStrict(text, &crd); err != nil {
			t.Fatal(err)
		}
		for _, served := range crd.Spec.Versions {
			c.schema(t, crd.Name, served.Schema.OpenAPIV3Schema)
		}
	}
	return c.rules, c.errs
}

// compiler counts rules, and collects the errors of refused rules.
type compiler struct {
	environments *environment.EnvSet
	rules        int
	errs         []error
}

func (c *compiler) schema(t *testing.T, name string, schema *apiextensionsv1.JSONSchemaProps) {
	t.Helper()
	var props apiextensions.JSONSchemaProps
	if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(schema, &props, nil); err != nil {
		t.Fatal(err)
	}
	structural, err := structuralschema.NewStructural(&props)
	if err != nil {
		t.Fatal(err)
	}
	each(structural, name, true, func(s *structuralschema.Structural, at string, isRoot bool) {
		results, err := cel.Compile(s, model.SchemaDeclType(s, isRoot), celconfig.PerCallLimit, c.environments, cel.NewExpressionsEnvLoader())
		if err != nil {
			t.Fatalf("%s: %v", at, err)
		}
		c.rules += len(results)
		for i, result := range results {
			if result.Error != nil {
				c.errs = append(c.errs, fmt.Errorf("%s: %s: %s", at, s.XValidations[i].Rule, result.Error.Detail))
			}
			if result.MessageExpressionError != nil {
				c.errs = append(c.errs, fmt.Errorf("%s: %s: %s", at, s.XValidations[i].MessageExpression, result.MessageExpressionError.Detail))
			}
		}
	})
}

// each visits a schema and all schemas within it.
func each(s *structuralschema.Structural, at string, isRoot bool, visit func(s *structuralschema.Structural, at string, isRoot bool)) {
	visit(s, at, isRoot)
	for name, property := range s.Properties {
		each(&property, at+"."+name, false, visit)
	}
	if s.Items != nil {
		each(s.Items, at+"[]", false, visit)
	}
	if s.AdditionalProperties != nil && s.AdditionalProperties.Structural != nil {
		each(s.AdditionalProperties.Structural, at+"{}", false, visit)
	}
}
