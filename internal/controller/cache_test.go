// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"runtime"
	"strings"
	"testing"
	"unsafe"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

// TestTheCacheKeepsOneCopyOfWhatManyHaveInCommon, and nothing that is not read.
func TestTheCacheKeepsOneCopyOfWhatManyHaveInCommon(t *testing.T) {
	read := func() *v1alpha1.Conversation {
		text := func(s string) string { return strings.Clone(s) }
		return &v1alpha1.Conversation{
			ObjectMeta: metav1.ObjectMeta{
				Namespace: text("support"), Finalizers: []string{text(v1alpha1.Finalizer)}, ManagedFields: []metav1.ManagedFieldsEntry{{}},
				Annotations: map[string]string{corev1.LastAppliedConfigAnnotation: "{}", "team": "red"},
			},
			Status: v1alpha1.ConversationStatus{
				AccountSID: text("AC1"), ChatServiceSID: text("IS1"), Conditions: []metav1.Condition{{Message: text("Twilio has what the spec says.")}},
			},
		}
	}
	want := read()
	want.ManagedFields, want.Annotations = nil, map[string]string{"team": "red"}
	one, other := read(), read()
	for _, conv := range []*v1alpha1.Conversation{one, other} {
		if _, err := strip(conv); err != nil {
			t.Fatal(err)
		}
		// Objects come one after another, and garbage is collected in between.
		runtime.GC()
		if diff := cmp.Diff(want, conv); diff != "" {
			t.Errorf("unexpected object in the cache (-want +got):\n%s", diff)
		}
	}
	for _, pair := range [][2]string{
		{one.Namespace, other.Namespace},
		{one.Finalizers[0], other.Finalizers[0]},
		{one.Status.AccountSID, other.Status.AccountSID},
		{one.Status.ChatServiceSID, other.Status.ChatServiceSID},
		{one.Status.Conditions[0].Message, other.Status.Conditions[0].Message},
	} {
		if unsafe.StringData(pair[0]) != unsafe.StringData(pair[1]) {
			t.Errorf("%q is kept twice", pair[0])
		}
	}
}
