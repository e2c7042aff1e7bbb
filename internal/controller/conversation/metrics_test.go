// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package conversation

import (
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"
	dto "github.com/prometheus/client_model/go"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/controller/account"
	"github.com/conversations-operator/conversations-operator/internal/kube"
	"github.com/conversations-operator/conversations-operator/internal/tenancy"
)

func someAccount(t *testing.T) tenancy.Key {
	t.Helper()
	key := tenancy.Key{Kind: v1alpha1.TwilioAccountKind, NamespacedName: types.NamespacedName{Namespace: t.Name(), Name: "default"}}
	t.Cleanup(func() { account.ForgetMetrics(key) })
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
		if strings.HasPrefix(family.GetName(), kube.MetricPrefix) {
			out = append(out, family)
		}
	}
	return out
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
		if got := testutil.ToFloat64(driftDetected.WithLabelValues(account.LabelsOf(key, "friendlyName")...)); got != step.detected {
			t.Errorf("after %q, %v were detected, not %v", step.what, got, step.detected)
		}
		if got := testutil.ToFloat64(driftCorrected.WithLabelValues(account.LabelsOf(key, "friendlyName")...)); got != step.correctly {
			t.Errorf("after %q, %v were corrected, not %v", step.what, got, step.correctly)
		}
	}
}

func TestTheSeriesOfAnAccountEndWithIt(t *testing.T) {
	key := someAccount(t)
	countDrift(key, nil, nil, []string{"state"})
	account.ForgetMetrics(key)
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
