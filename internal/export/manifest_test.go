// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package export

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/util/validation"
	"sigs.k8s.io/yaml"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
	"github.com/conversations-operator/conversations-operator/test/testbed/random"
)

const manifests = 500

// awkward are texts that YAML has other meanings for, or that end lines.
var awkward = []string{
	"", "yes", "null", "~", "0x1F", "1_000", "1e3", "2026-01-02", "12:30:45", "<<", "=", " padded ", "# no comment", "a: b", "- a", "'", "\"",
	"two\nlines\n", "\ttab", "\r\n", "\u2028\u2029", "\u0085", "\ufeffmark", "\x00\x01\x1b[31m", "Grüße 👋🏽", "עברית", "{}", "[]", "|", ">", "%YAML", "---", "...",
	"\\", "k8s.abc", "..", "CH00000000000000000000000000000000",
}

var numbers = []string{
	"0", "-0", "1.0", "1.50", "1e3", "0.1", "1e-7", "1e21", "123456789.125", "9223372036854775807", "-9223372036854775808", "18446744073709551615",
}

type dice struct{ *rand.Rand }

func (d dice) text(longest int) string {
	switch d.IntN(4) {
	case 0:
		return awkward[d.IntN(len(awkward))]
	case 1:
		return strings.Repeat(awkward[d.IntN(len(awkward))]+"x", d.IntN(30))
	}
	runes := make([]rune, d.IntN(longest))
	for i := range runes {
		runes[i] = []rune{rune(' ' + d.IntN(95)), rune(d.IntN(0x3000)), rune(0x1f300 + d.IntN(0x300))}[d.IntN(3)]
	}
	return string(runes)
}

func (d dice) json(depth int) string {
	switch kind := d.IntN(9); {
	case kind == 0 && depth > 0:
		key, _ := json.Marshal(d.text(20)) // texts always encode
		return fmt.Sprintf("{%s:%s, \"b\" : %s}", key, d.json(depth-1), d.json(depth-1))
	case kind == 1 && depth > 0:
		return "[" + d.json(depth-1) + "," + d.json(depth-1) + "]"
	case kind < 5:
		return numbers[d.IntN(len(numbers))]
	case kind == 5:
		return []string{"true", "false", "null"}[d.IntN(3)]
	}
	text, _ := json.Marshal(d.text(40))
	return string(text)
}

func (d dice) conversation() *twilio.Conversation {
	at := time.Unix(d.Int64N(2e9), 0)
	conv := &twilio.Conversation{
		SID: fmt.Sprintf("CH%016x%016x", d.Uint64(), d.Uint64()), ChatServiceSID: fmt.Sprintf("IS%032x", d.IntN(2)),
		FriendlyName: d.text(300), UniqueName: d.text(80), Attributes: d.json(3),
		State: []twilio.State{"active", "inactive", "closed", "initializing", "new"}[d.IntN(5)],
	}
	if d.IntN(2) == 0 {
		conv.Timers.DateClosed, conv.MessagingServiceSID = &at, fmt.Sprintf("MG%032x", d.IntN(9))
	}
	if d.IntN(2) == 0 {
		conv.Bindings = &twilio.Bindings{Email: &twilio.EmailBinding{Address: d.text(30), Name: d.text(30)}}
	}
	return conv
}

func TestAManifestReadsAsWhatWasWritten(t *testing.T) {
	d := dice{random.Source(1, 2)}
	head := Head{Namespace: "support", AccountRef: &v1alpha1.AccountReference{Name: "production"}}
	names := map[string]string{}
	for range manifests {
		conv := d.conversation()
		text, err := head.Manifest(conv)
		if err != nil {
			t.Fatal(err)
		}
		read := &v1alpha1.Conversation{}
		if err := yaml.UnmarshalStrict(text, read); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		want := head.Object(conv)
		if !plan.SameAttributes(raw(want), raw(read)) {
			t.Fatalf("attributes %s are read as %s\n%s", raw(want), raw(read), text)
		}
		want.Spec.Attributes, read.Spec.Attributes = nil, nil
		if diff := cmp.Diff(want, read); diff != "" {
			t.Fatalf("(-want +read):\n%s\n%s", diff, text)
		}
		if other := names[read.Name]; other != "" {
			t.Fatalf("%s and %s are both named %s", conv.SID, other, read.Name)
		}
		names[read.Name] = conv.SID
		if problems := validation.IsDNS1123Label(read.Name); len(problems) > 0 {
			t.Fatalf("name %q: %v", read.Name, problems)
		}
	}
}

func raw(o *v1alpha1.Conversation) string {
	if o.Spec.Attributes == nil {
		return ""
	}
	return string(o.Spec.Attributes.Raw)
}

func TestName(t *testing.T) {
	const sid = "CHaabbccddeeff00112233445566778899"
	for name, c := range map[string]struct{ unique, want string }{
		"Without a unique name it is the sid":             {"", "chaabbccddeeff00112233445566778899"},
		"A unique name is readable":                       {"support-berlin", "support-berlin-445566778899"},
		"What no name can hold becomes a hyphen":          {"Support / Berlin (VIP)!", "support-berlin-vip-445566778899"},
		"A name of which nothing is left is the sid":      {"支持", "chaabbccddeeff00112233445566778899"},
		"A generated name says nothing":                   {"k8s.abcdefgh.default-vip.x", "chaabbccddeeff00112233445566778899"},
		"A long name is cut":                              {strings.Repeat("long ", 20), strings.Repeat("long-", 9) + "lon-445566778899"},
		"It is the same whichever way the sid is written": {"VIP", "vip-445566778899"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Name(&twilio.Conversation{SID: sid, UniqueName: c.unique}); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestRemarksSayWhatTheManifestCannot(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	conv := &twilio.Conversation{
		SID: "CHaabbccddeeff00112233445566778899", State: twilio.StateInitializing, UniqueName: "..\n", FriendlyName: strings.Repeat("x", 257),
		Attributes: `{"n":1e400}`, Timers: twilio.Timers{DateInactive: &at, DateClosed: &at},
	}
	text, err := Head{}.Manifest(conv)
	if err != nil {
		t.Fatal(err)
	}
	comments, _, _ := strings.Cut(string(text), "apiVersion")
	want := `# timers.inactive: the timer runs out at 2026-01-02T03:04:05Z. Twilio does not tell its duration, so the object leaves the timer unchanged.
# timers.closed: the timer runs out at 2026-01-02T03:04:05Z. Twilio does not tell its duration, so the object leaves the timer unchanged.
# uniqueName: left out, spec.uniqueName does not allow "..\n".
# friendlyName: left out, the text is too long.
# state: left out, Twilio is still setting the conversation up.
# attributes: left out, Kubernetes would not keep the attributes unchanged.
`
	if diff := cmp.Diff(want, comments); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestRemarksSayWhatKustomizeCannotBuild(t *testing.T) {
	conv := &twilio.Conversation{
		SID: "CHaabbccddeeff00112233445566778899", ChatServiceSID: "IS00000000000000000000000000000000", FriendlyName: "a\u0085b",
		Attributes: `{"a":"\u007f"}`, Bindings: &twilio.Bindings{Email: &twilio.EmailBinding{Address: "a@example.com", Name: "\u0092"}},
	}
	text, err := Head{Kustomize: true}.Manifest(conv)
	if err != nil {
		t.Fatal(err)
	}
	want := `# friendlyName: left out, kustomize would not keep the text unchanged.
# attributes: left out, Kubernetes would not keep the attributes unchanged.
# bindings.email.name: left out, kustomize would not keep the text unchanged.
apiVersion: twilio-operator.dev/v1alpha1
kind: Conversation
metadata:
  name: chaabbccddeeff00112233445566778899
spec:
  adoption:
    sid: CHaabbccddeeff00112233445566778899
  bindings:
    email:
      address: a@example.com
  chatServiceSid: IS00000000000000000000000000000000
  deletionPolicy: Retain
`
	if diff := cmp.Diff(want, string(text)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
