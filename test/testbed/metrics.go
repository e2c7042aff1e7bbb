// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package testbed

import (
	"bytes"
	"context"
	"fmt"
	"io"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// Metrics copies all that the manager serves under /metrics. It must do so without TLS, as it does unless told otherwise.
func (m *Manager) Metrics(ctx context.Context, to io.Writer) error {
	return get(ctx, "http://"+m.MetricsAddress+"/metrics", to)
}

// Metric answers the sum of a metric of the manager over all series that have these labels; 0 if there is none yet. Of a
// histogram it is the number of observations. See [Manager.Metrics].
func (m *Manager) Metric(ctx context.Context, name string, labels map[string]string) (float64, error) {
	var text bytes.Buffer
	if err := m.Metrics(ctx, &text); err != nil {
		return 0, fmt.Errorf("reading the manager's metrics: %w", err)
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(&text)
	if err != nil {
		return 0, fmt.Errorf("reading the manager's metrics: %w", err)
	}
	sum := 0.0
	for _, metric := range families[name].GetMetric() {
		if has(metric, labels) {
			sum += metric.GetCounter().GetValue() + metric.GetGauge().GetValue() + metric.GetUntyped().GetValue() +
				float64(metric.GetHistogram().GetSampleCount())
		}
	}
	return sum, nil
}

func has(metric *dto.Metric, labels map[string]string) bool {
	found := 0
	for _, pair := range metric.GetLabel() {
		if value, ok := labels[pair.GetName()]; ok && value == pair.GetValue() {
			found++
		}
	}
	return found == len(labels)
}
