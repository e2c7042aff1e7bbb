// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/util/annotations"

	"github.com/conversations-operator/conversations-operator/test/testbed"
)

// scrapes are what was read of the manager's metrics, as Prometheus keeps it.
type scrapes struct {
	times  []time.Time
	series map[string]*promql.Series
}

func newScrapes() *scrapes { return &scrapes{series: map[string]*promql.Series{}} }

// scrape reads the metrics once. A series that is not among them any more ends here.
func (s *scrapes) scrape(ctx context.Context, m *testbed.Manager) error {
	var text bytes.Buffer
	now := time.Now()
	if err := m.Metrics(ctx, &text); err != nil {
		return fmt.Errorf("scraping the manager: %w", err)
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(&text)
	if err != nil {
		return fmt.Errorf("scraping the manager: %w", err)
	}
	samples, err := expfmt.ExtractSamples(&expfmt.DecodeOptions{Timestamp: model.TimeFromUnixNano(now.UnixNano())}, slices.Collect(maps.Values(families))...)
	if err != nil {
		return fmt.Errorf("scraping the manager: %w", err)
	}
	there := map[string]bool{}
	for _, sample := range samples {
		key := sample.Metric.String()
		there[key] = true
		s.add(key, sample)
	}
	for key, series := range s.series {
		if last := series.Floats[len(series.Floats)-1]; !there[key] && !value.IsStaleNaN(last.F) {
			series.Floats = append(series.Floats, promql.FPoint{T: now.UnixMilli(), F: math.Float64frombits(value.StaleNaN)})
		}
	}
	s.times = append(s.times, now)
	return nil
}

func (s *scrapes) add(key string, sample *model.Sample) {
	if s.series[key] == nil {
		names := map[string]string{}
		for name, v := range sample.Metric {
			names[string(name)] = string(v)
		}
		s.series[key] = &promql.Series{Metric: labels.FromMap(names)}
	}
	s.series[key].Floats = append(s.series[key].Floats, promql.FPoint{T: int64(sample.Timestamp), F: float64(sample.Value)})
}

// placeholder is a label in the name of a series, such as {{reason}}.
var placeholder = regexp.MustCompile(`\{\{([a-z_]+)\}\}`)

// evaluate fills a panel with what it shows of the whole time.
func (s *scrapes) evaluate(ctx context.Context, p *panel) error {
	engine := promql.NewEngine(promql.EngineOpts{MaxSamples: 1e7, Timeout: time.Minute})
	defer func() { _ = engine.Close() }()
	start, end := s.times[0], s.times[len(s.times)-1]
	for _, target := range p.Targets {
		query, err := engine.NewRangeQuery(ctx, s.queryable(), nil, target.Expr, start, end, interval)
		if err != nil {
			return err
		}
		matrix, err := query.Exec(ctx).Matrix()
		if err != nil {
			return err
		}
		for _, series := range matrix {
			name := placeholder.ReplaceAllStringFunc(target.Legend, func(label string) string {
				return series.Metric.Get(label[2 : len(label)-2])
			})
			l := line{Name: name}
			for _, point := range series.Floats {
				if !math.IsNaN(point.F) && !math.IsInf(point.F, 0) {
					l.Points = append(l.Points, [2]float64{time.UnixMilli(point.T).Sub(start).Round(time.Millisecond).Seconds(), point.F})
				}
			}
			if len(l.Points) > 0 {
				p.Series = append(p.Series, l)
			}
		}
		query.Close()
	}
	return nil
}

func (s *scrapes) queryable() storage.Queryable {
	return &storage.MockQueryable{MockQuerier: &storage.MockQuerier{
		SelectMockFunction: func(_ bool, _ *storage.SelectHints, matchers ...*labels.Matcher) storage.SeriesSet {
			out := &set{}
			for _, key := range slices.Sorted(maps.Keys(s.series)) {
				if series := s.series[key]; matches(series.Metric, matchers) {
					out.left = append(out.left, promql.NewStorageSeries(*series))
				}
			}
			return out
		},
	}}
}

func matches(l labels.Labels, matchers []*labels.Matcher) bool {
	return !slices.ContainsFunc(matchers, func(m *labels.Matcher) bool { return !m.Matches(l.Get(m.Name)) })
}

// set goes through series.
type set struct {
	left []storage.Series
	now  storage.Series
}

// Next goes to the next series, if there is one.
func (s *set) Next() bool {
	if len(s.left) == 0 {
		return false
	}
	s.now, s.left = s.left[0], s.left[1:]
	return true
}

// At is the series that it came to.
func (s *set) At() storage.Series { return s.now }

// Err is nil: everything is in memory.
func (s *set) Err() error { return nil }

// Warnings are none.
func (s *set) Warnings() annotations.Annotations { return nil }
