// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package escape makes text from Twilio, from manifests and from the cluster safe to print: no such text moves a cursor,
// changes the order in which other text is read, or adds a link or a mention to a page.
package escape

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"sigs.k8s.io/yaml"
)

// Unsafe reports whether a character must be printed as an escape. Unsafe characters are control characters, C1 among them
// (U+009B begins an escape sequence as ESC [ does); separators of lines and paragraphs; controls of the direction of text;
// and characters which YAML cannot hold without an escape.
func Unsafe(r rune) bool {
	switch {
	case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == '\u2028', r == '\u2029':
		return true
	}
	return r == '\ufeff' || r == '\ufffe' || r == '\uffff'
}

// Line returns the text on a single line. A text with an unsafe character, or with invalid UTF-8, is quoted as in Go,
// without the surrounding quotes.
func Line(text string) string {
	if utf8.ValidString(text) && !strings.ContainsFunc(text, Unsafe) {
		return text
	}
	quoted := strconv.Quote(text)
	return quoted[1 : len(quoted)-1]
}

// Shorten is a text of at most so many characters. One that was longer ends with an ellipsis.
func Shorten(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most-1]) + "…"
}

// Code is a text as code in a cell of a table in Markdown, where a text is neither a link nor a mention nor HTML.
func Code(text string) string {
	if text == "" {
		return ""
	}
	return "`" + pipe.ReplaceAllString(strings.ReplaceAll(Line(text), "`", "'"), `$1$1\|`) + "`"
}

// pipe matches a pipe with the backslashes before the pipe. A pipe ends a cell unless a backslash escapes the pipe, and a
// backslash may itself be escaped.
var pipe = regexp.MustCompile(`(\\*)\|`)

// JSON returns JSON with the same meaning, in which every unsafe character of a string is a \u escape.
func JSON(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for _, r := range string(text) {
		// JSON allows a line end between tokens only, not inside a string.
		if r != '\n' && Unsafe(r) {
			out = fmt.Appendf(out, `\u%04x`, r)
		} else {
			out = utf8.AppendRune(out, r)
		}
	}
	return out
}

// YAML converts JSON to YAML. YAML writes a string in double quotes, with escapes, if the string holds an unsafe character, or
// if a YAML parser would read the string as a merge of two maps.
func YAML(text []byte) ([]byte, error) {
	// During the conversion a stand-in replaces each string in need of double quotes. No stand-in occurs elsewhere in the text.
	word := "escaped"
	for strings.Contains(string(text), word) {
		word += "x"
	}
	var standIns []string
	without := literal.ReplaceAllStringFunc(string(text), func(quoted string) string {
		var value string
		if json.Unmarshal([]byte(quoted), &value) != nil || value != mergeKey && !strings.ContainsFunc(value, inQuotes) {
			return quoted
		}
		again, _ := json.Marshal(value) // a string always encodes
		escaped := string(JSON(again))
		standIn := fmt.Sprintf("%s%dz", word, len(standIns)/2)
		// The YAML encoder writes a long key and a short key differently, so the stand-in for a long string is long.
		standIn += strings.Repeat("z", max(min(len(escaped), longKey)-len(standIn), 0))
		standIns = append(standIns, standIn, escaped)
		return `"` + standIn + `"`
	})
	out, err := yaml.JSONToYAML([]byte(without))
	if err != nil {
		return nil, err
	}
	return []byte(strings.NewReplacer(standIns...).Replace(string(out))), nil
}

const (
	// mergeKey is a YAML key which means a merge of two maps unless the key is in quotes.
	mergeKey = "<<"
	// longKey is a length in bytes above the longest key which the YAML encoder writes on the same line as the colon.
	longKey = 200
)

// inQuotes reports whether a string with the character needs double quotes in YAML. The YAML encoder handles line ends and
// tabs itself.
func inQuotes(r rune) bool { return r != '\n' && r != '\t' && Unsafe(r) }

// literal matches a string in JSON.
var literal = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)
