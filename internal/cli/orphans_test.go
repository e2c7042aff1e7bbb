// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"testing"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

// What the status of an object claims is no proof: it may have been copied from another object, or speak of another Twilio
// account or Region.
func TestAnObjectHoldsOnlyWhatWasRecordedForIt(t *testing.T) {
	const account, sid = "AC00000000000000000000000000000001", "CH00000000000000000000000000000001"
	for name, c := range map[string]struct {
		status v1alpha1.ConversationStatus
		holds  bool
	}{
		"its own record":           {v1alpha1.ConversationStatus{ObjectUID: "mine", AccountSID: account, Region: "ie1"}, true},
		"a record without a UID":   {v1alpha1.ConversationStatus{AccountSID: account}, true},
		"another object's record":  {v1alpha1.ConversationStatus{ObjectUID: "theirs", AccountSID: account, Region: "ie1"}, false},
		"of another account":       {v1alpha1.ConversationStatus{ObjectUID: "mine", AccountSID: "AC2", Region: "ie1"}, false},
		"of the account elsewhere": {v1alpha1.ConversationStatus{ObjectUID: "mine", AccountSID: account, Region: "us1"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			conv := &v1alpha1.Conversation{Status: c.status}
			conv.UID, conv.Status.SID = "mine", sid
			q := newSearch(&access{sid: account, region: "ie1"}, "cluster", false, nil)
			q.objects, q.generated = map[string]*held{}, map[string]bool{}
			if q.object(conv, "generated"); (q.objects[sid] != nil) != c.holds {
				t.Errorf("it holds the conversation: %t", !c.holds)
			}
		})
	}
}
