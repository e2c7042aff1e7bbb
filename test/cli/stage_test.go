// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package cli tests the kubectl plugin's binary: against the simulator, and together with a cluster and the manager.
package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/go-logr/logr"
	. "github.com/onsi/gomega"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/conversations-operator/conversations-operator/internal/cli"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
	"github.com/conversations-operator/conversations-operator/test/testbed"
)

const (
	// patience is how long one thing may take on a busy machine.
	patience = 5 * time.Minute
	poll     = 20 * time.Millisecond

	clusterName  = "production"
	otherService = "ISbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
)

// bed is a control plane that all tests share; those that need none do not touch what is in it.
var bed *testbed.Bed

// plugin is the path of the binary.
var plugin string

func TestMain(m *testing.M) {
	ctrl.SetLogger(logr.Discard())
	os.Exit(run(m))
}

func run(m *testing.M) int {
	ctx := context.Background()
	var err error
	if bed, err = testbed.Start(ctx, testbed.Options{}); err != nil {
		panic(err)
	}
	defer func() { _ = bed.Close() }()
	if plugin, err = bed.Build(ctx, "./cmd/kubectl-conversations"); err != nil {
		panic(err)
	}
	if err := bed.Install(ctx); err != nil {
		panic(err)
	}
	return m.Run()
}

// result is what became of a run of the plugin.
type result struct {
	stdout, stderr string
	code           int
}

// shell is where the plugin is run: the variables of the environment and the flags that all runs have.
type shell struct {
	env  []string
	args []string
}

// offline knows Twilio and no cluster.
func offline(s *simulator.Server) shell {
	return shell{
		env: []string{
			"KUBECONFIG=" + filepath.Join(bed.Dir, "no-kubeconfig"),
			"TWILIO_ACCOUNT_SID=" + simulator.DefaultAccountSID, "TWILIO_AUTH_TOKEN=" + simulator.DefaultAuthToken,
		},
		args: []string{"--twilio-base-url=" + s.URL},
	}
}

// online knows the cluster, and Twilio through the account in it.
func online(s *simulator.Server, namespace string) shell {
	return shell{env: []string{"KUBECONFIG=" + bed.Kubeconfig}, args: []string{"--twilio-base-url=" + s.URL, "--namespace=" + namespace}}
}

func (s shell) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, plugin, append(args, s.args...)...)
	// Nothing of the environment of whoever runs the tests gets in.
	cmd.Env = append([]string{"HOME=" + bed.Dir, "PATH=" + os.Getenv("PATH")}, s.env...)
	return cmd
}

func (s shell) run(t *testing.T, args ...string) result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd := s.command(t.Context(), args...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if _, ended := errors.AsType[*exec.ExitError](err); err != nil && !ended {
		t.Fatal(err)
	}
	return result{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

// good runs the plugin, which must end well.
func (s shell) good(t *testing.T, args ...string) string {
	t.Helper()
	r := s.run(t, args...)
	if r.code != 0 {
		t.Fatalf("%v ended with %d:\n%s%s", args, r.code, r.stdout, r.stderr)
	}
	return r.stdout
}

// planned is a line of what plan tells.
type planned struct {
	Name    string `json:"name"`
	Changes []struct {
		Field string `json:"field"`
	} `json:"changes"`
	Action  string   `json:"action"`
	Steps   []string `json:"steps"`
	End     string   `json:"end"`
	Reason  string   `json:"reason"`
	Message string   `json:"message"`
}

func (s shell) plan(t *testing.T, args ...string) []planned {
	t.Helper()
	r := s.run(t, append([]string{"plan", "-o", "json", "--cluster-name=" + clusterName}, args...)...)
	var out []planned
	if err := json.Unmarshal([]byte(r.stdout), &out); err != nil {
		t.Fatalf("plan %v ended with %d: %v\n%s%s", args, r.code, err, r.stdout, r.stderr)
	}
	if want := codeOf(out); r.code != want {
		t.Errorf("plan %v ended with %d, not %d:\n%s", args, r.code, want, r.stdout)
	}
	return out
}

// codeOf is the exit code that the help of plan promises.
func codeOf(out []planned) int {
	code := 0
	for _, p := range out {
		switch {
		case p.End == "Refuse":
			return cli.ExitRefused
		case slices.ContainsFunc(p.Steps, func(step string) bool { return step != "Adopt" }):
			code = cli.ExitFound
		}
	}
	return code
}

func newSimulator(t *testing.T) *simulator.Server {
	t.Helper()
	s, err := simulator.Start(simulator.Options{Services: []string{otherService}, RequestLog: 1 << 16})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// newNamespace is one with an account that is ready, and a manager at work.
func newNamespace(t *testing.T, s *simulator.Server, name string) {
	t.Helper()
	m, err := bed.StartManager(t.Context(), testbed.ManagerOptions{
		Args: []string{"--cluster-name=" + clusterName, "--twilio-base-url=" + s.URL, "--watch-namespaces=" + name},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Stop(); err != nil {
			t.Error(err)
		}
	})
	tenant := testbed.FirstTenant(name)
	if err := tenant.Create(t.Context(), bed.Client); err != nil {
		t.Fatal(err)
	}
	if _, err := bed.Kubectl(t.Context(), "wait", "-n", name, "twilioaccount/default", "--for=condition=Ready", "--timeout=1m"); err != nil {
		t.Fatal(err)
	}
}

// writes are the requests to Twilio that were to change something.
func writes(s *simulator.Server) int { return s.Counts().Total() - s.Counts().Method("GET") }

// eventually asks until the assertions hold.
func eventually(t *testing.T, f func(Gomega)) {
	t.Helper()
	NewWithT(t).Eventually(f).WithContext(t.Context()).WithTimeout(patience).WithPolling(poll).Should(Succeed())
}
