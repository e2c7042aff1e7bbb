// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"slices"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

// TestAStatusForALaterSpecIsKept is about two managers which overlap: the pass of one manager ends after the other manager
// wrote a status for a later spec.
func TestAStatusForALaterSpecIsKept(t *testing.T) {
	const theirs = v1alpha1.ReasonTwilioUnavailable
	for _, c := range []struct {
		name string
		// own is the conversation in the record of this pass, sid in that of the other manager.
		own, sid   string
		generation int64
		wantSID    string
		want       int64
		reason     string
	}{
		{"of the same conversation, as a whole", "CH1", "CH1", 3, "CH1", 3, theirs},
		{"of no conversation, beside the record of this pass", "CH1", "", 3, "CH1", 3, theirs},
		{"of another conversation, not at all", "CH1", "CH2", 3, "CH1", 2, v1alpha1.ReasonSynced},
		{"whatever the spec is, if this pass has no conversation", "", "CH1", 2, "CH1", 2, theirs},
		{"unless the spec is the same", "CH1", "CH1", 2, "CH1", 2, v1alpha1.ReasonSynced},
	} {
		t.Run(c.name, func(t *testing.T) {
			object := func(sid string, generation int64, reason string) *v1alpha1.Conversation {
				conv := &v1alpha1.Conversation{ObjectMeta: metav1.ObjectMeta{UID: "1"}}
				conv.Status = v1alpha1.ConversationStatus{
					SID: sid, ObjectUID: "1", ObservedGeneration: generation, LastApplied: &v1alpha1.AppliedSpec{},
					Conditions: []metav1.Condition{{Type: v1alpha1.ConditionReady, Reason: reason}},
				}
				return conv
			}
			f := &Facts{Object: object(c.own, 2, v1alpha1.ReasonSynced), Sent: []Difference{{Field: FieldState}}}
			f.Overtaken(object(c.sid, c.generation, theirs))
			s := f.Object.Status
			if s.SID != c.wantSID || s.ObservedGeneration != c.want || s.Conditions[0].Reason != c.reason {
				t.Errorf("the status is of %s, generation %d, %s", s.SID, s.ObservedGeneration, s.Conditions[0].Reason)
			}
			taken := c.sid == "CH1" && c.generation == 3
			if marked := slices.Contains(s.LastApplied.Unconfirmed, FieldState); marked != taken {
				t.Errorf("the field that this pass sent is marked: %t", marked)
			}
		})
	}
}
