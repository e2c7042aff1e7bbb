// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/cli"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

// The conversations that the examples name.
const (
	vipSID    = "CH11111111111111111111111111111111"
	berlinSID = "CH22222222222222222222222222222222"
	closedSID = "CH33333333333333333333333333333333"
	lostSID   = "CH44444444444444444444444444444444"
)

// example is a line of the help of a command, and what comes of it.
type example struct {
	line string
	// code is the one it ends with, and says what it prints.
	code int
	says []string
	// before is what happens at Twilio before.
	before func(*simulator.Server) error
	// file is what it writes, and holds what is in there.
	file, holds string
}

func vipDrifts(s *simulator.Server) error {
	return s.Edit(vipSID, func(c *simulator.Conversation) { c.FriendlyName = "Drift" })
}

// examples are in the order in which somebody would try them.
var examples = []example{
	{line: `printf '#!/bin/sh\nexec kubectl-conversations __complete "$@"\n' > kubectl_complete-conversations`},
	{line: "chmod +x kubectl_complete-conversations"},
	{line: "kubectl conversations list --unmanaged", says: []string{vipSID, berlinSID, closedSID, "support-berlin"}},
	{line: "kubectl conversations list --state closed --created-after 2026-01-01 -o name", says: []string{closedSID}},
	{line: "kubectl conversations list --start-date 2026-01-01 --end-date 2026-01-31 --all-services", says: []string{"No conversations found."}},
	{line: "kubectl conversations list --by-activity --limit 5", says: []string{vipSID, berlinSID, closedSID, lostSID}},
	{line: "kubectl conversations get support-berlin", says: []string{"sid: " + berlinSID, "unique_name: support-berlin", "state: active"}},
	{line: "kubectl conversations get support-berlin -o name", says: []string{berlinSID + "\n"}},
	{line: "kubectl conversations export > conversations.yaml", file: "conversations.yaml", holds: "sid: " + vipSID},
	{line: "kubectl conversations export --unmanaged --dir conversations --layout kustomize", file: "conversations/kustomization.yaml", holds: "- support-berlin"},
	{line: "kubectl conversations export --unmanaged --dir conversations --layout kustomize --resume",
		file: "conversations/kustomization.yaml", holds: "- support-berlin"},
	{line: "kubectl conversations export --dir fleet --layout argocd --repo-url https://git.example.com/fleet.git --repo-path conversations",
		file: "fleet/application.yaml", holds: `repoURL: "https://git.example.com/fleet.git"`},
	{line: "kubectl conversations export " + vipSID + " support-berlin -n support", says: []string{vipSID, berlinSID, "namespace: support"}},
	{line: "kubectl conversations plan -f conversations/ -o markdown", says: []string{"**Twilio Conversations:** 4 to adopt."}},
	{line: "kubectl conversations plan -f conversations/ --offline --cluster-name production", says: []string{"4 to adopt."}},
	{line: "kubectl conversations plan -k conversations", says: []string{"4 to adopt."}},
	{line: "kubectl kustomize conversations | kubectl conversations plan -f -", says: []string{"4 to adopt."}},
	{line: "kubectl conversations adopt " + vipSID + " vip --dry-run", says: []string{"sid: " + vipSID}},
	{line: "kubectl conversations adopt " + vipSID + " vip --wait", says: []string{"vip created", "vip Synced"}},
	{line: "kubectl conversations describe vip", says: []string{"support/vip", "Adopted conversation " + vipSID, "Drift:\n  none"}},
	{line: "kubectl conversations drift", code: cli.ExitFound, says: []string{"friendlyName", "Drift"}, before: vipDrifts},
	{line: "kubectl conversations drift vip -o yaml", code: cli.ExitFound, says: []string{"desired: VIP", "observed: Drift"}},
	{line: "kubectl conversations plan --server --all-namespaces", code: cli.ExitFound, says: []string{`friendlyName: "Drift" -> "VIP"`, "1 to update."}},
	{line: "kubectl conversations reconcile vip --wait", says: []string{"vip Synced"}},
	{line: "kubectl conversations reconcile --all", says: []string{"vip asked"}},
	{line: "kubectl conversations orphans"},
	{line: "kubectl conversations orphans --any-cluster -o json", code: cli.ExitFound, says: []string{lostSID}},
	{line: "kubectl conversations release vip", says: []string{vipSID + " stays at Twilio"}},
}

func TestEveryExampleDoesWhatItSays(t *testing.T) {
	var lines []string
	for i := range examples {
		lines = append(lines, examples[i].line)
	}
	slices.Sort(lines)
	if diff := cmp.Diff(helped(), lines); diff != "" {
		t.Fatalf("examples of the help that are not tried (-), and the other way round (+):\n%s", diff)
	}
	s := newSimulator(t)
	settle(t, s)
	const namespace = "support"
	forget(t)
	newNamespace(t, s, namespace)
	u := newUser(t, s, namespace)
	for i := range examples {
		e := &examples[i]
		if e.before != nil {
			if err := e.before(s); err != nil {
				t.Fatal(err)
			}
		}
		u.try(t, e)
	}
	u.try(t, &example{line: "kubectl __complete conversations rec", says: []string{"reconcile"}})
	u.try(t, &example{line: "kubectl __complete conversations export --layout ''", says: []string{"argocd"}})
	if n := writes(s); n != 1 {
		t.Errorf("Twilio was asked for %d changes; the drift that was corrected is one", n)
	}
}

// helped are the lines of all examples in the help, sorted.
func helped() (lines []string) {
	commands := []*cobra.Command{cli.New(genericiooptions.NewTestIOStreamsDiscard(), os.Getenv)}
	for len(commands) > 0 {
		for line := range strings.Lines(commands[0].Example) {
			if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
				lines = append(lines, line)
			}
		}
		commands = append(commands[1:], commands[0].Commands()...)
	}
	slices.Sort(lines)
	return lines
}

// settle puts what the examples name at Twilio.
func settle(t *testing.T, s *simulator.Server) {
	t.Helper()
	at := time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)
	all := []simulator.Conversation{
		{SID: vipSID, FriendlyName: "VIP", State: simulator.Active},
		{SID: berlinSID, UniqueName: "support-berlin", State: simulator.Active},
		{SID: closedSID, State: simulator.Closed},
		{SID: lostSID, UniqueName: plan.GeneratedName("another", "a", "b"), State: simulator.Active},
	}
	if _, err := s.Seed("", len(all), func(i int, c *simulator.Conversation) {
		service := c.ServiceSID
		*c = all[i]
		c.ServiceSID, c.DateCreated = service, at
	}); err != nil {
		t.Fatal(err)
	}
}

// forget removes what other tests left in the cluster, at which no manager is at work any more.
func forget(t *testing.T) {
	t.Helper()
	var list v1alpha1.ConversationList
	if err := bed.Client.List(t.Context(), &list); err != nil {
		t.Fatal(err)
	}
	for i := range list.Items {
		o := &list.Items[i]
		o.Finalizers = nil
		if err := errors.Join(bed.Client.Update(t.Context(), o), bed.Client.Delete(t.Context(), o)); err != nil {
			t.Fatal(err)
		}
	}
}

// user is somebody at a shell, in a folder and a namespace.
type user struct {
	dir string
	env []string
}

func newUser(t *testing.T, s *simulator.Server, namespace string) *user {
	t.Helper()
	dir := t.TempDir()
	config, err := clientcmd.LoadFromFile(bed.Kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	config.Contexts[config.CurrentContext].Namespace = namespace
	kubeconfig := filepath.Join(dir, "kubeconfig")
	if err := clientcmd.WriteToFile(*config, kubeconfig); err != nil {
		t.Fatal(err)
	}
	path := []string{dir, filepath.Dir(plugin), os.Getenv("KUBEBUILDER_ASSETS"), os.Getenv("PATH")}
	return &user{dir, []string{
		"HOME=" + dir, "KUBECONFIG=" + kubeconfig, "TWILIO_BASE_URL=" + s.URL, "PATH=" + strings.Join(path, string(os.PathListSeparator)),
	}}
}

func (u *user) try(t *testing.T, e *example) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "sh", "-c", e.line)
	cmd.Dir, cmd.Env = u.dir, u.env
	if strings.Contains(e.line, "--offline") {
		cmd.Env = append(slices.Clone(u.env), "TWILIO_ACCOUNT_SID="+simulator.DefaultAccountSID, "TWILIO_AUTH_TOKEN="+simulator.DefaultAuthToken)
	}
	out, err := cmd.CombinedOutput()
	if _, ended := errors.AsType[*exec.ExitError](err); err != nil && !ended {
		t.Fatal(err)
	}
	if code := cmd.ProcessState.ExitCode(); code != e.code {
		t.Errorf("%s\nended with %d, not %d", e.line, code, e.code)
	}
	says(t, string(out), e.says...)
	if e.file != "" {
		text, err := os.ReadFile(filepath.Join(u.dir, e.file))
		if err != nil {
			t.Error(err)
		}
		says(t, string(text), e.holds)
	}
	if t.Failed() {
		t.Fatalf("%s printed:\n%s", e.line, out)
	}
}
