// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package walk_test

import (
	"testing"
	"time"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

// TestWhatAnotherAccountAnswersProvesNothing gives an object with a conversation the credentials of another account for a while,
// which has no conversations. Twilio names that account, or does not.
func TestWhatAnotherAccountAnswersProvesNothing(t *testing.T) {
	for seed := range worlds {
		d := newDice(seed)
		w := newWorld(v1alpha1.ConversationSpec{
			UniqueName: d.value("vip"), FriendlyName: d.value("VIP"), ClosedPolicy: one(d, v1alpha1.ClosedPolicyKeep, v1alpha1.ClosedPolicyRecreate),
		})
		calm := false
		w.fault = chaos(d, &calm)
		for range 10 {
			w.pass(t)
			w.advance(one(d, time.Second, 31*time.Second))
		}
		calm = true
		w.settles(t)
		w.keepsItsPromises(t)
		calm = d.chance(50)
		home, elsewhere, own := w.model, &model{now: w.now}, w.object.OwnSID()
		w.model, w.account = elsewhere, one(d, "", sid("AC", 'b'))
		deleted := w.visits(t, d)
		if len(elsewhere.convs) > 0 || w.gone || w.object.OwnSID() != own {
			t.Fatalf("seed %d: %d conversations in the other account, the object is gone: %t, and has %q:\n%s",
				seed, len(elsewhere.convs), w.gone, w.object.OwnSID(), w.story())
		}
		calm, w.model, w.account = true, home, accountSID
		w.advance(elsewhere.now.Sub(home.now))
		w.calmsDown(t, seed, deleted || d.chance(50))
	}
}

// visits makes passes while something happens to the object, and answers whether it was deleted.
func (w *world) visits(t *testing.T, d dice) (deleted bool) {
	t.Helper()
	for range 6 {
		switch {
		case d.chance(30):
			spec := w.object.Spec.DeepCopy()
			spec.FriendlyName = one(d, "VIP", "Other", "Third")
			w.edit(spec)
		case d.chance(10) && !deleted:
			w.remove()
			deleted = true
		}
		w.look = d.chance(70)
		w.pass(t)
		w.advance(one(d, time.Second, 31*time.Second))
	}
	return deleted
}
