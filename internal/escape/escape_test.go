// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package escape

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"
)

// corpus are texts that move a cursor, change the order of what is read, or have a meaning in one of the formats.
var corpus = []string{
	"", "plain", "\x1b[2J\x1b[1;1H", "\x1b]0;title\x07", "\u009b2J", "\u0085", "\u0090q\u009c", "a\rb", "a\bb", "a\x00b", "\x7f",
	"\u202eevil\u202c", "\u2066a\u2069", "\u200e\u200f\u061c", "\u2028\u2029", "\ufeffmark", "\ufffe\uffff", "two\nlines", "a\ttab", "trailing \n",
	"yes", "1e3", "null", "<<", "# no", "a: b", "- a", `\u202e`, `"quoted"`, `\`, `\\"`, "escaped0z", "escapedx", "Grüße 👋🏽 עברית 👨‍👩‍👧",
	"<script>", "[a](https://example.com)", "@everyone", "a|b", `a\|b`, "`code`", strings.Repeat("long\u009b ", 100),
}

// moves tells whether something is printed that moves a cursor, other than an end of a line, or hides what is read.
func moves(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return r != '\n' && r != '\t' && Unsafe(r) }) || !utf8.ValidString(text)
}

func TestUnsafe(t *testing.T) {
	for _, r := range "\x00\a\b\t\n\r\x1b\x7f\u0080\u0085\u009b\u009f\u061c\u200e\u200f\u2028\u2029\u202a\u202e\u2066\u2069\ufeff" {
		if !Unsafe(r) {
			t.Errorf("%U is safe", r)
		}
	}
	for _, r := range " ~\u00a0ÄЖ支👋\u200d\u200b\U000e0001" {
		if Unsafe(r) {
			t.Errorf("%U is not safe", r)
		}
	}
}

func TestALineIsOneAndMovesNothing(t *testing.T) {
	for _, text := range append(corpus, "\x9b2J", "a\xffb") {
		line := Line(text)
		if moves(line) || strings.ContainsAny(line, "\n\t") {
			t.Errorf("%q is printed as %q", text, line)
		}
		if !moves(text) && !strings.ContainsAny(text, "\n\t") && line != text {
			t.Errorf("%q is printed as %q", text, line)
		}
	}
	for text, want := range map[string]string{"a\u009bb": `a\u009bb`, "a\nb": `a\nb`, "\u202eb": `\u202eb`, "\x9b": `\x9b`, "\x1b": `\x1b`} {
		if got := Line(text); got != want {
			t.Errorf("%q is printed as %s, want %s", text, got, want)
		}
	}
}

func TestJSONAndYAMLMeanTheSameAndMoveNothing(t *testing.T) {
	values := map[string]any{}
	for i, text := range corpus {
		values[fmt.Sprint(i)] = text
		values["key "+text] = []any{text, map[string]any{text: nil}}
	}
	text, err := json.MarshalIndent(values, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	asJSON := JSON(text)
	if moves(string(asJSON)) {
		t.Errorf("the JSON moves a cursor: %q", asJSON)
	}
	asYAML, err := YAML(text)
	if err != nil {
		t.Fatal(err)
	}
	if moves(string(asYAML)) {
		t.Errorf("the YAML moves a cursor: %q", asYAML)
	}
	for name, read := range map[string]func(any) error{
		"JSON": func(v any) error { return json.Unmarshal(asJSON, v) }, "YAML": func(v any) error { return yaml.Unmarshal(asYAML, v) },
	} {
		got := map[string]any{}
		if err := read(&got); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(values, got); diff != "" {
			t.Errorf("%s means something else (-want +got):\n%s", name, diff)
		}
	}
}

func FuzzEscape(f *testing.F) {
	for _, text := range corpus {
		f.Add(text, "key")
		f.Add("value", text)
	}
	f.Fuzz(func(t *testing.T, text, key string) {
		if line := Line(text); moves(line) || strings.ContainsAny(line, "\n\t") {
			t.Errorf("%q is printed as %q", text, line)
		}
		if code := Code(text); moves(code) || strings.Count(code, "`") != 2 && code != "" {
			t.Errorf("%q is printed as %q", text, code)
		}
		// A longer key is none in YAML.
		if len(key) > 100 || !utf8.ValidString(text) || !utf8.ValidString(key) {
			return
		}
		want := map[string]any{key: []any{text, key}}
		encoded, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		out, err := YAML(encoded)
		if err != nil {
			t.Fatal(err)
		}
		var got map[string]any
		if err := yaml.Unmarshal(out, &got); err != nil || !reflect.DeepEqual(got, want) || moves(string(out)) {
			t.Errorf("%q is written as %q and read as %q: %v", want, out, got, err)
		}
	})
}

func TestCodeStaysInItsCell(t *testing.T) {
	for text, want := range map[string]string{
		"":                          "",
		"a|b":                       "`a\\|b`",
		`a\|b`:                      "`a\\\\\\|b`",
		"`a` @b":                    "`'a' @b`",
		"<b>[x](https://a.example)": "`<b>[x](https://a.example)`",
		"a\nb":                      "`a\\nb`",
	} {
		if got := Code(text); got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
}

func TestShorten(t *testing.T) {
	for _, c := range []struct {
		name, text string
		most       int
		want       string
	}{
		{"a text that fits is kept", "abc", 3, "abc"},
		{"a longer text ends with an ellipsis and is as long as it may be", "abcd", 3, "ab…"},
		{"characters count, not bytes", "äöü", 3, "äöü"},
		{"no character is cut in two", "äöüß", 3, "äö…"},
		{"nothing is left of nothing", "", 1, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Shorten(c.text, c.most); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
