// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

// deploy makes a Deployment that looks like the operator's, and runs nothing, until the test ends.
func deploy(t *testing.T, namespace string, args ...string) {
	t.Helper()
	labels := map[string]string{"app.kubernetes.io/name": "conversations-operator"}
	d := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "mine", Labels: labels}}
	d.Spec.Replicas = new(int32(0))
	d.Spec.Selector = &metav1.LabelSelector{MatchLabels: labels}
	d.Spec.Template.Labels = labels
	d.Spec.Template.Spec.Containers = []corev1.Container{{Name: "manager", Image: "busybox", Command: []string{"/manager"}, Args: args}}
	if err := bed.Client.Create(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := bed.Kubectl(context.Background(), "delete", "deployment", "mine", "-n", namespace); err != nil {
			t.Error(err)
		}
	})
}

func TestATenantsDeploymentDoesNotNameTheCluster(t *testing.T) {
	s := newSimulator(t)
	const namespace = "tenant"
	newNamespace(t, s, namespace)
	sh := online(s, namespace)
	live, err := s.Seed("", 1, func(_ int, c *simulator.Conversation) {
		c.UniqueName = plan.GeneratedName("staging", "support", "vip")
	})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "vip.yaml")
	if err := os.WriteFile(file, []byte("apiVersion: twilio-operator.dev/v1alpha1\nkind: Conversation\nmetadata: {name: vip}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	deploy(t, namespace, "--leader-elect", "--cluster-name", "staging")

	for _, args := range [][]string{{"orphans", "-o", "name"}, {"plan", "-f", file}} {
		r := sh.run(t, args...)
		if r.code != 1 || r.stdout != "" {
			t.Errorf("%v ended with %d: %s", args, r.code, r.stdout)
		}
		says(t, r.stderr, "Deployment conversations-operator-system/conversations-operator-controller-manager has no --cluster-name",
			`Deployment tenant/mine has "staging"`, "give the cluster name of the operator with --cluster-name")
	}
	r := sh.run(t, "orphans", "--cluster-name="+clusterName, "-o", "name")
	if slices.Contains(strings.Fields(r.stdout), live[0]) {
		t.Errorf("a conversation of another cluster is lost: %s", r.stdout)
	}
	says(t, r.stderr, `The name of the cluster is "production": --cluster-name.`)
}

func TestOrphansSaysWhichNameOfTheClusterItTook(t *testing.T) {
	s := newSimulator(t)
	const namespace = "unnamed"
	newNamespace(t, s, namespace)
	r := online(s, namespace).run(t, "orphans")
	says(t, r.stderr, "the UID of the namespace kube-system, as Deployment conversations-operator-system/conversations-operator-controller-manager")
}

func TestArgumentsThatAreNotUnderstoodNameNoCluster(t *testing.T) {
	s := newSimulator(t)
	const namespace = "strange"
	newNamespace(t, s, namespace)
	deploy(t, namespace, "--colour", "--cluster-name=staging")
	r := online(s, namespace).run(t, "orphans")
	if r.code != 1 {
		t.Errorf("it ended with %d: %s", r.code, r.stdout)
	}
	says(t, r.stderr, "the arguments of Deployment strange/mine cannot be understood (flag provided but not defined: -colour)")
}

func TestOrphansLooksIntoEveryService(t *testing.T) {
	s := newSimulator(t)
	// No object of any test names it.
	const namespace, unknownService = "services", "ISdddddddddddddddddddddddddddddddd"
	if err := s.AddService("", unknownService); err != nil {
		t.Fatal(err)
	}
	newNamespace(t, s, namespace)
	sh := online(s, namespace)
	lost, err := s.Seed("", 1, func(_ int, c *simulator.Conversation) {
		c.ServiceSID, c.UniqueName = unknownService, plan.GeneratedName(clusterName, namespace, "lost")
	})
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"orphans", "--cluster-name=" + clusterName, "-o", "name"}
	if found := strings.Fields(sh.run(t, args...).stdout); !slices.Contains(found, lost[0]) {
		t.Errorf("found: %v, without %s of a service that no object names", found, lost[0])
	}

	forbidden := simulator.Rule{Match: simulator.Match{Operation: "service"}, Effect: simulator.Effect{Status: 403, Code: 20403, Message: "Forbidden"}}
	if _, err := s.AddRule(forbidden); err != nil {
		t.Fatal(err)
	}
	r := sh.run(t, args...)
	if slices.Contains(strings.Fields(r.stdout), lost[0]) {
		t.Error("it looks into a service that it cannot know")
	}
	says(t, r.stderr, "Searched only the default service, the services of objects and those of --service",
		"Twilio answered 403: Forbidden (20403)")
	r = sh.run(t, append(args, "--service="+unknownService)...)
	if !slices.Contains(strings.Fields(r.stdout), lost[0]) {
		t.Errorf("with --service: %s", r.stdout)
	}
}
