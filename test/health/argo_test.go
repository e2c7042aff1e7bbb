// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package health

import (
	"os"
	"path/filepath"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// argoFolder has the layout of resource_customizations in the repository of Argo CD, whose own tests read health_test.yaml so.
const argoFolder = "../../config/argocd/twilio-operator.dev/_"

type argoTests struct {
	Tests []struct {
		HealthStatus struct{ Status, Message string }
		InputPath    string
	}
}

func TestTheHealthCheckPassesTheTestsThatArgoCDRuns(t *testing.T) {
	a, err := newArgo("../..")
	if err != nil {
		t.Fatal(err)
	}
	var all argoTests
	if err := yaml.UnmarshalStrict(readFile(t, "health_test.yaml"), &all); err != nil {
		t.Fatal(err)
	}
	tried := map[string]bool{}
	for _, c := range all.Tests {
		tried[c.InputPath] = true
		var u unstructured.Unstructured
		if err := yaml.Unmarshal(readFile(t, c.InputPath), &u.Object); err != nil {
			t.Fatal(err)
		}
		normalize(u.Object)
		status, message, err := a.judge(&u)
		if err != nil || status != c.HealthStatus.Status || message != c.HealthStatus.Message {
			t.Errorf("%s is %s (%s), not %+v: %v", c.InputPath, status, message, c.HealthStatus, err)
		}
	}
	files, err := filepath.Glob(filepath.Join(argoFolder, "testdata/*.yaml"))
	if err != nil || len(files) != len(tried) {
		t.Errorf("%d files are in testdata, and %d are tried: %v", len(files), len(tried), err)
	}
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(argoFolder, path))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// normalize makes whole numbers int64, as the API server's clients read them.
func normalize(object map[string]any) {
	for key, value := range object {
		switch v := value.(type) {
		case float64:
			object[key] = int64(v)
		case map[string]any:
			normalize(v)
		}
	}
}
