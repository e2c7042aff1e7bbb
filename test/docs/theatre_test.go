// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/conversations-operator/conversations-operator/test/testbed"
	"github.com/conversations-operator/conversations-operator/test/testbed/stage"
)

// patience is how long one block may take: some have dozens of commands, and a busy machine takes a second for each.
const patience = 5 * time.Minute

// prelude makes scripts work on 127.0.0.1: no target of make is made, and the operator's own programs only read their
// arguments.
const prelude = `set -euo pipefail
make() { command make -n -C "$ROOT" "$@" >/dev/null; }
helm() ( # upgrade --install ARGS: the operator runs already, so it is only rendered; test/install installs it
  shift 2
  cd "$ROOT" && command helm template "${@/#oci:\/\/ghcr.io\/conversations-operator\//}" >/dev/null
)
docker() { [[ "$*" == "load --input dist/image-linux-amd64.tar" ]]; } # hack/tools/image reads its archives as these three do
kind() { [[ "$*" == "load image-archive dist/image-linux-amd64.tar" ]]; }
crane() { [[ "$1 $2" == "push dist/image" ]]; }
curl() { command curl --no-progress-meter --fail-with-body "$@"; }
kubectl() { # logs: the manager is no pod here, and writes into a file
  if [[ "$1" == logs ]]; then cat "$LOG"; else command kubectl "$@"; fi
}
go() {
  case "$1 $2" in
  "run ./cmd") "$BIN/manager" "${@:3}" --help 2>/dev/null ;;
  "run ./cmd/twilio-simulator") "$BIN/twilio-simulator" "${@:3}" --help 2>/dev/null ;;
  "install github.com/conversations-operator/conversations-operator/cmd/kubectl-conversations@latest") command -v kubectl-conversations >/dev/null ;;
  *) echo "go $*: not known here" >&2; return 1 ;;
  esac
}
`

// helpers are for the scripts that readers do not see.
const helpers = `
reason() { # KIND/NAME REASON: Ready has that reason
  kubectl wait "$1" --for=jsonpath='{.status.conditions[?(@.type=="Ready")].reason}'="$2" --timeout=30s
}
look() { # KIND/NAME: a look is taken now
  local now="now-$RANDOM"
  kubectl annotate --overwrite "$1" twilio-operator.dev/reconcile-requested-at="$now"
  kubectl wait "$1" --for=jsonpath='{.status.lastHandledReconcileAt}'="$now" --timeout=30s
}
event() { # KIND/NAME REASON: that event was told
  local told until=$((SECONDS + 30))
  while ((SECONDS < until)); do
    told="$(kubectl events --for "$1")"
    if [[ "$told" == *" $2 "* ]]; then return; fi
  done
  echo "no event $2: $told" >&2
  return 1
}
sid() { kubectl get conversation "$1" -o jsonpath='{.status.sid}'; }
twilio() { # METHOD PATH [BODY] at the control port of the simulator
  curl -X "$1" ${3:+-d "$3"} "$TWILIO$2"
}
`

const dryPrelude = `kubectl() { command kubectl "$@" --dry-run=server; }
`

// theatre is where pages are played.
type theatre struct {
	*stage.Stage
	// helm is the path of helm.
	helm string
}

func newTheatre(t *testing.T) *theatre {
	t.Helper()
	all, err := stage.Start(t.Context(), stage.Props{Samples: true, Cluster: "production", Managers: []testbed.ManagerOptions{{}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := all.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := all.Bed.Build(t.Context(), "./cmd/kubectl-conversations"); err != nil {
		t.Fatal(err)
	}
	helm, err := testbed.Tool(t.Context(), "helm")
	if err != nil {
		t.Fatal(err)
	}
	return &theatre{Stage: all, helm: helm}
}

// scene is a section being played, in a namespace of its own.
type scene struct {
	*theatre
	namespace, dir, kubeconfig string
}

// account is what every section may take for granted.
const account = `kubectl apply -f config/samples/twilio-operator_v1alpha1_twilioaccount.yaml
kubectl wait twilioaccount default --for=condition=Ready --timeout=30s`

// logShown is how much of the manager's log is shown, in bytes.
const logShown = 8 << 10

// maxName is the longest name of a namespace.
const maxName = 63

var notName = regexp.MustCompile(`[^a-z0-9]+`)

func (s *theatre) newScene(t *testing.T, page, title string) *scene {
	t.Helper()
	name := strings.ToLower(short(page) + " " + title)
	name = notName.ReplaceAllString(name, "-")
	c := &scene{theatre: s, namespace: strings.Trim(name[:min(len(name), maxName)], "-"), dir: t.TempDir()}
	c.kubeconfig = filepath.Join(c.dir, "kubeconfig")
	config, err := clientcmd.LoadFromFile(s.Bed.Kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	config.Contexts[config.CurrentContext].Namespace = c.namespace
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: c.namespace}}
	if err := errors.Join(
		clientcmd.WriteToFile(*config, c.kubeconfig),
		os.Symlink(filepath.Join(s.Bed.Root, "config"), filepath.Join(c.dir, "config")),
		s.Bed.Client.Create(t.Context(), ns),
	); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.clear(t) })
	if _, err := c.bash(t.Context(), account, false); err != nil {
		t.Fatal(err)
	}
	return c
}

// clear ends what a section began, here and at Twilio. Namespaces stay: nothing ends them here.
func (c *scene) clear(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := c.Twilio.Control(ctx, "DELETE /rules", nil, nil); err != nil {
		t.Error(err)
	}
	_, err := c.bash(ctx, `kubectl delete conversations --all --all-namespaces
kubectl delete twilioaccounts --all --all-namespaces
kubectl delete clustertwilioaccounts --all`, false)
	if err != nil {
		t.Error(err)
	}
	left, err := c.Twilio.Conversations(ctx, "")
	if err != nil {
		t.Error(err)
	}
	for _, conv := range left {
		if err := c.Twilio.Control(ctx, "DELETE /conversations/"+conv.SID, nil, nil); err != nil {
			t.Error(err)
		}
	}
}

// play carries out one block.
func (c *scene) play(ctx context.Context, b block) error {
	switch b.language {
	case "yaml":
		return c.apply(ctx, b.text)
	case "sh":
		_, err := c.bash(ctx, b.text, b.dry)
		return err
	case "run":
		_, err := c.bash(ctx, helpers+b.text, false)
		return err
	case "console":
		return c.compare(ctx, b.text)
	}
	return nil
}

// apply applies manifests, once without and once with effect.
func (c *scene) apply(ctx context.Context, text string) error {
	path := filepath.Join(c.dir, "manifest.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return err
	}
	_, err := c.bash(ctx, "kubectl apply --server-side --dry-run=server -f manifest.yaml && kubectl apply -f manifest.yaml", false)
	return err
}

// bash runs a script and answers what it printed.
func (c *scene) bash(ctx context.Context, script string, dry bool) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	head := prelude
	if dry {
		head += dryPrelude
	}
	script = strings.NewReplacer("http://127.0.0.1:8090", c.Twilio.URL, "http://127.0.0.1:8091", c.Twilio.ControlURL).Replace(script)
	cmd := exec.CommandContext(ctx, "bash", "-c", head+script)
	cmd.Dir = c.dir
	cmd.Env = append(os.Environ(),
		"PATH="+os.Getenv("KUBEBUILDER_ASSETS")+":"+filepath.Join(c.Bed.Dir, "bin")+":"+filepath.Dir(c.helm)+":"+os.Getenv("PATH"),
		"TWILIO_BASE_URL="+c.Twilio.URL, "KUBECONFIG="+c.kubeconfig,
		"KUBECACHEDIR="+filepath.Join(c.Bed.Dir, "kubectl"), "ROOT="+c.Bed.Root, "BIN="+filepath.Join(c.Bed.Dir, "bin"),
		"TWILIO="+c.Twilio.ControlURL, "LOG="+c.Managers[0].Log)
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return stdout.String(), fmt.Errorf("%w: %s%s", err, stdout.String(), stderr.String())
	}
	return stdout.String(), nil
}

// show tells how things stand, for whoever has to find out why a page does not come true.
func (c *scene) show(t *testing.T) {
	objects, err := c.bash(t.Context(), "kubectl get twilio -o yaml; kubectl events", false)
	log, logErr := os.ReadFile(c.Managers[0].Log)
	t.Logf("%s%v\n%s%v", objects, err, log[max(0, len(log)-logShown):], logErr)
}

// compare runs the commands of a console block, each after a "$ ", and compares what they print with what is below them.
func (c *scene) compare(ctx context.Context, text string) error {
	for part := range strings.SplitSeq(text, "$ ") {
		command, want, _ := strings.Cut(part, "\n")
		if command == "" {
			continue
		}
		got, err := c.bash(ctx, command, false)
		if err != nil {
			return err
		}
		if !alike(want, got) {
			return fmt.Errorf("%s prints:\n%s", command, got)
		}
	}
	return nil
}
