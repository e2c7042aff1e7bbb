// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

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
