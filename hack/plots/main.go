// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Command plots has the operator work for two minutes against a simulated Twilio that misbehaves, scrapes the manager's
// metrics every second, and evaluates each panel of the Grafana dashboard over them with Prometheus' own engine. It prints
// what the panels would show, as JSON, which hack/tools/plot draws. `make plots` runs both.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/conversations-operator/conversations-operator/test/testbed"
	"github.com/conversations-operator/conversations-operator/test/testbed/stage"
)

func main() {
	ctx, stop := stage.Begin()
	defer stop()
	if err := run(ctx); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "plots:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context) (err error) {
	rows, err := readDashboard("config/grafana/dashboard.json")
	if err != nil {
		return err
	}
	all, err := stage.Start(ctx, stage.Props{
		Bed: testbed.Options{Bin: "bin"}, Cluster: "plots", Managers: []testbed.ManagerOptions{{Args: []string{"--leader-elect=false"}}},
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, all.Close()) }()
	seen, err := play(ctx, all)
	if err != nil {
		return err
	}
	for i := range rows {
		for j := range rows[i].Panels {
			if err := seen.evaluate(ctx, &rows[i].Panels[j]); err != nil {
				return fmt.Errorf("evaluating the panel %q: %w", rows[i].Panels[j].Title, err)
			}
		}
	}
	return json.NewEncoder(os.Stdout).Encode(struct {
		Rows   []row
		Spans  []span
		Length float64
	}{rows, spans(), length.Seconds()})
}
