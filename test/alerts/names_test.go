// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package alerts

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/promql/parser"
)

// others are the metrics that the libraries of the operator have.
var others = []string{"leader_election_master_status", "workqueue_depth"}

// metrics are those that docs/metrics.md tells of, which a test compares with the code: name and type.
func metrics(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile(root + "/docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\| ([a-z]+) \\|").FindAllStringSubmatch(string(text), -1) {
		out[operator+row[1]] = row[2]
	}
	return out
}

// checkNames complains of metrics in an expression that nobody has.
func checkNames(t *testing.T, where, text string) {
	t.Helper()
	expr, err := parser.NewParser(parser.Options{}).ParseExpr(text)
	if err != nil {
		t.Errorf("%s: %v", where, err)
		return
	}
	has := metrics(t)
	parser.Inspect(expr, func(node parser.Node, _ []parser.Node) error {
		if s, ok := node.(*parser.VectorSelector); ok {
			base := strings.TrimSuffix(s.Name, "_bucket")
			if base != s.Name && has[base] != "histogram" || has[base] == "" && !slices.Contains(others, base) {
				t.Errorf("%s: there is no metric %s", where, s.Name)
			}
		}
		return nil
	})
}

func TestAlertsNameMetricsThatThereAre(t *testing.T) {
	for name, r := range alerts(t) {
		checkNames(t, name, r.Expr)
	}
}

func TestAlertsSayWhatToDo(t *testing.T) {
	runbook, err := os.ReadFile(root + "/docs/runbook.md")
	if err != nil {
		t.Fatal(err)
	}
	for name, r := range alerts(t) {
		if r.Annotations["summary"] == "" || r.Annotations["description"] == "" {
			t.Errorf("%s does not say what is the matter", name)
		}
		if !slices.Contains([]string{"critical", "warning", "info"}, r.Labels["severity"]) {
			t.Errorf("%s has the severity %q", name, r.Labels["severity"])
		}
		if !strings.HasSuffix(r.Annotations["runbook_url"], "/docs/runbook.md#"+strings.ToLower(name)) || !strings.Contains(string(runbook), "\n### "+name+"\n") {
			t.Errorf("%s has no place in the runbook", name)
		}
	}
}

func TestTheDashboardNamesMetricsThatThereAre(t *testing.T) {
	text, err := os.ReadFile(root + "/config/grafana/dashboard.json")
	if err != nil {
		t.Fatal(err)
	}
	var dashboard struct {
		Panels []struct {
			Title, Type string
			Targets     []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(text, &dashboard); err != nil {
		t.Fatal(err)
	}
	var rows []string
	for _, panel := range dashboard.Panels {
		if panel.Type == "row" {
			rows = append(rows, panel.Title)
			continue
		}
		if len(panel.Targets) == 0 {
			t.Errorf("the panel %q shows nothing", panel.Title)
		}
		for _, target := range panel.Targets {
			checkNames(t, panel.Title, target.Expr)
		}
	}
	if want := []string{"Is it healthy?", "Is it in sync?", "What does it cost?", "Who waits?"}; !slices.Equal(rows, want) {
		t.Errorf("the rows are %q", rows)
	}
}
