// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
)

// row of the dashboard, with its panels.
type row struct {
	Title  string
	Panels []panel
}

// panel and what it shows.
type panel struct {
	Title, Unit string
	Targets     []target `json:"-"`
	Series      []line
}

// target is one expression of a panel; legend names its series.
type target struct {
	Expr   string `json:"expr"`
	Legend string `json:"legendFormat"`
}

// line is one series: points of seconds since the beginning and values.
type line struct {
	Name   string
	Points [][2]float64
}

// variable is one of the dashboard's: everything is chosen here.
var variable = regexp.MustCompile(`\$[a-z]+`)

func readDashboard(path string) ([]row, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the dashboard: %w", err)
	}
	var dashboard struct {
		Panels []struct {
			Type, Title string
			Targets     []target
			FieldConfig struct {
				Defaults struct{ Unit string }
			}
		}
	}
	if err := json.Unmarshal(text, &dashboard); err != nil {
		return nil, fmt.Errorf("reading the dashboard: %w", err)
	}
	var rows []row
	for _, p := range dashboard.Panels {
		if p.Type == "row" {
			rows = append(rows, row{Title: p.Title})
			continue
		}
		for i := range p.Targets {
			p.Targets[i].Expr = variable.ReplaceAllString(p.Targets[i].Expr, ".*")
		}
		last := &rows[len(rows)-1]
		last.Panels = append(last.Panels, panel{Title: p.Title, Unit: p.FieldConfig.Defaults.Unit, Targets: p.Targets})
	}
	return rows, nil
}
