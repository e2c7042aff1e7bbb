// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Command plot draws what the panels of a dashboard show, as hack/plots prints it: one SVG for each row of the dashboard.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/plotutil"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

const (
	// columns of panels, each of this size.
	columns       = 3
	width, height = 8 * vg.Centimeter, 6 * vg.Centimeter
	padding       = 4 * vg.Millimeter
	// nameRoom is the part of a panel's height that the name of a series takes, above the lines.
	nameRoom = 0.1
)

// row of the dashboard, with its panels.
type row struct {
	Title  string
	Panels []panel
}

// panel and what it shows.
type panel struct {
	Title, Unit string
	Series      []line
}

// line is one series: points of seconds since the beginning and values.
type line struct {
	Name   string
	Points [][2]float64
}

func main() {
	folder := flag.String("o", ".", "The folder to write the SVGs to.")
	flag.Parse()
	if err := run(os.Stdin, *folder); err != nil {
		fmt.Fprintln(os.Stderr, "plot:", err)
		os.Exit(1)
	}
}

func run(from io.Reader, folder string) error {
	var rows []row
	if err := json.NewDecoder(from).Decode(&rows); err != nil {
		return fmt.Errorf("reading the panels: %w", err)
	}
	for _, r := range rows {
		if err := r.draw(filepath.Join(folder, fileName(r.Title))); err != nil {
			return fmt.Errorf("drawing %q: %w", r.Title, err)
		}
	}
	return nil
}

var notName = regexp.MustCompile(`[^a-z0-9]+`)

// fileName of a row: its title in small letters and hyphens.
func fileName(title string) string {
	return strings.Trim(notName.ReplaceAllString(strings.ToLower(title), "-"), "-") + ".svg"
}

// draw tiles the panels into one SVG.
func (r row) draw(path string) error {
	lines := (len(r.Panels) + columns - 1) / columns
	canvas := vgsvg.New(columns*width, vg.Length(lines)*height)
	tiles := draw.Tiles{
		Rows: lines, Cols: columns, PadX: padding, PadY: padding, PadTop: padding, PadBottom: padding, PadLeft: padding, PadRight: padding,
	}
	for i, p := range r.Panels {
		drawn, err := p.plot()
		if err != nil {
			return err
		}
		drawn.Draw(tiles.At(draw.New(canvas), i%columns, i/columns))
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	if _, err := canvas.WriteTo(file); err != nil {
		_ = file.Close()
		return err
	}
	return file.Close()
}

func (p panel) plot() (*plot.Plot, error) {
	drawn := plot.New()
	drawn.Title.Text = p.Title
	drawn.X.Label.Text = "seconds"
	drawn.X.Min, drawn.X.Max, drawn.Y.Min = 0, 120, 0
	drawn.Y.Label.Text = map[string]string{"s": "seconds", "reqps": "requests a second"}[p.Unit]
	if len(p.Series) == 0 {
		drawn.Title.Text += " (nothing, in this run)"
		drawn.Y.Max = 1
	}
	for _, size := range []*vg.Length{
		&drawn.X.Label.TextStyle.Font.Size, &drawn.Y.Label.TextStyle.Font.Size, &drawn.X.Tick.Label.Font.Size,
		&drawn.Y.Tick.Label.Font.Size, &drawn.Legend.TextStyle.Font.Size,
	} {
		*size = 7
	}
	drawn.Title.TextStyle.Font.Size = 9
	drawn.Legend.Top, drawn.Legend.Left = true, true
	for i, series := range p.Series {
		for j, points := range series.parts() {
			curve, err := plotter.NewLine(points)
			if err != nil {
				return nil, err
			}
			curve.Color, curve.Dashes = plotutil.Color(i), plotutil.Dashes(i/len(plotutil.DefaultColors))
			drawn.Add(curve)
			if j == 0 {
				drawn.Legend.Add(series.Name, curve)
			}
		}
	}
	drawn.Y.Max *= 1 + nameRoom*float64(len(p.Series))
	return drawn, nil
}

// maxGap is the longest time between two points of a series that does not break its line, in seconds.
const maxGap = 2

// parts of the line, between which the series was not there.
func (l line) parts() []plotter.XYs {
	var out []plotter.XYs
	for i, point := range l.Points {
		if i == 0 || point[0]-l.Points[i-1][0] > maxGap {
			out = append(out, nil)
		}
		out[len(out)-1] = append(out[len(out)-1], plotter.XY{X: point[0], Y: point[1]})
	}
	return out
}
