// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package escape makes text from Twilio, from manifests and from the cluster safe to print: no such text moves a cursor, changes
// the order in which other text is read, or adds a link or a mention to a page.
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

// Unsafe tells whether a character is printed as an escape only: control characters, C1 among them (U+009B begins a sequence as
// ESC [ does); separators of lines and paragraphs; controls of the direction of text; and what YAML cannot hold as it is.
func Unsafe(r rune) bool {
	switch {
	case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == '\u2028', r == '\u2029':
		return true
	}
	return r == '\ufeff' || r == '\ufffe' || r == '\uffff'
}

// Line is a text on one line. A text with anything unsafe in it is quoted as in Go, without the quotes around it.
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

// pipe ends a cell, unless a backslash is before it that no other backslash is for.
var pipe = regexp.MustCompile(`(\\*)\|`)

// JSON is JSON that means the same. Texts in it hold what is unsafe as \u escapes.
func JSON(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for _, r := range string(text) {
		// JSON has a line end between its tokens, and not in its texts.
		if r != '\n' && Unsafe(r) {
			out = fmt.Appendf(out, `\u%04x`, r)
		} else {
			out = utf8.AppendRune(out, r)
		}
	}
	return out
}

// YAML is JSON as YAML. A text with anything unsafe in it, and a text that YAML would take for a merge of two maps, is written in
// double quotes, with escapes.
func YAML(text []byte) ([]byte, error) {
	// A word that is nowhere in the text stands for such a text until the rest is YAML.
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
		// YAML writes a long key in another way than a short one.
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
	// mergeKey is a key with a meaning of its own in YAML, unless quotes are around it.
	mergeKey = "<<"
	// longKey is longer than what YAML writes before a colon on the same line, in bytes.
	longKey = 200
)

// inQuotes tells whether YAML is to have a text with the character in double quotes: YAML itself has line ends and tabs.
func inQuotes(r rune) bool { return r != '\n' && r != '\t' && Unsafe(r) }

// literal is a text in JSON.
var literal = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)
