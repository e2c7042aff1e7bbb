// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

const (
	fieldOwner = client.FieldOwner("user")

	// unchecked is the line that the API server adds when an error of the schema prevents the check of the CEL rules.
	unchecked = "<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; " +
		"correct the existing errors to complete validation"
)

// conversation, twilioAccount and clusterTwilioAccount return a manifest: the common head with the given remainder.
func conversation(rest string) string         { return manifest("Conversation", rest) }
func twilioAccount(rest string) string        { return manifest("TwilioAccount", rest) }
func clusterTwilioAccount(rest string) string { return manifest("ClusterTwilioAccount", rest) }

func manifest(kind, rest string) string {
	return "apiVersion: twilio-operator.dev/v1alpha1\nkind: " + kind + "\nmetadata:\n  name: vip\n" +
		strings.TrimLeft(rest, "\n")
}

// object parses a manifest into the object that kubectl would send, with its null values.
func object(namespace, manifest string) *unstructured.Unstructured {
	GinkgoHelper()
	data, err := yaml.YAMLToJSON([]byte(manifest))
	Expect(err).NotTo(HaveOccurred(), manifest)
	u := &unstructured.Unstructured{}
	Expect(u.UnmarshalJSON(data)).To(Succeed())
	if u.GetKind() != "ClusterTwilioAccount" {
		u.SetNamespace(namespace)
	}
	return u
}

// apply applies a manifest as kubectl apply --server-side does, and returns the object that the API server then holds.
func apply(
	ctx context.Context, namespace, manifest string, options ...client.ApplyOption,
) (*unstructured.Unstructured, error) {
	GinkgoHelper()
	u := object(namespace, manifest)
	err := k8sClient.Apply(ctx, client.ApplyConfigurationFromUnstructured(u), append(options, fieldOwner)...)
	return u, err
}

// create returns the answer to kubectl create, without storing the object.
func create(ctx context.Context, namespace, manifest string) error {
	GinkgoHelper()
	return k8sClient.Create(ctx, object(namespace, manifest), client.DryRunAll,
		client.FieldValidation(metav1.FieldValidationStrict))
}

// refusals returns the lines that kubectl prints for an error, a line for every field and rule. It returns nil for no
// error.
func refusals(err error) []string {
	if err == nil {
		return nil
	}
	status, ok := errors.AsType[*apierrors.StatusError](err)
	if !ok || status.ErrStatus.Details == nil || len(status.ErrStatus.Details.Causes) == 0 {
		return []string{err.Error()}
	}
	var lines []string
	for _, cause := range status.ErrStatus.Details.Causes {
		lines = append(lines, cause.Field+": "+cause.Message)
	}
	return lines
}

// decode decodes a manifest strictly into the Go type, as a program that reads files does.
func decode(manifest string) (*v1alpha1.Conversation, error) {
	data, err := yaml.YAMLToJSON([]byte(manifest))
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	conv := &v1alpha1.Conversation{}
	return conv, decoder.Decode(conv)
}

// validate returns the errors of the Go validator for a spec, in the form of refusals.
func validate(spec *v1alpha1.ConversationSpec) []string {
	var lines []string
	for _, err := range spec.Validate() {
		lines = append(lines, err.Field+": "+err.ErrorBody())
	}
	return lines
}

// expectAgreement compares the Go validator with the answer of the API server. If the API server stopped at an error of
// the schema, the Go validator may report more errors.
func expectAgreement(spec *v1alpha1.ConversationSpec, refused []string) {
	GinkgoHelper()
	var want []any
	stopped := false
	for _, line := range refused {
		if line == unchecked {
			stopped = true
			continue
		}
		want = append(want, line)
	}
	if stopped {
		Expect(validate(spec)).To(ContainElements(want...))
		return
	}
	Expect(validate(spec)).To(ConsistOf(want...))
}

// newNamespace creates a namespace for a spec.
func newNamespace(ctx context.Context) string {
	GinkgoHelper()
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "api-"}}
	Expect(k8sClient.Create(ctx, namespace)).To(Succeed())
	return namespace.Name
}
