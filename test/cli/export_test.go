// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

const pageSize = 100

// exported is how many conversations are exported; a hundred thousand take a few minutes.
var exported = flag.Int("exported", 5000, "how many conversations are exported")

func seeded(t *testing.T, n int) *simulator.Server {
	t.Helper()
	s := newSimulator(t)
	at := time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC)
	if _, err := s.Seed("", n, func(i int, c *simulator.Conversation) {
		c.DateCreated, c.FriendlyName, c.Attributes = at.Add(time.Duration(i)*time.Second), "Support", `{"tier":"gold","tags":["a","b"]}`
	}); err != nil {
		t.Fatal(err)
	}
	return s
}

var adoption = regexp.MustCompile(`(?m)^ +sid: (CH[0-9a-f]{32})$`)

// sids are those in a file, or in the files of a folder. One that is there twice is there under its name and as a copy.
func sids(t *testing.T, path string) map[string]bool {
	t.Helper()
	var text bytes.Buffer
	err := filepath.WalkDir(path, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		text.Write(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	for _, match := range adoption.FindAllStringSubmatch(text.String(), -1) {
		if out[match[1]] {
			out[match[1]+" twice"] = true
		}
		out[match[1]] = true
	}
	listed := strings.Count(text.String(), "\n- ")
	if strings.Contains(text.String(), "kind: Kustomization") && listed != len(out) {
		t.Errorf("kustomization.yaml lists %d of %d files", listed, len(out))
	}
	return out
}

func TestConversationsThatAreNamedTwiceAreExportedOnce(t *testing.T) {
	s := newSimulator(t)
	have, err := s.Seed("", 1, func(_ int, c *simulator.Conversation) { c.UniqueName = "support" })
	if err != nil {
		t.Fatal(err)
	}
	service := "--service=" + simulator.DefaultServiceSID
	for name, args := range map[string][]string{
		"by its sid and by its name": {have[0], "support"},
		"by its service":             {service, service},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			offline(s).good(t, append([]string{"export", "--dir", dir, "--layout=kustomize"}, args...)...)
			if all := sids(t, dir); len(all) != 1 {
				t.Errorf("exported: %v", all)
			}
		})
	}
}

func TestAFolderIsAddedTo(t *testing.T) {
	s := newSimulator(t)
	const namespace = "added"
	newNamespace(t, s, namespace)
	have, err := s.Seed("", 2, func(int, *simulator.Conversation) {})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	sh := online(s, namespace)
	into := []string{"export", "--dir", dir, "--layout=kustomize"}
	sh.good(t, append(into, have[0])...)
	sh.good(t, append(into, have[1])...)
	if all := sids(t, dir); len(all) != 2 {
		t.Errorf("after one and the other there are %v", all)
	}
	more, err := s.Seed("", 1, func(int, *simulator.Conversation) {})
	if err != nil {
		t.Fatal(err)
	}
	r := sh.run(t, into...)
	if r.code != 1 || !strings.Contains(r.stderr, dir+" already contains manifests") || len(sids(t, dir)) != 2 {
		t.Errorf("it ended with %d: %s", r.code, r.stderr)
	}
	sh.good(t, append(into, "--unmanaged")...)
	if all := sids(t, dir); len(all) != 3 || !all[more[0]] {
		t.Errorf("with what is new there are %v", all)
	}
}

func TestWhatKustomizeBuildsIsWhatWasExported(t *testing.T) {
	s := newSimulator(t)
	odd := []string{"Grüße 👋🏽", "a\u2028b", "\ufeffmark", "yes", "a\u0085b", "a\u007fb", "a\u0092b", "a\ufffeb"}
	if _, err := s.Seed("", 2*len(odd), func(i int, c *simulator.Conversation) {
		if text := odd[i/2]; i%2 == 0 {
			c.FriendlyName, c.Email.Name = text, text
		} else {
			c.Attributes = `{"text":"` + text + `"}`
		}
	}); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	sh := offline(s)
	sh.good(t, "export", "--dir", dir, "--layout=kustomize")
	built, err := bed.Kubectl(t.Context(), "kustomize", dir)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "built.yaml")
	if err := os.WriteFile(file, []byte(built), 0o600); err != nil {
		t.Fatal(err)
	}
	told := sh.plan(t, "--offline", "-f", file)
	for _, p := range told {
		if p.Action != "adopt" {
			t.Errorf("plan tells %+v", p)
		}
	}
	if len(told) != 2*len(odd) || strings.Count(built, "friendlyName:") != 4 || strings.Count(built, "attributes:") != 4 {
		t.Errorf("%d objects:\n%s", len(told), built)
	}
}

func TestWhatCannotBeExportedDoesNotKeepTheRest(t *testing.T) {
	s := newSimulator(t)
	have, err := s.Seed("", 1, func(_ int, c *simulator.Conversation) { c.UniqueName = "support" })
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	missing := "CH" + strings.Repeat("0", 32)
	r := offline(s).run(t, "export", "--dir", dir, missing, "support")
	if r.code != 1 || !strings.Contains(r.stderr, "error: "+missing+": ") || !strings.Contains(r.stderr, "1 of 2") {
		t.Errorf("it ended with %d: %s", r.code, r.stderr)
	}
	if all := sids(t, dir); len(all) != 1 || !all[have[0]] {
		t.Errorf("exported: %v", all)
	}
	if text, err := os.ReadFile(filepath.Join(dir, "failed.txt")); err != nil || string(text) != missing+"\n" {
		t.Errorf("failed.txt: %s%v", text, err)
	}
}
