// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"image/color"
	"math"

	"golang.org/x/image/font"
	"gonum.org/v1/plot"
	plotfont "gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

var (
	background = color.White
	ink        = color.Gray{Y: 0x33}
	pale       = color.Gray{Y: 0x77}
	grid       = color.Gray{Y: 0xe4}
	shade      = color.NRGBA{R: 0xd5, G: 0x5e, B: 0x00, A: 0x1c}
	// palette is the one of Okabe and Ito, which people who do not tell all colours apart tell apart too.
	palette = []color.Color{
		color.RGBA{R: 0x00, G: 0x72, B: 0xb2, A: 0xff}, color.RGBA{R: 0xd5, G: 0x5e, B: 0x00, A: 0xff},
		color.RGBA{R: 0x00, G: 0x9e, B: 0x73, A: 0xff}, color.RGBA{R: 0xb0, G: 0x4f, B: 0x8e, A: 0xff},
		color.RGBA{R: 0x8a, G: 0x6d, B: 0x00, A: 0xff}, color.RGBA{R: 0x2f, G: 0x8f, B: 0xc4, A: 0xff},
		color.RGBA{R: 0x55, G: 0x55, B: 0x55, A: 0xff},
	}
)

const (
	// nameRoom is how much of a panel's width the names of its series take, beside the lines, as a part of that of the lines.
	nameRoom = 0.62
	// topRoom is the part of a panel's height above the highest tick.
	topRoom = 0.12
	// nameHeight is the part of a panel's height that the name of a series takes at least.
	nameHeight = 0.085
)

// style is the one typeface of everything, in a size.
func style(size vg.Length, ink color.Color, weight font.Weight) text.Style {
	f := plotfont.Font{Typeface: "Liberation", Variant: "Sans", Weight: weight, Size: size}
	return text.Style{Color: ink, Font: f, XAlign: draw.XLeft, YAlign: draw.YCenter, Handler: plot.DefaultTextHandler}
}

// plot draws a panel.
func (d dashboard) plot(p panel) (*plot.Plot, error) {
	ticks := ticksFor(p)
	top := ticks[len(ticks)-1].Value
	drawn := plot.New()
	drawn.BackgroundColor = background
	drawn.Title.Text = p.Title
	drawn.Title.TextStyle = style(10, ink, font.WeightBold)
	drawn.Title.TextStyle.XAlign = draw.XCenter
	drawn.Title.Padding = vg.Millimeter
	drawn.X.Min, drawn.X.Max = 0, d.Length*(1+nameRoom)
	drawn.Y.Min, drawn.Y.Max = 0, top*(1+topRoom)
	drawn.X.Tick.Marker, drawn.Y.Tick.Marker = plot.ConstantTicks(timeTicks(d.Length)), plot.ConstantTicks(ticks)
	for _, axis := range []*plot.Axis{&drawn.X, &drawn.Y} {
		axis.LineStyle.Width, axis.Tick.LineStyle.Width, axis.Padding = 0, 0, vg.Millimeter
		align := axis.Tick.Label
		axis.Tick.Label = style(8, pale, font.WeightNormal)
		axis.Tick.Label.XAlign, axis.Tick.Label.YAlign = align.XAlign, align.YAlign
	}
	for _, s := range d.Spans {
		if err := s.mark(drawn, top); err != nil {
			return nil, err
		}
	}
	for _, tick := range ticks {
		if err := addLine(drawn, plotter.XYs{{X: 0, Y: tick.Value}, {X: d.Length, Y: tick.Value}}, grid, 0.5); err != nil {
			return nil, err
		}
	}
	if len(p.Series) == 0 {
		return drawn, addText(drawn, d.Length/3, top/2, "none in this run", style(8, pale, font.WeightNormal))
	}
	return drawn, d.addSeries(drawn, p.Series)
}

// mark shades a span, and names it above the lines.
func (s span) mark(drawn *plot.Plot, top float64) error {
	area, err := plotter.NewPolygon(plotter.XYs{
		{X: s.From, Y: 0}, {X: s.To, Y: 0}, {X: s.To, Y: top * (1 + topRoom)}, {X: s.From, Y: top * (1 + topRoom)},
	})
	if err != nil {
		return err
	}
	area.Color, area.LineStyle.Width = shade, 0
	drawn.Add(area)
	name := style(7, pale, font.WeightNormal)
	name.XAlign = draw.XCenter
	return addText(drawn, (s.From+s.To)/2, top*(1+topRoom/2), s.Text, name)
}

// addSeries draws the lines, and the name of each beside its end.
func (d dashboard) addSeries(drawn *plot.Plot, series []line) error {
	ends := make([]float64, len(series))
	for i, s := range series {
		ends[i] = s.Points[len(s.Points)-1][1]
		for _, part := range s.parts() {
			if err := addLine(drawn, part, colour(i), 1.4); err != nil {
				return err
			}
		}
	}
	for i, y := range apart(ends, drawn.Y.Max*nameHeight, drawn.Y.Max) {
		if err := addText(drawn, d.Length*1.03, y, series[i].Name, style(8, colour(i), font.WeightNormal)); err != nil {
			return err
		}
	}
	return nil
}

func colour(i int) color.Color { return palette[i%len(palette)] }

func addLine(drawn *plot.Plot, points plotter.XYs, ink color.Color, width vg.Length) error {
	l, err := plotter.NewLine(points)
	if err != nil {
		return err
	}
	l.Color, l.Width = ink, width
	drawn.Add(l)
	return nil
}

func addText(drawn *plot.Plot, x, y float64, words string, style text.Style) error {
	labels, err := plotter.NewLabels(plotter.XYLabels{XYs: plotter.XYs{{X: x, Y: y}}, Labels: []string{words}})
	if err != nil {
		return err
	}
	labels.TextStyle[0] = style
	drawn.Add(labels)
	return nil
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

// largest of the values of a panel.
func (p panel) largest() float64 {
	most := 0.0
	for _, series := range p.Series {
		for _, point := range series.Points {
			most = math.Max(most, point[1])
		}
	}
	return most
}
