// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package walk

import (
	"context"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// interrupted is a world in which another client writes the object between the claim to adopt a conversation and the record
// of the adoption.
type interrupted struct {
	still
	// object as the API server has it; meanwhile changes it once there is the claim.
	object    *v1alpha1.Conversation
	meanwhile func(*v1alpha1.Conversation)
	conflicts int
}

func (w *interrupted) PatchStatus(_ context.Context, next, _ *v1alpha1.Conversation) error {
	if w.object.Status.Adopting && w.meanwhile != nil {
		w.meanwhile(w.object)
		w.meanwhile = nil
		w.conflicts++
		return apierrors.NewConflict(schema.GroupResource{}, next.Name, nil)
	}
	w.object = next.DeepCopy()
	return nil
}

func (w *interrupted) Reread(context.Context) (*v1alpha1.Conversation, error) {
	return w.object.DeepCopy(), nil
}

func TestAnAdoptionIsRecordedOnlyUnderItsClaim(t *testing.T) {
	for name, c := range map[string]struct {
		meanwhile func(*v1alpha1.Conversation)
		adopted   bool
	}{
		// Another manager of the object gave the claim up, since another object goes first.
		"the claim was taken back": {func(o *v1alpha1.Conversation) { o.Status = v1alpha1.ConversationStatus{ObjectUID: o.UID} }, false},
		"a label was set":          {func(o *v1alpha1.Conversation) { o.Labels = map[string]string{"team": "blue"} }, true},
	} {
		t.Run(name, func(t *testing.T) {
			given := object(func(o *v1alpha1.Conversation) { o.Spec.Adoption = &v1alpha1.AdoptionSpec{SID: sid} })
			w := &interrupted{object: given, meanwhile: c.meanwhile}
			w.found = map[string]*twilio.Conversation{sid: {SID: sid, AccountSID: ac, FriendlyName: "VIP", Attributes: "{}", State: twilio.StateActive}}
			p := New(w, Start{Object: given, Generated: generated})
			p.Facts.Account = plan.Account{SID: ac}
			out := p.Run(t.Context())
			if w.conflicts != 1 || out.Next().Retry != nil {
				t.Errorf("after %d conflicts the pass goes on with %v", w.conflicts, out.Next().Retry)
			}
			if adopted := w.object.Status.Origin != ""; adopted != c.adopted {
				t.Errorf("adopted: %t, want %t", adopted, c.adopted)
			}
			if !c.adopted && out.Next().After == 0 {
				t.Error("nothing looks at the object again")
			}
		})
	}
}
