// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
)

func TestTheCommittedPageIsWhatTheCodeSays(t *testing.T) {
	want, err := page("../..")
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../../docs/reference.md")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("docs/reference.md is not what the code says: run go run ./hack/reference -o docs/reference.md (-want +got):\n%s", diff)
	}
}

func TestDescribe(t *testing.T) {
	enum := []apiextensionsv1.JSON{{Raw: []byte(`"Keep"`)}, {Raw: []byte(`"Recreate"`)}}
	for name, tt := range map[string]struct {
		text string
		enum []apiextensionsv1.JSON
		want description
	}{
		"a field without a default is all text": {
			text: "name of the\nSecret.", want: description{text: "name of the Secret."},
		},
		"the sentence about the default is taken out of the middle": {
			text: "sid is it. Left out: the account's default. Must not be\nchanged.",
			want: description{text: "sid is it. Must not be changed.", leftOut: "the account's default"},
		},
		"a default may go on over a line": {
			text: "region of it. Left out:\nus1, Twilio's default.",
			want: description{text: "region of it.", leftOut: "us1, Twilio's default"},
		},
		"every line that begins with a value explains it": {
			text: "policy says so. Left out: Keep.\nKeep: it stays.\nRecreate: it goes,\nand comes back.", enum: enum,
			want: description{text: "policy says so.", leftOut: "Keep", values: []string{"`Keep`: it stays.", "`Recreate`: it goes, and comes back."}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := describe(&schema{Description: tt.text, Enum: tt.enum})
			if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(description{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWriteFlags(t *testing.T) {
	var b strings.Builder
	writeFlags(&b)
	own, libraries, _ := strings.Cut(b.String(), "\nAnd those")
	for _, want := range []string{
		"\n- `--cluster-name`: The name of this cluster", "\n- `--leader-election-lease-duration` (default `15s`): How long", "\n- `--shards` (default `1`): ",
	} {
		if !strings.Contains(own, want) {
			t.Errorf("%q is not among the flags:\n%s", want, own)
		}
	}
	if strings.Contains(own, "`--zap-") || !strings.Contains(libraries, "\n- `--zap-log-level`") || !strings.Contains(libraries, "\n- `--kubeconfig`") {
		t.Errorf("the flags of the libraries are not by themselves:\n%s", b.String())
	}
}

func TestTexts(t *testing.T) {
	texts := newTexts()
	if _, err := texts.change("Conversation", field{path: "spec.new"}); err == nil {
		t.Error("a field of which nobody says what happens when it changes was passed over")
	}
	if err := texts.allUsed(); err == nil {
		t.Error("entries without a field were passed over")
	}
}

func TestWrap(t *testing.T) {
	long := strings.Repeat("word ", 30)
	for name, tt := range map[string]struct{ text, want string }{
		"a short text stays":       {"a b", "a b"},
		"a long one is broken":     {long, strings.Repeat("word ", 22) + "word\n  " + strings.Repeat("word ", 6) + "word"},
		"code is not broken at it": {strings.Repeat("x", 115) + " `a b c`", strings.Repeat("x", 115) + "\n  `a b c`"},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, wrap(tt.text, "  ")); diff != "" {
				t.Error(diff)
			}
		})
	}
}
