// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"

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

func TestAnExportThatIsKilledGoesOnWhereItWas(t *testing.T) {
	// A folder needs no more proof than a few pages.
	few := min(*exported, 2000)
	t.Run("a file", func(t *testing.T) { goesOn(t, *exported, "--file", "all.yaml") })
	t.Run("a folder", func(t *testing.T) { goesOn(t, few, "--dir", "all") })
	t.Run("a kustomized folder", func(t *testing.T) { goesOn(t, few, "--dir", "all", "--layout", "kustomize") })
}

// goesOn kills an export of n conversations half-way, and continues it.
func goesOn(t *testing.T, n int, target ...string) {
	s := seeded(t, n)
	sh := offline(s)
	path := filepath.Join(t.TempDir(), target[1])
	args := append([]string{"export", target[0], path}, target[2:]...)
	killed(t, s, sh, n/pageSize/2, args...)
	if r := sh.run(t, args...); r.code != 1 || !strings.Contains(r.stderr, "--resume") {
		t.Errorf("without --resume it ended with %d: %s", r.code, r.stderr)
	}
	kilobytes := resumed(t, s, sh, append(args, "--resume")...)
	if kilobytes > memory {
		t.Errorf("it took %d KiB of memory", kilobytes)
	}
	if all := sids(t, path); len(all) != n {
		t.Errorf("%d of %d conversations were exported, or some twice", len(all), n)
	}
	// The page that was asked for when it was killed is the only one that is asked for again.
	if lists := s.Counts().Operation("list"); lists > n/pageSize+1 {
		t.Errorf("%d requests for %d pages", lists, n/pageSize)
	}
	for _, pattern := range []string{path + ".progress", filepath.Join(path, ".export-progress")} {
		if left, err := filepath.Glob(pattern); err != nil || len(left) > 0 {
			t.Errorf("%v is left behind", left)
		}
	}
	t.Logf("%d conversations, %d requests, %d KiB of memory", n, s.Counts().Operation("list"), kilobytes)
}

// resumed runs the plugin to its end, and answers how much memory it took at most until its last page.
func resumed(t *testing.T, s *simulator.Server, sh shell, args ...string) (kilobytes int) {
	t.Helper()
	pages := len(s.Conversations("")) / pageSize
	// Half of the pages were read before.
	rule := hold(t, s, pages-pages/2-1)
	cmd := sh.command(t.Context(), args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, func(g Gomega) { g.Expect(s.Held()).To(Equal(1)) })
	kilobytes = peak(cmd.Process.Pid)
	if err := errors.Join(s.ReleaseRule(rule), s.RemoveRule(rule), cmd.Wait()); err != nil {
		t.Fatalf("%v: %s", err, &stderr)
	}
	return kilobytes
}

// peak is the largest resident memory of a process so far, where the system tells: what a process was given at its end
// counts the memory of the one that started it, too.
func peak(pid int) (kilobytes int) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	if found := regexp.MustCompile(`(?m)^VmHWM:\s+(\d+) kB$`).FindSubmatch(text); found != nil {
		kilobytes, _ = strconv.Atoi(string(found[1]))
	}
	return kilobytes
}

// killed runs the plugin until it asks for a page after so many, and kills it.
func killed(t *testing.T, s *simulator.Server, sh shell, after int, args ...string) {
	t.Helper()
	rule := hold(t, s, after)
	cmd := sh.command(t.Context(), args...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, func(g Gomega) { g.Expect(s.Held()).To(Equal(1)) })
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if err := errors.Join(s.ReleaseRule(rule), s.RemoveRule(rule)); err != nil {
		t.Fatal(err)
	}
}

// hold makes Twilio keep the request after so many lists waiting.
func hold(t *testing.T, s *simulator.Server, after int) (rule string) {
	t.Helper()
	rule, err := s.AddRule(simulator.Rule{
		Match: simulator.Match{Operation: "list", Skip: after, Count: 1}, Effect: simulator.Effect{Hold: true},
	})
	if err != nil {
		t.Fatal(err)
	}
	return rule
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

func TestAnInterruptedExportSaysHowToGoOn(t *testing.T) {
	s := seeded(t, 5*pageSize)
	hold(t, s, 2)
	dir := filepath.Join(t.TempDir(), "conversations")
	cmd := offline(s).command(t.Context(), "export", "--dir", dir)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, func(g Gomega) { g.Expect(s.Held()).To(Equal(1)) })
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	want := "Interrupted: 200 conversations are in " + dir + ". To continue, run the same command with --resume.\n"
	if got := stderr.String(); got != want || cmd.ProcessState.ExitCode() != 130 {
		t.Errorf("it ended with %d: %s", cmd.ProcessState.ExitCode(), got)
	}
}

func TestAnotherExportIsNotContinued(t *testing.T) {
	s := seeded(t, 3*pageSize)
	file := filepath.Join(t.TempDir(), "all.yaml")
	sh := offline(s)
	killed(t, s, sh, 1, "export", "--file", file)
	if r := sh.run(t, "export", "--file", file, "--resume", "--state=closed"); r.code != 1 || !strings.Contains(r.stderr, "--restart") {
		t.Errorf("it ended with %d: %s", r.code, r.stderr)
	}
	sh.good(t, "export", "--file", file, "--restart")
	if all := sids(t, file); len(all) != 3*pageSize {
		t.Errorf("%d conversations", len(all))
	}
}

func TestOnlyWhatWasInterruptedIsContinued(t *testing.T) {
	const other, token = "AC22222222222222222222222222222222", "another-token"
	for name, c := range map[string]struct {
		target, env, again []string
		lose               bool
		want               string
	}{
		"Not with another account": {
			target: []string{"--file", "all.yaml"}, env: []string{"TWILIO_ACCOUNT_SID=" + other, "TWILIO_AUTH_TOKEN=" + token},
			want: "the interrupted export had other flags or another account",
		},
		"Not in another layout": {target: []string{"--dir", "all"}, again: []string{"--layout=kustomize"},
			want: "the interrupted export had other flags or another account"},
		"Not where what was written is gone": {
			target: []string{"--file", "all.yaml"}, lose: true, want: "is shorter than the interrupted export left it",
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := seeded(t, 3*pageSize)
			if err := s.AddAccount(other, token); err != nil {
				t.Fatal(err)
			}
			sh := offline(s)
			path := filepath.Join(t.TempDir(), c.target[1])
			args := []string{"export", c.target[0], path}
			killed(t, s, sh, 1, args...)
			if c.lose {
				if err := os.Remove(path); err != nil {
					t.Fatal(err)
				}
			}
			sh.env = append(sh.env, c.env...)
			r := sh.run(t, slices.Concat(args, c.again, []string{"--resume"})...)
			if r.code != 1 || !strings.Contains(r.stderr, c.want) || !strings.HasSuffix(r.stderr, "begin anew with --restart\n") {
				t.Errorf("it ended with %d: %s", r.code, r.stderr)
			}
		})
	}
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

func TestNamesThatAreExportedAnewLeaveNothingToContinue(t *testing.T) {
	s := seeded(t, 3*pageSize)
	file := filepath.Join(t.TempDir(), "all.yaml")
	sh := offline(s)
	killed(t, s, sh, 1, "export", "--file", file)
	sh.good(t, "export", "--file", file, "--restart", s.Conversations("")[0].SID)
	sh.good(t, "export", "--file", file)
	if all := sids(t, file); len(all) != 3*pageSize {
		t.Errorf("%d conversations", len(all))
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
