// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	dto "github.com/prometheus/client_model/go"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

func someAccount(t *testing.T) accountKey {
	t.Helper()
	key := accountKey{v1alpha1.TwilioAccountKind, types.NamespacedName{Namespace: t.Name(), Name: "default"}}
	t.Cleanup(func() { forgetMetrics(key) })
	return key
}

// ours are the metrics of the operator, as they are gathered.
func ours(t *testing.T) []*dto.MetricFamily {
	t.Helper()
	all, err := metrics.Registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var out []*dto.MetricFamily
	for _, family := range all {
		if strings.HasPrefix(family.GetName(), metricPrefix) {
			out = append(out, family)
		}
	}
	return out
}

func TestMetricsAreNamedAsPrometheusAdvises(t *testing.T) {
	key := someAccount(t)
	driftChecks.WithLabelValues(key.labels(resultCompleted)...).Inc()
	driftRequests.WithLabelValues(key.labels()...).Inc()
	driftListed.WithLabelValues(key.labels()...).Inc()
	countDrift(key, nil, nil, []string{"state"})
	families := ours(t)
	if len(families) < 6 {
		t.Fatalf("only %d metrics are there", len(families))
	}
	problems, err := promlint.NewWithMetricFamilies(families).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

func TestDriftIsCountedOnce(t *testing.T) {
	key := someAccount(t)
	name := []v1alpha1.FieldDrift{{Field: "friendlyName"}}
	both := append([]v1alpha1.FieldDrift{{Field: "state"}}, name...)
	for _, step := range []struct {
		what                string
		before, after       []v1alpha1.FieldDrift
		corrected           []string
		detected, correctly float64
	}{
		{"a field drifts", nil, name, nil, 1, 0},
		{"it is seen again", name, name, nil, 1, 0},
		{"another one drifts too", name, both, nil, 1, 0},
		{"it is put right", both, nil, []string{"friendlyName", "state"}, 1, 1},
		{"it drifts and is put right at once", nil, nil, []string{"friendlyName"}, 2, 2},
	} {
		countDrift(key, step.before, step.after, step.corrected)
		if got := testutil.ToFloat64(driftDetected.WithLabelValues(key.labels("friendlyName")...)); got != step.detected {
			t.Errorf("after %q, %v were detected, not %v", step.what, got, step.detected)
		}
		if got := testutil.ToFloat64(driftCorrected.WithLabelValues(key.labels("friendlyName")...)); got != step.correctly {
			t.Errorf("after %q, %v were corrected, not %v", step.what, got, step.correctly)
		}
	}
}

func TestTheSeriesOfAnAccountEndWithIt(t *testing.T) {
	key := someAccount(t)
	countDrift(key, nil, nil, []string{"state"})
	driftRequests.WithLabelValues(key.labels()...).Inc()
	forgetMetrics(key)
	for _, family := range ours(t) {
		for _, m := range family.GetMetric() {
			for _, label := range m.GetLabel() {
				if label.GetValue() == key.Namespace {
					t.Errorf("%s is still there", family.GetName())
				}
			}
		}
	}
}
