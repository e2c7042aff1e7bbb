// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
)

func TestEveryLineIsDrawnInItsStyle(t *testing.T) {
	const text = "  0.1s  Starting\n        $ kubectl get conversations -o 'jsonpath={.x}'\n        NAME   SID\n        6s     CH\n\n        a & <b>"
	svg := draw("make demo", text)
	var lines, classes []string
	for decoder := xml.NewDecoder(strings.NewReader(svg)); ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%v in:\n%s", err, svg)
		}
		start, ok := token.(xml.StartElement)
		if !ok || start.Name.Local != "text" {
			continue
		}
		var line struct {
			Class string `xml:"class,attr"`
			Text  string `xml:",chardata"`
		}
		if err := decoder.DecodeElement(&line, &start); err != nil {
			t.Fatal(err)
		}
		lines, classes = append(lines, line.Text), append(classes, line.Class)
	}
	if got, want := strings.Join(lines, "\n"), "make demo\n"+strings.ReplaceAll(text, "\n\n", "\n"); got != want {
		t.Errorf("the picture says:\n%s\nwant:\n%s", got, want)
	}
	if got, want := strings.Join(classes, ","), "title,step,command,head,,"; got != want {
		t.Errorf("the styles are %q; want %q", got, want)
	}
}

func TestNoTextIsNoPicture(t *testing.T) {
	if err := run(strings.NewReader("\n"), "", ""); err == nil {
		t.Error("want an error")
	}
}
