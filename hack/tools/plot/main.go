// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Command plot draws what the panels of a dashboard show, as hack/plots prints it: one SVG for each row of the dashboard.
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

const (
	// columns of panels, each of this size.
	columns       = 2
	width, height = 12 * vg.Centimeter, 6 * vg.Centimeter
	padding       = 4 * vg.Millimeter
	gap           = 9 * vg.Millimeter
)

// dashboard is what is drawn.
type dashboard struct {
	Rows []row
	// Spans are times in which something was the matter: every panel marks them.
	Spans []span
	// Length of the time that is shown, in seconds.
	Length float64
}

// row of the dashboard, with its panels.
type row struct {
	Title  string
	Panels []panel
}

// panel and what it shows. Unit is one of Grafana's: s, reqps or short.
type panel struct {
	Title, Unit string
	Series      []line
}

// line is one series: points of seconds since the beginning and values.
type line struct {
	Name   string
	Points [][2]float64
}

// span is a time in which something was the matter, in seconds since the beginning.
type span struct {
	From, To float64
	Text     string
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
	var d dashboard
	if err := json.NewDecoder(from).Decode(&d); err != nil {
		return fmt.Errorf("reading the panels: %w", err)
	}
	for _, r := range d.Rows {
		if err := d.draw(r, filepath.Join(folder, fileName(r.Title))); err != nil {
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

// draw tiles the panels of a row into one SVG.
func (d dashboard) draw(r row, path string) error {
	lines := (len(r.Panels) + columns - 1) / columns
	canvas := vgsvg.New(columns*width, vg.Length(lines)*height)
	whole := draw.New(canvas)
	whole.FillPolygon(background, whole.ClipPolygonXY([]vg.Point{
		{X: whole.Min.X, Y: whole.Min.Y}, {X: whole.Max.X, Y: whole.Min.Y}, {X: whole.Max.X, Y: whole.Max.Y}, {X: whole.Min.X, Y: whole.Max.Y},
	}))
	tiles := draw.Tiles{
		Rows: lines, Cols: columns, PadX: padding, PadY: gap, PadTop: padding, PadBottom: padding, PadLeft: padding, PadRight: padding,
	}
	for i, p := range r.Panels {
		drawn, err := d.plot(p)
		if err != nil {
			return err
		}
		drawn.Draw(tiles.At(whole, i%columns, i/columns))
	}
	var svg bytes.Buffer
	if _, err := canvas.WriteTo(&svg); err != nil {
		return err
	}
	return os.WriteFile(path, withFonts(svg.Bytes()), 0o644)
}

// withFonts names the fonts that have the same widths where there is no Liberation Sans.
func withFonts(svg []byte) []byte {
	return regexp.MustCompile(`font-family:[^;"]*Liberation Sans[^;"]*`).ReplaceAll(svg, []byte("font-family:Liberation Sans,Arial,Helvetica,sans-serif"))
}
