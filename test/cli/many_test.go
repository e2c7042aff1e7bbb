// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

// crowd is how many conversations one account has: three pages of a list.
const crowd = 250

func TestManyConversationsAreReadFromLists(t *testing.T) {
	s := newSimulator(t)
	at := time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC)
	made, err := s.Seed("", crowd, func(i int, c *simulator.Conversation) {
		c.DateCreated, c.FriendlyName = at.Add(time.Duration(i)*time.Hour), fmt.Sprintf("Support %d", i)
	})
	if err != nil {
		t.Fatal(err)
	}
	const namespace = "many"
	newNamespace(t, s, namespace)
	sh := online(s, namespace)
	file := filepath.Join(t.TempDir(), "all.yaml")
	sh.good(t, "export", "--file", file)
	manifests, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	// Nothing is known of them yet but their sids.
	costs(t, s, 3, 0, func() string { return sh.good(t, "plan", "-f", file, "--cluster-name="+clusterName) })
	apply(t, string(manifests))
	awaitReady(t, namespace)

	drift(t, s, made[7], made[123])
	removed(s.Simulator, made[200])
	// From here on lists show everything as it was.
	s.SetListing(simulator.Listing{Lag: time.Hour})
	rename(t, s, namespace, made[50])

	// What is gone is asked for by its sid and by its name, and what lists show as it was before, by its sid.
	for _, args := range [][]string{
		{"drift", "--cluster-name=" + clusterName}, {"drift", "-o", "yaml", "--cluster-name=" + clusterName},
		{"plan", "--server", "--cluster-name=" + clusterName}, {"plan", "-f", file, "-o", "json", "--cluster-name=" + clusterName},
	} {
		costs(t, s, 3, 3, func() string {
			r := sh.run(t, args...)
			return fmt.Sprint(args, r.code, "\n", r.stdout)
		})
	}
	s.ResetRequests()
	sh.run(t, "orphans")
	// The simulator has one service beside the default one.
	if n, most := s.Counts().Operation("list"), 3+1+foreignServices(t, namespace); n > most {
		t.Errorf("orphans read %d pages, and at most %d are needed", n, most)
	}
}

// foreignServices is how many services the objects of other tests name or are in: orphans looks into each.
func foreignServices(t *testing.T, namespace string) int {
	t.Helper()
	var list v1alpha1.ConversationList
	if err := bed.Client.List(t.Context(), &list); err != nil {
		t.Fatal(err)
	}
	services := map[string]bool{}
	for i := range list.Items {
		if conv := &list.Items[i]; conv.Namespace != namespace {
			services[conv.Spec.ChatServiceSID], services[conv.Status.ChatServiceSID] = true, true
		}
	}
	delete(services, "")
	return len(services)
}

// costs runs something that must cost so many requests, and tell the same where lists are forbidden.
func costs(t *testing.T, s *simulator.Server, lists, fetches int, tell func() string) {
	t.Helper()
	s.ResetRequests()
	told := tell()
	count := s.Counts()
	if count.Operation("list") != lists || count.Operation("fetch") > fetches || writes(s) > 0 {
		t.Errorf("it cost %d pages and %d fetches:\n%s", count.Operation("list"), count.Operation("fetch"), told)
	}
	rule, err := s.AddRule(simulator.Rule{Match: simulator.Match{Operation: "list"}, Effect: simulator.Effect{Status: 403, Code: 20003}})
	if err != nil {
		t.Fatal(err)
	}
	s.ResetRequests()
	if oneByOne := tell(); oneByOne != told {
		t.Errorf("from lists:\n%s\none by one:\n%s", told, oneByOne)
	}
	if n := s.Counts().Operation("fetch"); n < crowd {
		t.Errorf("only %d were asked for one by one", n)
	}
	if err := s.RemoveRule(rule); err != nil {
		t.Fatal(err)
	}
}

func awaitReady(t *testing.T, namespace string) {
	t.Helper()
	eventually(t, func(g Gomega) {
		var list v1alpha1.ConversationList
		g.Expect(bed.Client.List(t.Context(), &list, client.InNamespace(namespace))).To(Succeed())
		ready := 0
		for i := range list.Items {
			if meta.IsStatusConditionTrue(list.Items[i].Status.Conditions, v1alpha1.ConditionReady) {
				ready++
			}
		}
		g.Expect(ready).To(Equal(crowd))
	})
}

// drift changes conversations behind the operator's back.
func drift(t *testing.T, s *simulator.Server, sids ...string) {
	t.Helper()
	for _, sid := range sids {
		if err := s.Edit(sid, func(c *simulator.Conversation) { c.FriendlyName = "Drift" }); err != nil {
			t.Fatal(err)
		}
	}
}

// rename has the operator change a conversation.
func rename(t *testing.T, s *simulator.Server, namespace, sid string) {
	t.Helper()
	var list v1alpha1.ConversationList
	if err := bed.Client.List(t.Context(), &list, client.InNamespace(namespace), client.MatchingFields{"status.sid": sid}); err != nil || len(list.Items) != 1 {
		t.Fatalf("%d objects of %s: %v", len(list.Items), sid, err)
	}
	o := &list.Items[0]
	before := o.DeepCopy()
	o.Spec.FriendlyName = "Renamed"
	if err := bed.Client.Patch(t.Context(), o, client.MergeFrom(before)); err != nil {
		t.Fatal(err)
	}
	eventually(t, func(g Gomega) {
		now := &v1alpha1.Conversation{}
		g.Expect(bed.Client.Get(t.Context(), client.ObjectKeyFromObject(o), now)).To(Succeed())
		g.Expect(now.Status.FriendlyName).To(Equal("Renamed"))
		found, _ := s.Find(sid)
		g.Expect(now.Status.DateUpdated.Time).To(BeTemporally("~", found.DateUpdated, time.Second))
	})
}
