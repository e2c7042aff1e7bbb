// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

// hostile are texts that would move a cursor, or turn what is read around.
var hostile = []string{
	"\x1b[2J\x1b[1;1H", "\u009b2J", "\u0085next", "a\rb", "\x7f", "\u202eevil\u202c", "\u2066a\u2069", "\u2028", "two\nlines", "\ufeff",
}

// still fails for a run that printed something that moves a cursor, but for the ends of lines.
func still(t *testing.T, args []string, r result) {
	t.Helper()
	for _, text := range []string{r.stdout, r.stderr} {
		if i := strings.IndexFunc(text, func(c rune) bool {
			return c != '\n' && (unicode.IsControl(c) || unicode.Is(unicode.Bidi_Control, c) || c == '\u2028' || c == '\u2029' || c == '\ufeff')
		}); i >= 0 {
			t.Errorf("%v printed %q", args, text[i:min(i+40, len(text))])
		}
	}
	// There may be nothing to name.
	if r.stdout+r.stderr == "" && args[len(args)-1] != "name" {
		t.Errorf("%v printed nothing", args)
	}
}

// formats are those of the flag -o.
var formats = []string{"table", "wide", "json", "yaml", "name"}

func TestWhatTwilioAnswersMovesNoCursor(t *testing.T) {
	s := newSimulator(t)
	made, err := s.Seed("", len(hostile), func(i int, c *simulator.Conversation) {
		attributes, err := json.Marshal(map[string]string{hostile[i]: hostile[i]})
		if err != nil {
			t.Error(err)
		}
		c.FriendlyName, c.UniqueName, c.Attributes = hostile[i], hostile[i]+"x", string(attributes)
		c.Email = simulator.Email{Address: "a@example.com", Name: hostile[i]}
	})
	if err != nil {
		t.Fatal(err)
	}
	sh := offline(s)
	lines := [][]string{{"export"}, {"export", "\x1b[2J"}, {"adopt", made[0], "vip", "--dry-run"}, {"list", "--state", "\u009b"}}
	for _, as := range formats {
		lines = append(lines, []string{"list", "-o", as})
	}
	for _, sid := range made {
		lines = append(lines, []string{"export", sid})
	}
	for _, args := range lines {
		still(t, args, sh.run(t, args...))
	}
}

func TestAManifestMovesNoCursor(t *testing.T) {
	s := newSimulator(t)
	var manifests strings.Builder
	for _, text := range hostile {
		quoted, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		quoted = []byte(strings.NewReplacer("\x7f", `\u007f`, "\u0085", `\u0085`, "\u009b", `\u009b`, "\ufeff", `\ufeff`).Replace(string(quoted)))
		for _, rest := range []string{"metadata: {name: %s}", "metadata: {name: a}\nspec: {uniqueName: %s, adoption: {sid: %[1]s}}",
			"metadata: {name: b, labels: {a: %s}}", "metadata: {name: c}\nspec: {friendlyName: %s}", "metadata: {name: d}\n%s: 1"} {
			fmt.Fprintf(&manifests, "---\napiVersion: twilio-operator.dev/v1alpha1\nkind: Conversation\n"+rest+"\n", quoted)
		}
	}
	file := filepath.Join(t.TempDir(), "manifests.yaml")
	if err := os.WriteFile(file, []byte(manifests.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, as := range append(formats, "markdown") {
		args := []string{"plan", "--offline", "--cluster-name=\u009b", "-f", file, "-o", as}
		r := offline(s).run(t, args...)
		still(t, args, r)
		if r.code != 3 {
			t.Errorf("%v ended with %d: %s", args, r.code, r.stderr)
		}
	}
	broken := filepath.Join(t.TempDir(), "broken.yaml")
	if err := os.WriteFile(broken, []byte("kind: Conversation\n\"\x1b[2J: \u202e"), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"plan", "--offline", "--cluster-name=a", "-f", broken}
	still(t, args, offline(s).run(t, args...))
}

func TestWhatAnObjectSaysMovesNoCursor(t *testing.T) {
	s := newSimulator(t)
	const namespace = "cursor"
	newNamespace(t, s, namespace)
	sh := online(s, namespace)
	o := &v1alpha1.Conversation{}
	o.Namespace, o.Name = namespace, "vip"
	o.Spec.FriendlyName, o.Spec.ManagementPolicy = strings.Join(hostile, " "), v1alpha1.ManagementPolicyReport
	if err := bed.Client.Create(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	eventually(t, func(g Gomega) {
		g.Expect(bed.Client.Get(t.Context(), client.ObjectKeyFromObject(o), o)).To(Succeed())
		g.Expect(o.Status.SID).NotTo(BeEmpty())
	})
	if err := s.Edit(o.Status.SID, func(c *simulator.Conversation) { c.FriendlyName = "\u009b2J" + strings.Join(hostile, "") }); err != nil {
		t.Fatal(err)
	}
	lines := [][]string{{"describe", "vip"}, {"reconcile", "vip", "--wait"}, {"describe", "vip"}, {"list", "--managed"}}
	for _, as := range formats {
		lines = append(lines, []string{"drift", "--cluster-name=" + clusterName, "-o", as},
			[]string{"plan", "--server", "--cluster-name=" + clusterName, "-o", as}, []string{"orphans", "--cluster-name=" + clusterName, "-o", as})
	}
	for _, args := range lines {
		still(t, args, sh.run(t, args...))
	}
}
