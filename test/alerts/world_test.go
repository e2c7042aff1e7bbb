// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package alerts tests the alerts of config/prometheus and the dashboard of config/grafana with Prometheus' own engine.
package alerts

import (
	"context"
	"maps"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/util/annotations"
	"sigs.k8s.io/yaml"
)

// root is the folder of the repository.
const root = "../.."

// step is the time between two samples, and between two looks at the rules.
const step = time.Minute

// rule is one alert.
type rule struct {
	Alert, Expr, For    string
	Labels, Annotations map[string]string
}

// alerts are the rules, by name.
func alerts(t *testing.T) map[string]rule {
	t.Helper()
	text, err := os.ReadFile(root + "/config/prometheus/rules.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var manifest struct {
		Spec struct{ Groups []struct{ Rules []rule } }
	}
	if err := yaml.Unmarshal(text, &manifest); err != nil {
		t.Fatal(err)
	}
	out := map[string]rule{}
	for _, group := range manifest.Spec.Groups {
		for _, r := range group.Rules {
			out[r.Alert] = r
		}
	}
	return out
}

// world is what was scraped: by series, its value at each minute.
type world map[string]func(minute int) float64

func always(v float64) func(int) float64 { return func(int) float64 { return v } }

// rate is a counter that grows by so much a minute.
func rate(v float64) func(int) float64 {
	return func(minute int) float64 { return v * float64(minute) }
}

// querier answers the series of the world during so many minutes.
func (w world) querier(t *testing.T, minutes int) storage.Queryable {
	t.Helper()
	var all []storage.Series
	for _, name := range slices.Sorted(maps.Keys(w)) {
		metric, err := parser.NewParser(parser.Options{}).ParseMetric(name)
		if err != nil {
			t.Fatal(err)
		}
		var points []promql.FPoint
		for minute := range minutes + 1 {
			points = append(points, promql.FPoint{T: int64(minute) * step.Milliseconds(), F: w[name](minute)})
		}
		all = append(all, promql.NewStorageSeries(promql.Series{Metric: metric, Floats: points}))
	}
	return &storage.MockQueryable{MockQuerier: &storage.MockQuerier{
		SelectMockFunction: func(_ bool, _ *storage.SelectHints, matchers ...*labels.Matcher) storage.SeriesSet {
			var found []storage.Series
			for _, s := range all {
				if matches(s.Labels(), matchers) {
					found = append(found, s)
				}
			}
			return &set{all: found}
		},
	}}
}

// set goes through series.
type set struct {
	all []storage.Series
	now storage.Series
}

func (s *set) Next() bool {
	if len(s.all) == 0 {
		return false
	}
	s.now, s.all = s.all[0], s.all[1:]
	return true
}

func (s *set) At() storage.Series                { return s.now }
func (s *set) Err() error                        { return nil }
func (s *set) Warnings() annotations.Annotations { return nil }

func matches(l labels.Labels, matchers []*labels.Matcher) bool {
	for _, m := range matchers {
		if !m.Matches(l.Get(m.Name)) {
			return false
		}
	}
	return true
}

// fires tells whether the alert fires after so many minutes: its expression held all the time that it waits for.
func (r rule) fires(t *testing.T, w world, minutes int) bool {
	t.Helper()
	wait := model.Duration(0)
	if r.For != "" {
		var err error
		if wait, err = model.ParseDuration(r.For); err != nil {
			t.Fatal(err)
		}
	}
	engine := promql.NewEngine(promql.EngineOpts{MaxSamples: 1e6, Timeout: 10 * time.Second})
	defer engine.Close()
	data := w.querier(t, minutes)
	for minute := minutes - int(time.Duration(wait)/step); minute <= minutes; minute++ {
		q, err := engine.NewInstantQuery(context.Background(), data, nil, r.Expr, time.Unix(0, 0).Add(time.Duration(minute)*step))
		if err != nil {
			t.Fatal(err)
		}
		result := q.Exec(t.Context())
		vector, err := result.Vector()
		if err != nil {
			t.Fatal(err)
		}
		if len(vector) == 0 {
			return false
		}
	}
	return true
}
