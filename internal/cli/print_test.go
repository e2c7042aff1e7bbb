// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/escape"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/preview"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// hostile are texts that would move a cursor, turn what is read around, or be a link or a mention.
var hostile = []string{
	"\x1b[2J\x1b[1;1H", "\x1b]0;title\x07", "\u009b2J", "\u0085next", "\u0090q\u009c", "a\rb", "a\b\bb", "\x00", "\x7f", "\u202eevil\u202c", "\u2066a\u2069",
	"\u200f", "\u061c", "\u2028\u2029", "two\nlines", "a\ttab", "\x9b2J\xff", "\ufeff", "@everyone", "[a](https://example.com)", "<img src=x>",
	"https://example.com", "a|b", `a\|b`, "`code`", "#1", "![a](b)", "| a |\n|---|",
}

// moves tells whether a text moves a cursor but for the ends of lines, or hides what is read.
func moves(text string) bool {
	return !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return r != '\n' && r != '\t' && escape.Unsafe(r) })
}

// printed are all ways to print what holds a text from elsewhere, by name.
func printed(text string) map[string]func(*session) error {
	drift := v1alpha1.FieldDrift{Field: text, Desired: text, Observed: text}
	refused := verdict{Namespace: text, Name: text, Action: actionRefuse, Outcome: &preview.Outcome{
		End: plan.Refuse, Reason: reasonInvalid, Message: text, SID: text, Changes: []v1alpha1.FieldDrift{drift},
		Drift: []v1alpha1.FieldDrift{drift}, Kept: []string{text},
	}}
	ways := map[string]func(*session) error{
		"a condition": func(s *session) error {
			conv := &v1alpha1.Conversation{}
			conv.Name = text
			conv.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ConditionReady, Reason: "Rejected", Message: text}}
			s.tell(conv)
			return s.describeObject(conv)
		},
		"a spec": func(s *session) error { return s.section("Spec", v1alpha1.ConversationSpec{FriendlyName: text}) },
		"an error": func(s *session) error {
			Run(context.Background(), []string{"list", "--state", text}, s.IOStreams, func(string) string { return "" })
			return line(s.ErrOut, "%v", errors.New(text))
		},
	}
	for _, as := range append(outputs, formatMarkdown) {
		ways["plan as "+as] = func(s *session) error { return s.printPlan([]verdict{refused}, as) }
		if as == formatMarkdown {
			continue
		}
		ways["drift as "+as] = func(s *session) error { return s.printDrift([]difference{{text, text, text, drift, text}}, as) }
		ways["orphans as "+as] = func(s *session) error { return s.printOrphans([]orphan{{text, text, text, text, text}}, as) }
		ways["list as "+as] = func(s *session) error {
			l := &lister{as: as, chosen: &selection{managed: true, objects: map[string]string{text: text}}, out: bufio.NewWriter(s.Out)}
			conv := &twilio.Conversation{
				SID: text, ChatServiceSID: text, UniqueName: text, FriendlyName: text, Attributes: text, State: twilio.State(text),
			}
			return errors.Join(l.begin(), l.page(&twilio.Page{Conversations: []*twilio.Conversation{conv, conv}}), l.end())
		}
	}
	return ways
}

func TestNothingThatIsPrintedMovesACursor(t *testing.T) {
	for _, text := range hostile {
		for name, show := range printed(text) {
			streams, _, out, errOut := genericiooptions.NewTestIOStreams()
			s := &session{IOStreams: streams, getenv: func(string) string { return "" }}
			if err := show(s); err != nil {
				t.Errorf("%s of %q: %v", name, text, err)
			}
			if out.Len()+errOut.Len() == 0 {
				t.Errorf("%s of %q prints nothing", name, text)
			}
			for _, b := range []*bytes.Buffer{out, errOut} {
				if moves(b.String()) {
					t.Errorf("%s of %q prints %q", name, text, b)
				}
			}
		}
	}
}

// span is code in Markdown.
var span = regexp.MustCompile("`[^`\n]*`")

func TestMarkdownHoldsNoTextButAsCode(t *testing.T) {
	for _, text := range hostile {
		streams, _, out, _ := genericiooptions.NewTestIOStreams()
		s := &session{IOStreams: streams}
		if err := printed(text)["plan as "+formatMarkdown](s); err != nil {
			t.Fatal(err)
		}
		rows := strings.Split(strings.TrimSpace(out.String()), "\n")
		last := strings.ReplaceAll(span.ReplaceAllString(rows[len(rows)-1], "code"), "<br>", " ")
		if want := "| code | code | refuse | code code only reported Invalid: code |"; last != want {
			t.Errorf("%q is printed as\n%s", text, rows[len(rows)-1])
		}
		if cells := strings.Count(pipes.ReplaceAllString(rows[len(rows)-1], ""), "|"); cells != 5 {
			t.Errorf("%q is printed in %d cells:\n%s", text, cells-1, rows[len(rows)-1])
		}
	}
}

// pipes are those that end no cell.
var pipes = regexp.MustCompile(`(\\\\)*\\\|`)
