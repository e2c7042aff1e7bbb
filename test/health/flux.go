// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package health

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	"github.com/google/cel-go/cel"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// flux are the health checks for Flux, by kind, each in the order in which Flux evaluates them.
type flux map[string][]expression

type expression struct {
	program cel.Program
	means   status.Status
}

// check are the expressions of one kind, as they are written.
type check struct{ Kind, InProgress, Failed, Current string }

// variables are what Flux lets an expression see of an object.
var variables = []string{"apiVersion", "kind", "metadata", "spec", "status", "data"}

func newFlux(root string) (flux, error) {
	text, err := os.ReadFile(filepath.Join(root, "examples/flux/conversations.yaml"))
	if err != nil {
		return nil, err
	}
	var checks []check
	for document := range strings.SplitSeq(string(text), "\n---\n") {
		var manifest struct {
			Spec struct {
				HealthCheckExprs []check
			}
		}
		if err := yaml.Unmarshal([]byte(document), &manifest); err != nil {
			return nil, err
		}
		checks = append(checks, manifest.Spec.HealthCheckExprs...)
	}
	var options []cel.EnvOption
	for _, name := range variables {
		options = append(options, cel.Variable(name, cel.DynType))
	}
	env, err := cel.NewEnv(options...)
	if err != nil {
		return nil, err
	}
	out := flux{}
	for _, c := range checks {
		for _, e := range []struct {
			text  string
			means status.Status
		}{{c.InProgress, status.InProgressStatus}, {c.Failed, status.FailedStatus}, {c.Current, status.CurrentStatus}} {
			ast, issues := env.Compile(e.text)
			if issues.Err() != nil {
				return nil, fmt.Errorf("%s of %s: %w", e.means, c.Kind, issues.Err())
			}
			program, err := env.Program(ast)
			if err != nil {
				return nil, err
			}
			out[c.Kind] = append(out[c.Kind], expression{program, e.means})
		}
	}
	return out, nil
}

// status is what the first expression that is true means.
func (f flux) status(u *unstructured.Unstructured) (status.Status, error) {
	if len(f[u.GetKind()]) == 0 {
		return "", fmt.Errorf("no health check of %s", u.GetKind())
	}
	in := map[string]any{}
	for _, name := range variables {
		in[name] = u.Object[name]
	}
	for _, e := range f[u.GetKind()] {
		result, _, err := e.program.Eval(in)
		if err != nil {
			return "", fmt.Errorf("evaluating %s: %w", e.means, err)
		}
		if result.Value() == true {
			return e.means, nil
		}
	}
	return status.InProgressStatus, nil
}
