// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/plot"
)

// timePeriod is the time between two ticks below a panel, in seconds.
const timePeriod = 30

// timeTicks are those below a panel.
func timeTicks(length float64) []plot.Tick {
	var ticks []plot.Tick
	for t := 0.0; t <= length; t += timePeriod {
		ticks = append(ticks, plot.Tick{Value: t, Label: number(t) + " s"})
	}
	return ticks
}

// maxSteps is how many steps there are at most between the ticks beside a panel.
const maxSteps = 4

// ticksFor are those beside a panel: round numbers with their unit, from nothing to the first that no value exceeds.
func ticksFor(p panel) []plot.Tick {
	most := p.largest()
	if most == 0 {
		most = 1
	}
	step := roundUp(most / maxSteps)
	if p.Unit == "short" {
		step = math.Max(step, 1)
	}
	var ticks []plot.Tick
	for i := 0.0; ; i++ {
		value := i * step
		ticks = append(ticks, plot.Tick{Value: value, Label: p.label(value, most)})
		if value >= most {
			return ticks
		}
	}
}

// roundUp is the next of 1, 2 and 5 times a power of ten.
func roundUp(x float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(x)))
	for _, factor := range []float64{1, 2, 5} {
		// What is a round number already is not rounded up because of its last bit.
		if factor*power >= x*(1-1e-9) {
			return factor * power
		}
	}
	return 10 * power
}

// label is a value with the unit of the panel, whose largest value decides between seconds and milliseconds.
func (p panel) label(value, most float64) string {
	switch {
	case value == 0:
		return "0"
	case p.Unit == "s" && most < 1:
		return number(value*1000) + " ms"
	case p.Unit == "s":
		return number(value) + " s"
	case p.Unit == "reqps":
		return number(value) + "/s"
	}
	return number(value)
}

// number writes a round number without the noise of its last bit.
func number(x float64) string { return strconv.FormatFloat(x, 'g', 6, 64) }

// apart moves positions that are less than a distance from one another as little as it takes, in their order and between 0
// and the end.
func apart(positions []float64, distance, end float64) []float64 {
	order := make([]int, len(positions))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(positions[a], positions[b]) })
	out := slices.Clone(positions)
	low := 0.0
	for _, i := range order {
		out[i] = math.Max(out[i], low)
		low = out[i] + distance
	}
	high := end
	for _, i := range slices.Backward(order) {
		out[i] = math.Min(out[i], high)
		high = out[i] - distance
	}
	return out
}
