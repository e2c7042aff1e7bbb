// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

func TestOrphansAreFound(t *testing.T) {
	s := newSimulator(t)
	const namespace = "orphans"
	newNamespace(t, s, namespace)
	sh := online(s, namespace)
	names := []string{"kept", "vanished"}
	for _, name := range names {
		o := &v1alpha1.Conversation{}
		o.Namespace, o.Name = namespace, name
		if err := bed.Client.Create(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	sids := map[string]string{}
	eventually(t, func(g Gomega) {
		for _, name := range names {
			o := &v1alpha1.Conversation{}
			g.Expect(bed.Client.Get(t.Context(), client.ObjectKey{Namespace: namespace, Name: name}, o)).To(Succeed())
			g.Expect(o.Status.SID).NotTo(BeEmpty())
			sids[name] = o.Status.SID
		}
	})
	if err := s.Remove(sids["vanished"]); err != nil {
		t.Fatal(err)
	}
	lost, err := s.Seed("", 3, func(i int, c *simulator.Conversation) {
		c.UniqueName = []string{
			plan.GeneratedName(clusterName, namespace, "lost"), plan.GeneratedName("another", namespace, "lost"), "by hand",
		}[i]
	})
	if err != nil {
		t.Fatal(err)
	}
	s.ResetRequests()
	r := sh.run(t, "orphans", "--cluster-name="+clusterName, "-o", "name")
	// Other tests leave objects of the same account whose conversations are at no simulator any more.
	found := strings.Fields(r.stdout)
	for sid, want := range map[string]bool{lost[0]: true, sids["vanished"]: true, lost[1]: false, lost[2]: false, sids["kept"]: false} {
		if slices.Contains(found, sid) != want {
			t.Errorf("%s is found: %t", sid, !want)
		}
	}
	if r.code != 2 || writes(s) > 0 {
		t.Errorf("it ended with %d after %d writes: %s", r.code, writes(s), r.stderr)
	}
	r = sh.run(t, "orphans", "--any-cluster", "-o", "name")
	if found := strings.Fields(r.stdout); !slices.Contains(found, lost[1]) || slices.Contains(found, lost[2]) {
		t.Errorf("of any cluster: %s%s", r.stdout, r.stderr)
	}
}

func TestWhatIsMadeWhileOrphansAreSoughtIsNone(t *testing.T) {
	s := newSimulator(t)
	const namespace = "newborn"
	newNamespace(t, s, namespace)
	lost, err := s.Seed("", 1, func(_ int, c *simulator.Conversation) {
		c.UniqueName = plan.GeneratedName(clusterName, namespace, "lost")
	})
	if err != nil {
		t.Fatal(err)
	}
	found, sid := meanwhile(t, s, namespace, "orphans", "--cluster-name="+clusterName, "-o", "name")
	if slices.Contains(found, sid) || !slices.Contains(found, lost[0]) {
		t.Errorf("found: %v, which is to have %s and not %s", found, lost[0], sid)
	}
}

// meanwhile runs a command that names conversations, and holds the first answer of Twilio, by when the objects were read,
// until another object has its conversation: what the command found, and the sid of that one.
func meanwhile(t *testing.T, s *simulator.Server, namespace string, args ...string) (found []string, sid string) {
	t.Helper()
	rule := hold(t, s, 0)
	cmd := online(s, namespace).command(t.Context(), args...)
	var stdout bytes.Buffer
	cmd.Stdout = &stdout
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, func(g Gomega) { g.Expect(s.Held()).To(Equal(1)) })
	o := &v1alpha1.Conversation{}
	o.Namespace, o.Name = namespace, "newborn"
	if err := bed.Client.Create(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	eventually(t, func(g Gomega) {
		g.Expect(bed.Client.Get(t.Context(), client.ObjectKeyFromObject(o), o)).To(Succeed())
		g.Expect(o.Status.SID).NotTo(BeEmpty())
	})
	if err := errors.Join(s.ReleaseRule(rule), s.RemoveRule(rule)); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	return strings.Fields(stdout.String()), o.Status.SID
}

func TestWhatIsMadeWhileAListBeginsIsManaged(t *testing.T) {
	s := newSimulator(t)
	const namespace = "begun"
	newNamespace(t, s, namespace)
	nobodys, err := s.Seed("", 1, func(int, *simulator.Conversation) {})
	if err != nil {
		t.Fatal(err)
	}
	found, sid := meanwhile(t, s, namespace, "list", "--unmanaged", "-o", "name")
	if !slices.Equal(found, nobodys) {
		t.Errorf("found: %v, which is to be %v, and not %s", found, nobodys, sid)
	}
}
