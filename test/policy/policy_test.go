// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package policy tests that the policies of examples keep what they say they keep, on a real API server. Nothing runs Kyverno: its
// policy has the fields of the built-in one, and is tried as that.
package policy

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-logr/logr"
	. "github.com/onsi/gomega"
	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/test/testbed"
)

// patience is how long one thing may take on a busy machine, and poll is the time between two looks.
const (
	patience = time.Minute
	poll     = 50 * time.Millisecond
)

// refusal is what both policies say.
const refusal = "conversations of production are not deleted: annotate the object with example.com/may-be-deleted=true first"

const (
	builtIn = "examples/validatingadmissionpolicy/production.yaml"
	kyverno = "examples/kyverno/production.yaml"
)

func TestNobodyDeletesConversationsOfProduction(t *testing.T) {
	ctrl.SetLogger(logr.Discard())
	bed, err := testbed.Start(t.Context(), testbed.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := bed.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := bed.Install(t.Context()); err != nil {
		t.Fatal(err)
	}
	for name, labels := range map[string]map[string]string{"production": {"environment": "production"}, "staging": nil} {
		ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels}}
		if err := bed.Client.Create(t.Context(), ns); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("the built-in policy", func(t *testing.T) {
		kubectl(t, bed, "apply", "-f", builtIn)
		tell(t, bed)
		// The CRDs stay as long as their policy.
		crd := "customresourcedefinition/conversations.twilio-operator.dev"
		if _, err := bed.Kubectl(t.Context(), "delete", crd); err == nil || !strings.Contains(err.Error(), "every conversation would be deleted") {
			t.Errorf("deleting the CRD: %v", err)
		}
		kubectl(t, bed, "delete", "--dry-run=server", "clusterrole/conversations-operator-metrics-reader")
		kubectl(t, bed, "delete", "-f", builtIn)
		retire(t, bed)
	})
	t.Run("the policy of Kyverno", func(t *testing.T) {
		for _, o := range translated(t, filepath.Join(bed.Root, kyverno)) {
			if err := bed.Client.Create(t.Context(), o); err != nil {
				t.Fatal(err)
			}
		}
		tell(t, bed)
	})
}

func kubectl(t *testing.T, bed *testbed.Bed, args ...string) {
	t.Helper()
	if _, err := bed.Kubectl(t.Context(), args...); err != nil {
		t.Fatal(err)
	}
}

// tell waits until a policy is in force, which takes the API server a moment, and tries it.
func tell(t *testing.T, bed *testbed.Bed) {
	t.Helper()
	g := NewWithT(t)
	production, staging := created(t, bed, "production"), created(t, bed, "staging")
	g.Eventually(func() error {
		return bed.Client.Delete(t.Context(), production.DeepCopy(), client.DryRunAll)
	}).WithTimeout(patience).WithPolling(poll).Should(MatchError(ContainSubstring(refusal)))

	err := bed.Client.Delete(t.Context(), production.DeepCopy())
	if err == nil || !strings.Contains(err.Error(), refusal) {
		t.Errorf("deleting it: %v", err)
	}
	err = bed.Client.DeleteAllOf(t.Context(), &v1alpha1.Conversation{}, client.InNamespace("production"))
	if err == nil || !strings.Contains(err.Error(), refusal) {
		t.Errorf("deleting all: %v", err)
	}
	if err := bed.Client.Delete(t.Context(), staging); err != nil {
		t.Errorf("deleting the one of staging: %v", err)
	}
	patch := client.RawPatch(client.Merge.Type(), []byte(`{"metadata":{"annotations":{"example.com/may-be-deleted":"true"}}}`))
	if err := errors.Join(bed.Client.Patch(t.Context(), production, patch), bed.Client.Delete(t.Context(), production)); err != nil {
		t.Errorf("deleting it with the annotation: %v", err)
	}
}

// retire waits until a policy that was deleted is out of force, so that the next one is not believed for what this one refuses.
func retire(t *testing.T, bed *testbed.Bed) {
	t.Helper()
	production := created(t, bed, "production")
	NewWithT(t).Eventually(func() error {
		return bed.Client.Delete(t.Context(), production)
	}).WithTimeout(patience).WithPolling(poll).Should(Succeed())
}

func created(t *testing.T, bed *testbed.Bed, namespace string) *v1alpha1.Conversation {
	t.Helper()
	conv := &v1alpha1.Conversation{}
	conv.Namespace, conv.Name = namespace, "vip"
	if err := bed.Client.Create(t.Context(), conv); err != nil {
		t.Fatal(err)
	}
	return conv
}

// translated are the built-in policy and the binding that say what a ValidatingPolicy of Kyverno says.
func translated(t *testing.T, path string) []client.Object {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var policy struct {
		metav1.TypeMeta   `json:",inline"`
		metav1.ObjectMeta `json:"metadata"`
		Spec              struct {
			FailurePolicy     *admissionv1.FailurePolicyType
			ValidationActions []admissionv1.ValidationAction
			Evaluation        map[string]any
			MatchConstraints  *admissionv1.MatchResources
			Validations       []admissionv1.Validation
		}
	}
	if err := yaml.UnmarshalStrict(text, &policy); err != nil {
		t.Fatal(err)
	}
	name := metav1.ObjectMeta{Name: policy.Name + "-kyverno"}
	return []client.Object{
		&admissionv1.ValidatingAdmissionPolicy{ObjectMeta: name, Spec: admissionv1.ValidatingAdmissionPolicySpec{
			FailurePolicy: policy.Spec.FailurePolicy, MatchConstraints: policy.Spec.MatchConstraints, Validations: policy.Spec.Validations,
		}},
		&admissionv1.ValidatingAdmissionPolicyBinding{ObjectMeta: name, Spec: admissionv1.ValidatingAdmissionPolicyBindingSpec{
			PolicyName: name.Name, ValidationActions: policy.Spec.ValidationActions,
		}},
	}
}
