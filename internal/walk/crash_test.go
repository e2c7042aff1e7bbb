// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package walk_test

import (
	"testing"
	"time"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// stirs lets something happen that has nothing to do with the operator's own requests.
func (w *world) stirs(d dice) {
	conv := w.find(w.object.OwnSID())
	spec := w.object.Spec.DeepCopy()
	switch {
	case d.chance(20):
		spec.FriendlyName = one(d, "VIP", "Other", "Third")
		w.edit(spec)
	case d.chance(10):
		spec.UniqueName = one(d, "", "vip", "other")
		w.edit(spec)
	case d.chance(5):
		spec.ClosedPolicy = one(d, v1alpha1.ClosedPolicyKeep, v1alpha1.ClosedPolicyRecreate)
		w.edit(spec)
	case d.chance(10) && conv != nil:
		_ = w.delete(conv.SID)
		w.look = true
		w.log("removed behind the back")
	case d.chance(10) && w.replaceable():
		w.replaced()
	case d.chance(10) && conv != nil && conv.State != twilio.StateClosed:
		w.apply(conv, twilio.Params{State: new(twilio.StateClosed)})
		w.look = true
		w.log("closed behind the back")
	}
}

// replaceable tells whether the object can do without its announcements. Under a name of the user's, an open create that
// nobody remembers is lost.
func (w *world) replaceable() bool {
	text := w.object.Annotations[v1alpha1.CreateIntentAnnotation]
	if text == w.memory.Create || !w.begin().Facts.Announces() {
		return true
	}
	for i := plan.ParseIntent(text); i != nil; i = i.Earlier {
		if i.Name != generated {
			return false
		}
	}
	return true
}

func TestCrashesAndLostAnswersLeaveExactlyOne(t *testing.T) {
	for seed := range worlds {
		d := newDice(seed)
		w := newWorld(v1alpha1.ConversationSpec{
			State:      one[v1alpha1.ConversationState](d, "", "active", "inactive", "closed"),
			UniqueName: d.value("vip"), FriendlyName: d.value("VIP"), Attributes: jsonOf(d.value(`{"a":1}`)),
			DateCreated: d.value("2020-01-01T00:00:00Z"),
		})
		theirs := w.copies(d)
		calm := false
		w.fault = chaos(d, &calm)
		for range 8 {
			w.pass(t)
			w.advance(one(d, 0, time.Second, 6*time.Second, 31*time.Second))
			w.stirs(d)
			if w.mine() > 1 {
				t.Fatalf("seed %d: %d conversations:\n%s", seed, w.mine(), w.story())
			}
		}
		calm = true
		w.calmsDown(t, seed, d.chance(50))
		if theirs != nil && w.find(theirs.SID) == nil {
			t.Fatalf("seed %d: another object's conversation is gone:\n%s", seed, w.story())
		}
	}
}

// copies lets some objects begin with the status of another object, as a backup restores it, and answers the conversation
// that the status names.
func (w *world) copies(d dice) *modelled {
	if !d.chance(30) {
		return nil
	}
	theirs := d.conversation(0, w.now)
	theirs.UniqueName = plan.GeneratedName("test", "production", "vip")
	w.convs = append(w.convs, theirs)
	w.object.Status = v1alpha1.ConversationStatus{
		SID: theirs.SID, ObjectUID: "theirs", AccountSID: accountSID, ChatServiceSID: serviceSID, Origin: v1alpha1.OriginCreated,
		UniqueName: theirs.UniqueName, ObservedGeneration: 1, LastApplied: &v1alpha1.AppliedSpec{},
	}
	w.log("it has the status of another object")
	return theirs
}

// calmsDown lets the world come to rest, after the object was deleted or not, and counts what is there.
func (w *world) calmsDown(t *testing.T, seed int, deleted bool) {
	t.Helper()
	want := 1
	if deleted {
		// An object without a finalizer is gone at once, and what is left behind is another story.
		w.pass(t)
		if w.object.DeletionTimestamp.IsZero() {
			w.remove()
		}
		want = 0
	}
	for range 12 {
		if w.gone {
			break
		}
		// The drift check looks now and then.
		w.look = true
		w.advance(10 * time.Second)
		w.pass(t)
	}
	w.advance(time.Hour)
	if w.mine() != want || w.gone != deleted {
		t.Fatalf("seed %d: %d conversations are there, want %d; the object is gone: %t; it rests as %s\n%s",
			seed, w.mine(), want, w.gone, w.reason(), w.story())
	}
	if !deleted && w.find(w.object.Status.SID) == nil {
		t.Fatalf("seed %d: the one that is there is not the one in status:\n%s", seed, w.story())
	}
}
