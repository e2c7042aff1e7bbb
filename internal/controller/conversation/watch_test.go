// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package conversation

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/kube"
)

// TestAnotherObjectOfThatName: a watch that was interrupted tells of an object that was deleted and made anew meanwhile as
// of one that was updated.
func TestAnotherObjectOfThatName(t *testing.T) {
	t.Parallel()
	before := &v1alpha1.Conversation{ObjectMeta: metav1.ObjectMeta{Name: "vip", UID: "old", Generation: 1}}
	after := before.DeepCopy()
	if kube.ChangedByUser.Update(event.UpdateEvent{ObjectOld: before, ObjectNew: after}) {
		t.Error("an object that nobody changed is looked at")
	}
	after.UID = "new"
	if !kube.ChangedByUser.Update(event.UpdateEvent{ObjectOld: before, ObjectNew: after}) {
		t.Error("another object of the same name is not looked at")
	}
}

// TestForgottenConversation: an object that lost its record is looked at, or no drift check would see it again.
func TestForgottenConversation(t *testing.T) {
	t.Parallel()
	before := &v1alpha1.Conversation{Status: v1alpha1.ConversationStatus{SID: "CH00000000000000000000000000000001"}}
	after := before.DeepCopy()
	if forgotten.Update(event.UpdateEvent{ObjectOld: before, ObjectNew: after}) {
		t.Error("an object that has its record is looked at")
	}
	after.Status = v1alpha1.ConversationStatus{}
	if !forgotten.Update(event.UpdateEvent{ObjectOld: before, ObjectNew: after}) {
		t.Error("an object whose status was cleared is not looked at")
	}
	if forgotten.Update(event.UpdateEvent{ObjectOld: after, ObjectNew: before}) {
		t.Error("an object that got its record is looked at")
	}
}
