// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package v1alpha1 holds the kinds of the API group twilio-operator.dev: Conversation, TwilioAccount and
// ClusterTwilioAccount.
//
// The comments on the fields are user documentation: they become the text of kubectl explain and of the API reference.
// The CRD itself enforces every rule that they name, with schema and CEL. ConversationSpec.Validate holds the same
// rules in Go.
// +kubebuilder:object:generate=true
// +groupName=twilio-operator.dev
package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

var (
	// SchemeGroupVersion is the group and version of every kind in this package.
	SchemeGroupVersion = schema.GroupVersion{Group: "twilio-operator.dev", Version: "v1alpha1"}

	schemeBuilder = runtime.NewSchemeBuilder(addKnownTypes)

	// AddToScheme registers every kind of this package with a scheme.
	AddToScheme = schemeBuilder.AddToScheme
)

func addKnownTypes(scheme *runtime.Scheme) error {
	scheme.AddKnownTypes(SchemeGroupVersion,
		&Conversation{}, &ConversationList{},
		&TwilioAccount{}, &TwilioAccountList{},
		&ClusterTwilioAccount{}, &ClusterTwilioAccountList{},
	)
	metav1.AddToGroupVersion(scheme, SchemeGroupVersion)
	return nil
}
