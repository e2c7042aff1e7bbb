// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestTicksAreRoundNumbersWithTheirUnit(t *testing.T) {
	for _, c := range []struct {
		unit string
		most float64
		want string
	}{
		{"short", 0, "0 1"},
		{"short", 1, "0 1"},
		{"short", 10, "0 5 10"},
		{"short", 73, "0 20 40 60 80"},
		{"s", 0.3, "0 100 ms 200 ms 300 ms"},
		{"s", 29, "0 10 s 20 s 30 s"},
		{"reqps", 0.117, "0 0.05/s 0.1/s 0.15/s"},
	} {
		var labels []string
		for _, tick := range ticksFor(panel{Unit: c.unit, Series: []line{{Points: [][2]float64{{0, c.most}}}}}) {
			labels = append(labels, tick.Label)
		}
		if got := strings.Join(labels, " "); got != c.want {
			t.Errorf("the ticks of %g %s are %s; want %s", c.most, c.unit, got, c.want)
		}
	}
}

func TestNamesDoNotOverlapAndStayInside(t *testing.T) {
	for _, c := range []struct{ positions, want []float64 }{
		{[]float64{1, 50, 99}, []float64{1, 50, 99}},
		{[]float64{0, 0, 0}, []float64{0, 10, 20}},
		{[]float64{100, 99, 98}, []float64{100, 90, 80}},
		{[]float64{5, 7, 90}, []float64{5, 15, 90}},
	} {
		if got := apart(c.positions, 10, 100); !slices.Equal(got, c.want) {
			t.Errorf("%v are moved to %v; want %v", c.positions, got, c.want)
		}
	}
}

func TestEveryRowIsAPictureThatNamesWhatItShows(t *testing.T) {
	folder := t.TempDir()
	const dashboard = `{"Length": 120, "Spans": [{"From": 65, "To": 73, "Text": "429"}], "Rows": [{"Title": "Who waits?", "Panels": [
		{"Title": "How long", "Unit": "s", "Series": [{"Name": "edit", "Points": [[0, 1], [1, 2], [10, 3]]}]}, {"Title": "Nothing", "Unit": "short"}]}]}`
	if err := run(strings.NewReader(dashboard), folder); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(filepath.Join(folder, "who-waits.svg"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var texts []string
	for decoder := xml.NewDecoder(file); ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == "text" {
			var text string
			if err := decoder.DecodeElement(&text, &start); err != nil {
				t.Fatal(err)
			}
			texts = append(texts, text)
			for _, attribute := range start.Attr {
				if attribute.Name.Local == "style" && !strings.Contains(attribute.Value, "font-family:Liberation Sans,Arial") {
					t.Errorf("%s is written in another typeface: %s", text, attribute.Value)
				}
			}
		}
	}
	for _, want := range []string{"How long", "edit", "429", "3 s", "120 s", "Nothing", "none in this run"} {
		if !slices.Contains(texts, want) {
			t.Errorf("%q is not in the picture, only %q", want, texts)
		}
	}
}
