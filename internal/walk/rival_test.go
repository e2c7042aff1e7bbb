// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package walk

import (
	"testing"
	"time"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// TestWhoGoesFirstOfTwoLostCreates: two objects announced a create under the same name, and neither knows what became of its
// create. The conversation that is found may be the rival's only if the rival wants the name in the same place, and was first.
func TestWhoGoesFirstOfTwoLostCreates(t *testing.T) {
	now := time.Now()
	announcing := func(age time.Duration, uid string) func(o *v1alpha1.Conversation) {
		return func(o *v1alpha1.Conversation) {
			o.UID, o.Finalizers = "1", []string{v1alpha1.Finalizer}
			if uid != "1" {
				o.UID, o.Name = "2", "rival"
			}
			o.Spec.UniqueName = "mine"
			o.Annotations = map[string]string{v1alpha1.CreateIntentAnnotation: plan.Intent{
				UID: uid, Name: "mine", Time: now.Add(-age), TwilioTime: now.Add(-age), Place: &plan.Place{AccountSID: ac},
				Sent: &v1alpha1.AppliedSpec{UniqueName: "mine", FriendlyName: "VIP"},
			}.String()}
		}
	}
	found := &twilio.Conversation{
		SID: sid, AccountSID: ac, UniqueName: "mine", FriendlyName: "VIP", Attributes: "{}", State: twilio.StateActive, DateCreated: &now,
		ServerTime: now, AnsweredAt: now,
	}
	for name, c := range map[string]struct {
		rival     *v1alpha1.Conversation
		elsewhere bool
		want      string
	}{
		"the rival, which was first":   {rival: object(announcing(20*time.Second, "2")), want: "default/rival"},
		"this object, which was first": {rival: object(announcing(2*time.Second, "2"))},
		"this object, as the rival wants the name in another service": {rival: object(announcing(20*time.Second, "2"),
			func(o *v1alpha1.Conversation) { o.Spec.ChatServiceSID = "IS1" })},
		"this object, as the rival has another account": {rival: object(announcing(20*time.Second, "2")), elsewhere: true},
		"this object, as the rival is not held":         {rival: object(announcing(20*time.Second, "2"), func(o *v1alpha1.Conversation) { o.Finalizers = nil })},
		"this object, as the rival has its conversation": {rival: object(announcing(20*time.Second, "2"),
			func(o *v1alpha1.Conversation) { o.Status.SID, o.Status.ObjectUID = "CH2", "2" })},
		"this object, as the rival has announced no create": {rival: object(announcing(20*time.Second, "2"), func(o *v1alpha1.Conversation) { o.Annotations = nil })},
	} {
		t.Run(name, func(t *testing.T) {
			w := &still{rival: c.rival, elsewhere: c.elsewhere}
			p := New(w, Start{Object: object(announcing(10*time.Second, "1")), Generated: generated})
			p.Facts.Account, p.Facts.TwilioNow = plan.Account{SID: ac}, now
			got, err := p.managedBy(t.Context(), found)
			if err != nil || got != c.want {
				t.Errorf("the conversation is left to %q, %v", got, err)
			}
		})
	}
}
