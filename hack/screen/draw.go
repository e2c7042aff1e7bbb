// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"html"
	"regexp"
	"strings"
	"unicode/utf8"
)

// Sizes in pixels. The advance is that of a letter in the fonts that are asked for.
const (
	fontSize, advance, lineHeight = 13, 7.83, 18
	margin, frame                 = 18, 34
)

// styles say what is written how, the first that fits.
var styles = []struct {
	pattern *regexp.Regexp
	class   string
}{
	{regexp.MustCompile(`^ *\$ `), "command"},
	{regexp.MustCompile(`^ *[0-9]+\.[0-9]s  `), "step"},
	{regexp.MustCompile(`^ *(to Twilio|Twilio holds)`), "twilio"},
	{regexp.MustCompile(`^ *([A-Z]+( [A-Z]+)* {2,})+[A-Z]+( [A-Z]+)*$`), "head"},
}

const sheet = `text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono","Liberation Mono",monospace;fill:#c9d1d9;white-space:pre}` +
	`.command{fill:#7ee787}.step{fill:#fff;font-weight:bold}.twilio{fill:#79c0ff}.head{fill:#8b949e}.title{fill:#8b949e;text-anchor:middle}`

// draw answers the SVG of a text in the window of a terminal.
func draw(title, text string) string {
	lines := strings.Split(text, "\n")
	columns := 0
	for _, line := range lines {
		columns = max(columns, utf8.RuneCountInString(line))
	}
	width := int(float64(columns)*advance) + 2*margin
	height := len(lines)*lineHeight + frame + margin
	var out strings.Builder
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d">`+"\n", width, height, width, height)
	fmt.Fprintf(&out, "<style>%s</style>\n", sheet)
	fmt.Fprintf(&out, `<rect width="%d" height="%d" rx="9" fill="#0d1117"/>`+"\n", width, height)
	for i, colour := range []string{"#ff5f57", "#febc2e", "#28c840"} {
		fmt.Fprintf(&out, `<circle cx="%d" cy="17" r="5.5" fill="%s"/>`, margin+i*18, colour)
	}
	fmt.Fprintf(&out, "\n"+`<text class="title" x="%d" y="21">%s</text>`+"\n", width/2, html.EscapeString(title))
	for i, line := range lines {
		if line == "" {
			continue
		}
		fmt.Fprintf(&out, `<text%s x="%d" y="%d" xml:space="preserve">%s</text>`+"\n",
			class(line), margin, frame+(i+1)*lineHeight-4, html.EscapeString(line))
	}
	out.WriteString("</svg>\n")
	return out.String()
}

func class(line string) string {
	for _, s := range styles {
		if s.pattern.MatchString(line) {
			return ` class="` + s.class + `"`
		}
	}
	return ""
}
