// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package conversation

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

// Whatever Ready says, an object whose conversation was there counts as vanished, unless the operator itself took it away.
func TestAConversationIsThereWhateverReadySays(t *testing.T) {
	recreate := v1alpha1.ConversationSpec{ClosedPolicy: v1alpha1.ClosedPolicyRecreate}
	applied := &v1alpha1.AppliedSpec{}
	const mismatch, missing = v1alpha1.ReasonAccountMismatch, v1alpha1.ReasonConversationMissing
	there := v1alpha1.ConversationStatus{SID: "CH1"}
	closed := v1alpha1.ConversationStatus{SID: "CH1", LastApplied: applied, State: v1alpha1.StateClosed}
	for name, c := range map[string]struct {
		reason string
		spec   v1alpha1.ConversationSpec
		status v1alpha1.ConversationStatus
		want   bool
	}{
		"in sync":                          {v1alpha1.ReasonSynced, v1alpha1.ConversationSpec{}, there, true},
		"of a mismatched account":          {mismatch, v1alpha1.ConversationSpec{}, there, true},
		"of Twilio that did not answer":    {v1alpha1.ReasonTwilioUnavailable, v1alpha1.ConversationSpec{}, there, true},
		"under way":                        {v1alpha1.ReasonProgressing, v1alpha1.ConversationSpec{}, there, true},
		"found to be gone":                 {missing, v1alpha1.ConversationSpec{}, there, false},
		"not there yet":                    {v1alpha1.ReasonProgressing, v1alpha1.ConversationSpec{}, v1alpha1.ConversationStatus{}, false},
		"of another object":                {v1alpha1.ReasonSynced, v1alpha1.ConversationSpec{}, v1alpha1.ConversationStatus{SID: "CH1", ObjectUID: "other"}, false},
		"active, and replaced once closed": {v1alpha1.ReasonSynced, recreate, v1alpha1.ConversationStatus{SID: "CH1", LastApplied: applied}, true},
		"closed, and replaced for that":    {v1alpha1.ReasonProgressing, recreate, closed, false},
		"deleted in order to be replaced":  {v1alpha1.ReasonProgressing, recreate, there, false},
	} {
		t.Run(name, func(t *testing.T) {
			conv := &v1alpha1.Conversation{Spec: c.spec, Status: c.status}
			conv.UID = "mine"
			conv.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ConditionReady, Reason: c.reason}}
			if Present(conv) != c.want {
				t.Errorf("it counts as there: %t", !c.want)
			}
		})
	}
}
