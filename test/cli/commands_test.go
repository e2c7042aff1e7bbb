// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

func TestAConversationIsAdoptedLookedAtAndReleased(t *testing.T) {
	s := newSimulator(t)
	const namespace = "commands"
	newNamespace(t, s, namespace)
	sh := online(s, namespace)
	made, err := s.Seed("", 1, func(_ int, c *simulator.Conversation) {
		c.FriendlyName, c.Attributes, c.Email = "VIP", `{"priority":1}`, simulator.Email{Address: "vip@example.com"}
	})
	if err != nil {
		t.Fatal(err)
	}
	sid := made[0]

	says(t, sh.good(t, "adopt", sid, "vip", "--dry-run"), "sid: "+sid)
	says(t, sh.good(t, "adopt", sid, "vip", "--wait"), "vip created", "vip Synced")
	if r := sh.run(t, "adopt", sid, "other"); r.code != 1 || !strings.Contains(r.stderr, "the Conversation commands/vip already manages conversation") {
		t.Errorf("adopted again: %d %s", r.code, r.stderr)
	}
	says(t, sh.good(t, "list", "--managed"), sid, "commands/vip")

	if err := s.Edit(sid, func(c *simulator.Conversation) { c.FriendlyName = "Drift" }); err != nil {
		t.Fatal(err)
	}
	r := sh.run(t, "drift")
	if r.code != 2 {
		t.Errorf("drift ended with %d: %s", r.code, r.stderr)
	}
	says(t, r.stdout, "friendlyName", "VIP", "Drift", "corrects")
	says(t, sh.good(t, "describe", "vip"), "commands/vip", "Synced", "friendly_name: Drift", "  attributes:\n    priority: 1\n",
		"projected_address: vip@example.com", `friendlyName: "Drift" -> "VIP"`, "Adopted conversation "+sid)
	says(t, sh.good(t, "reconcile", "vip", "--wait"), "vip Synced")
	if now, _ := s.Find(sid); now.FriendlyName != "VIP" {
		t.Errorf("Twilio has %q", now.FriendlyName)
	}
	sh.good(t, "drift")

	says(t, sh.good(t, "release", "vip"), sid+" stays at Twilio")
	err = bed.Client.Get(t.Context(), client.ObjectKey{Namespace: namespace, Name: "vip"}, &v1alpha1.Conversation{})
	if _, there := s.Find(sid); !apierrors.IsNotFound(err) || !there {
		t.Errorf("the object: %v, the conversation is there: %t", err, there)
	}
}

func TestWhatAdoptShowsReadsAsTheConversation(t *testing.T) {
	s := newSimulator(t)
	made, err := s.Seed("", 1, func(_ int, c *simulator.Conversation) {
		c.Attributes, c.Timers.Closed.Duration = `{"<<":{"a":1},"b":2}`, "P1D"
	})
	if err != nil {
		t.Fatal(err)
	}
	sh := offline(s)
	text := sh.good(t, "adopt", made[0], "vip", "--dry-run")
	says(t, text, "# timers.closed: the timer runs out at ", "\n  name: vip\n")
	file := filepath.Join(t.TempDir(), "vip.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if told := sh.plan(t, "--offline", "-f", file); len(told) != 1 || told[0].Action != "adopt" {
		t.Errorf("plan tells %+v", told)
	}
}

func TestAKeyThatIsRestrictedToConversationsIsEnough(t *testing.T) {
	s := newSimulator(t)
	const namespace = "restricted"
	newNamespace(t, s, namespace)
	if _, err := s.AddRule(simulator.Rule{
		Match: simulator.Match{Operation: "configuration"}, Effect: simulator.Effect{Status: 403, Code: 20403, Message: "Forbidden"},
	}); err != nil {
		t.Fatal(err)
	}
	sh := online(s, namespace)
	sh.good(t, "list")
	have, err := s.Seed("", 1, func(int, *simulator.Conversation) {})
	if err != nil {
		t.Fatal(err)
	}
	apply(t, sh.good(t, "export", have[0]))
	eventually(t, func(g Gomega) {
		var list v1alpha1.ConversationList
		g.Expect(bed.Client.List(t.Context(), &list, client.InNamespace(namespace))).To(Succeed())
		g.Expect(list.Items).To(HaveLen(1))
		g.Expect(list.Items[0].Status.SID).To(Equal(have[0]))
	})
	sh.good(t, "drift")
}

func TestARegionWithoutConversationsIsTold(t *testing.T) {
	s := newSimulator(t)
	if _, err := s.AddRule(simulator.Rule{
		Effect: simulator.Effect{Status: 400, Code: 50385, Message: "Conversations are disabled in this region"},
	}); err != nil {
		t.Fatal(err)
	}
	r := offline(s).run(t, "list")
	want := "error: Twilio answered 400: Conversations are disabled in this region (50385): use credentials of a Region that has Conversations, " +
		"us1 or (Chat only) ie1, and set region and edge of the account to it, or TWILIO_REGION and TWILIO_EDGE\n"
	if r.code != 1 || r.stderr != want {
		t.Errorf("it ended with %d: %s", r.code, r.stderr)
	}
}

const kubeconfig = `{"apiVersion":"v1","kind":"Config","clusters":[{"name":"c","cluster":{"server":"https://127.0.0.1:1"}}],
"contexts":[{"name":"c","context":{"cluster":"c","user":"c"}}],"users":[{"name":"c","user":{}}],"current-context":"c"}`

func TestWhatIsWrongIsSaidInOneLine(t *testing.T) {
	s := newSimulator(t)
	good := offline(s)
	with := func(env ...string) shell { return shell{env: slices.Concat(good.env, env), args: good.args} }
	nobody := filepath.Join(t.TempDir(), "kubeconfig")
	if err := os.WriteFile(nobody, []byte(kubeconfig), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		shell      shell
		args, want string
	}{
		"A wrong token": {with("TWILIO_AUTH_TOKEN=wrong-token"), "list",
			"error: Twilio answered 401: Authenticate (20003): correct the credentials of the environment"},
		"No token": {with("TWILIO_AUTH_TOKEN="), "list", "error: TWILIO_AUTH_TOKEN is not set, and TWILIO_ACCOUNT_SID is: set both"},
		"A region without its edge": {with("TWILIO_REGION=ie1"), "list",
			`error: TWILIO_REGION is "ie1", and TWILIO_EDGE is not set: set both, such as TWILIO_EDGE=dublin for ie1; without an edge, Twilio answers from us1`},
		"No credentials and no cluster": {with("TWILIO_AUTH_TOKEN=", "TWILIO_ACCOUNT_SID="), "list",
			"error: there are no credentials: set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN, or name an account of the cluster with --account or --cluster-account: " +
				"no cluster is configured: set KUBECONFIG, or --kubeconfig and --context"},
		"No cluster": {with("KUBECONFIG=" + nobody), "list --managed",
			"error: no Kubernetes cluster answers at https://127.0.0.1:1: check --kubeconfig and --context, and whether the cluster runs"},
		"No network": {shell{env: good.env, args: []string{"--twilio-base-url=http://127.0.0.1:1"}}, "export",
			"error: no answer from Twilio: connection refused: check the network, TWILIO_REGION and TWILIO_EDGE, or --twilio-base-url, and run the command again"},
		"No file":                     {good, "plan --offline --cluster-name=x -f nothing.yaml", `error: the path "nothing.yaml" does not exist`},
		"A command that there is not": {good, "lst", `error: there is no command "lst": did you mean list or get`},
		"Too few arguments":           {good, "adopt x", "error: wrong number of arguments: the usage is kubectl conversations adopt SID NAME [flags]"},
		"Nothing to plan":             {good, "plan", "error: plan needs -f FILENAME, -k FOLDER or --server"},
		"No cluster to plan for": {good, "plan -f nothing.yaml",
			"error: no cluster is configured: set KUBECONFIG, or --kubeconfig and --context, or plan without a cluster with --offline"},
		"Two accounts": {good, "list --account a --cluster-account b",
			"error: if any flags in the group [account cluster-account] are set none of the others can be; [account cluster-account] were all set"},
		"A bad state": {good, "list --state gone", `error: --state "gone" is not a state: give active, inactive or closed`},
		"A span that ends before it begins": {good, "list --created-after 2026-02-01 --created-before 2026-01-01",
			"error: --created-before must be later than --created-after"},
		"A flag that there is not": {good, "list --all", "error: unknown flag: --all: see kubectl conversations list --help"},
		"A bad service to look into": {good, "adopt CH11111111111111111111111111111111 vip --service default",
			`error: --service "default" is not the sid of a Conversation Service: give IS and 32 hexadecimal digits`},
		"A bad service to search": {good, "orphans --service default",
			`error: --service "default" is not the sid of a Conversation Service: give IS and 32 hexadecimal digits`},
		"Names and a filter": {good, "export vip --state closed", "error: --state cannot be combined with names: leave out the flag or the names"},
		"A bad date": {good, "list --created-after yesterday",
			`error: --created-after "yesterday" is not a date: give a date such as 2026-01-31 or 2026-01-31T12:00:00Z`},
	} {
		t.Run(name, func(t *testing.T) {
			r := c.shell.run(t, strings.Fields(c.args)...)
			if r.code != 1 || r.stderr != c.want+"\n" || r.stdout != "" {
				t.Errorf("it ended with %d and told:\n%s%swant:\n%s", r.code, r.stdout, r.stderr, c.want)
			}
			if strings.Contains(r.stderr, "wrong-token") || strings.Contains(r.stderr, simulator.DefaultAuthToken) {
				t.Error("it shows credentials")
			}
		})
	}
}

func TestWhoseOperatorDoesNotRunIsTold(t *testing.T) {
	s := newSimulator(t)
	const namespace = "nobody"
	o := &v1alpha1.Conversation{}
	o.Namespace, o.Name, o.Finalizers = namespace, "vip", []string{v1alpha1.Finalizer}
	if err := errors.Join(
		bed.Client.Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}), bed.Client.Create(t.Context(), o),
	); err != nil {
		t.Fatal(err)
	}
	sh := online(s, namespace)
	r := sh.run(t, "list", "--account=other")
	if want := "error: there is no TwilioAccount nobody/other: check --account and --namespace\n"; r.code != 1 || r.stderr != want {
		t.Errorf("without the account it ended with %d: %s", r.code, r.stderr)
	}
	r = sh.run(t, "list", "--cluster-account=other")
	if want := "error: there is no ClusterTwilioAccount other: check --cluster-account\n"; r.code != 1 || r.stderr != want {
		t.Errorf("without the cluster's account it ended with %d: %s", r.code, r.stderr)
	}
	r = sh.run(t, "reconcile", "vip", "--wait", "--timeout=1ns")
	want := "error: the operator did not reconcile Conversation nobody/vip in time: check that the operator runs, or wait longer with --timeout\n"
	if r.code != 1 || r.stderr != want {
		t.Errorf("reconcile ended with %d: %s", r.code, r.stderr)
	}
	cmd := sh.command(t.Context(), "release", "vip")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, func(g Gomega) {
		g.Expect(bed.Client.Get(t.Context(), client.ObjectKeyFromObject(o), o)).To(Succeed())
		g.Expect(o.DeletionTimestamp).NotTo(BeNil())
	})
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != 130 || stderr.String() != "error: interrupted\n" {
		t.Errorf("release ended with %d: %s", code, &stderr)
	}
	o.Finalizers = nil
	if err := bed.Client.Update(t.Context(), o); err != nil {
		t.Fatal(err)
	}
}

func TestTextThatYAMLCannotHoldAsItIsIsShown(t *testing.T) {
	s := newSimulator(t)
	const odd = "\ufeffa\u007fb\u0092"
	if _, err := s.Seed("", 1, func(_ int, c *simulator.Conversation) { c.FriendlyName = odd }); err != nil {
		t.Fatal(err)
	}
	sh := offline(s)
	says(t, sh.good(t, "list", "-o", "yaml"), `friendly_name: "\ufeffa\u007fb\u0092"`)
	file := filepath.Join(t.TempDir(), "all.yaml")
	sh.good(t, "export", "--file", file)
	if told := sh.plan(t, "--offline", "-f", file); len(told) != 1 || told[0].Action != "adopt" {
		t.Errorf("plan tells %+v", told)
	}
}

func TestPlanIsInterruptedWhileItWaitsForManifests(t *testing.T) {
	s := newSimulator(t)
	cmd := offline(s).command(t.Context(), "plan", "--offline", "--cluster-name="+clusterName, "-f", "-")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdin, err := cmd.StdinPipe()
	if err := errors.Join(err, cmd.Start()); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stdin.Close() }()
	// The credentials are tried before the manifests are read.
	eventually(t, func(g Gomega) { g.Expect(s.Counts().Operation("configuration")).To(Equal(1)) })
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != 130 || stderr.String() != "error: interrupted\n" {
		t.Errorf("it ended with %d: %s", code, &stderr)
	}
}

func says(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q is not in:\n%s", part, text)
		}
	}
}
