// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package retry

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// TestEveryWaitIsInTheTable reads the declarations, so that a wait cannot be used and left out of the docs.
func TestEveryWaitIsInTheTable(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "wait.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var declared, listed []string
	for _, d := range file.Decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.VAR {
			for _, s := range g.Specs {
				declared = append(declared, s.(*ast.ValueSpec).Names[0].Name)
			}
		}
	}
	for _, w := range Waits() {
		listed = append(listed, w.Name)
		if w.When == "" {
			t.Errorf("%s does not say when", w.Name)
		}
		if w.Most > 0 && w.Most <= w.For {
			t.Errorf("%s grows from %s to %s", w.Name, w.For, w.Most)
		}
	}
	if diff := cmp.Diff(declared, listed); diff != "" {
		t.Errorf("declared and listed (-declared +listed):\n%s", diff)
	}
}

func TestAWaitIsNeverShorterThanItSays(t *testing.T) {
	for _, w := range Waits() {
		for range 100 {
			got, most := w.After(), w.For
			if w.Jittered {
				most = w.For * 12 / 10
			}
			if got < w.For || got > most {
				t.Fatalf("%s is %s, want %s to %s", w.Name, got, w.For, most)
			}
		}
	}
}

func TestADoubledWait(t *testing.T) {
	for times, want := range map[int]time.Duration{
		0: 5 * time.Second, 1: 5 * time.Second, 2: 10 * time.Second, 6: 160 * time.Second, 7: 5 * time.Minute, 1 << 40: 5 * time.Minute,
	} {
		if got := Denied.Doubled(times); got != want {
			t.Errorf("after %d in a row: %s, want %s", times, got, want)
		}
	}
}

func TestTheKindOfAnError(t *testing.T) {
	answer := func(status, code int) error { return &twilio.Error{Status: status, Code: code} }
	for _, c := range []struct {
		name   string
		err    error
		want   Kind
		passes bool
	}{
		{"an error of Kubernetes", errors.New("etcdserver: request timed out"), Unknown, false},
		{"429", answer(429, 20429), Throttling, true},
		{"actions per second, under another status", answer(400, 50063), Throttling, true},
		{"401", answer(401, 20003), Denial, false},
		{"403", answer(403, 0), Denial, false},
		{"a conflicting change", answer(409, 50391), Conflicting, false},
		{"a name that is taken", answer(409, 50353), Conflicting, false},
		{"a conversation that is being set up", answer(400, 50386), Conflicting, false},
		{"a conversation that is not there", answer(404, 50350), Missing, false},
		{"a Region without Conversations, which is a refusal too", answer(400, 50385), NoRegion, false},
		{"a closed conversation", answer(400, 50377), Refusal, false},
		{"any other 4xx", answer(400, 0), Refusal, false},
		{"5xx", answer(503, 0), Unavailability, true},
		{"no answer", &twilio.Error{Err: errors.New("gone")}, Unavailability, true},
		{"a proxy's page", &twilio.Error{Status: 200, Err: errors.New("no JSON")}, Unavailability, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := KindOf(c.err); got != c.want || got.Passes() != c.passes {
				t.Errorf("got %d, passes: %t", got, got.Passes())
			}
		})
	}
}

func TestEveryKindHasARow(t *testing.T) {
	for i, f := range follows {
		if f.kind != Kind(i+1) {
			t.Errorf("row %d is of kind %d", i, f.kind)
		}
	}
	if last := follows[len(follows)-1].kind; last != Unavailability {
		t.Errorf("the last row is of kind %d", last)
	}
}

func TestThePageOfTheDocsIsCurrent(t *testing.T) {
	page, err := os.ReadFile("../../docs/retries.md")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(page), Markdown()); diff != "" {
		t.Errorf("docs/retries.md is out of date: go run ./hack/retries -o docs/retries.md (-want +got):\n%s", diff)
	}
}
