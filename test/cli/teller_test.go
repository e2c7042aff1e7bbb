// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

// teller plays one story.
type teller struct {
	*story
	twilio *simulator.Server
	shell  shell
}

func (s *teller) object() string { return strings.ToLower(strings.ReplaceAll(s.name, " ", "-")) }

func (s *teller) tell(t *testing.T) {
	sid := ""
	if s.there != nil {
		made, err := s.twilio.Seed("", 1, func(_ int, c *simulator.Conversation) { s.there(c) })
		if err != nil {
			t.Fatal(err)
		}
		sid = made[0]
	}
	if s.first != "" {
		s.apply(t, s.write(t, s.first, sid))
		if now := s.await(t); s.meanwhile != nil {
			s.meanwhile(s.twilio.Simulator, now.Status.SID)
		}
	}
	file := s.write(t, s.spec, sid)
	s.twilio.ResetRequests()
	told := s.shell.plan(t, "-f", file)
	if n := writes(s.twilio); n > 0 {
		t.Fatalf("plan made %d writes to Twilio", n)
	}
	if len(told) != 1 || told[0].Action != s.action || told[0].Reason != s.reason {
		t.Fatalf("plan tells %+v, want %s and %s", told, s.action, s.reason)
	}

	s.twilio.ResetRequests()
	s.apply(t, file)
	if s.spec == s.first {
		// Nothing else makes the manager look.
		s.patch(t, fmt.Sprintf(`{"metadata":{"annotations":{%q:"now"}}}`, v1alpha1.ReconcileRequestedAtAnnotation))
	}
	now := s.await(t)
	if diff := cmp.Diff([]string{told[0].Reason, told[0].Message}, s.said(now)); diff != "" {
		t.Errorf("condition (-plan +manager):\n%s", diff)
	}
	if diff := cmp.Diff(told[0].writes(), s.done()); diff != "" {
		t.Errorf("writes (-plan +manager):\n%s", diff)
	}
}

// said are the reason and the message of Ready, empty while the object is suspended.
func (s *teller) said(now *v1alpha1.Conversation) []string {
	if meta.IsStatusConditionTrue(now.Status.Conditions, v1alpha1.ConditionSuspended) {
		return []string{"", ""}
	}
	ready := meta.FindStatusCondition(now.Status.Conditions, v1alpha1.ConditionReady)
	return []string{ready.Reason, ready.Message}
}

// writes are the operations and the parameters that plan tells of.
func (p *planned) writes() []string {
	out := []string{}
	for _, step := range p.Steps {
		if step != "Adopt" {
			out = append(out, strings.ToLower(step))
		}
	}
	for _, c := range p.Changes {
		parts := strings.Split(c.Field, ".")
		for i, part := range parts {
			parts[i] = strings.ToUpper(part[:1]) + part[1:]
		}
		out = append(out, strings.Join(parts, "."))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// done are the operations that Twilio carried out, and their parameters. An edit and a correction may come one after
// the other, which plan tells as one.
func (s *teller) done() []string {
	out := []string{}
	for _, r := range s.twilio.Requests() {
		if r.Method != "GET" && r.Status/100 == 2 {
			form := maps.Clone(r.Form)
			if strings.TrimRight(form.Get("Attributes"), " \t") == "{}" && r.Operation == simulator.OperationCreate {
				// The mark of the create, which says nothing of the conversation.
				form.Del("Attributes")
			}
			out = append(append(out, r.Operation), slices.Collect(maps.Keys(form))...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (s *teller) write(t *testing.T, spec, sid string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "manifest.yaml")
	text := fmt.Sprintf("apiVersion: twilio-operator.dev/v1alpha1\nkind: Conversation\nmetadata: {name: %s, namespace: %s}\nspec: %s\n",
		s.object(), agreement, strings.ReplaceAll(spec, "SID", sid))
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func (s *teller) apply(t *testing.T, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := yaml.YAMLToJSON(text)
	o := &unstructured.Unstructured{}
	if err := errors.Join(err, o.UnmarshalJSON(manifest)); err != nil {
		t.Fatal(err)
	}
	if err := bed.Client.Apply(t.Context(), client.ApplyConfigurationFromUnstructured(o), client.FieldOwner("user"), client.ForceOwnership); err != nil {
		t.Fatal(err)
	}
}

func (s *teller) patch(t *testing.T, text string) {
	t.Helper()
	o := &v1alpha1.Conversation{}
	o.Namespace, o.Name = agreement, s.object()
	if err := bed.Client.Patch(t.Context(), o, client.RawPatch(types.MergePatchType, []byte(text))); err != nil {
		t.Fatal(err)
	}
}

// await waits until the manager has looked at the object and would not come back by itself at once.
func (s *teller) await(t *testing.T) *v1alpha1.Conversation {
	t.Helper()
	now := &v1alpha1.Conversation{}
	eventually(t, func(g Gomega) {
		g.Expect(bed.Client.Get(t.Context(), client.ObjectKey{Namespace: agreement, Name: s.object()}, now)).To(Succeed())
		g.Expect(now.Status.ObservedGeneration).To(Equal(now.Generation))
		ready := meta.FindStatusCondition(now.Status.Conditions, v1alpha1.ConditionReady)
		g.Expect(ready).NotTo(BeNil())
		g.Expect(ready.Reason).NotTo(Equal(v1alpha1.ReasonProgressing))
		if ready.Reason != v1alpha1.ReasonAccountNotReady {
			g.Expect(now.Status.LastHandledReconcileAt).To(Equal(now.Annotations[v1alpha1.ReconcileRequestedAtAnnotation]))
		}
	})
	return now
}
