// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package walk_test

import (
	"context"
	"maps"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

// interrupt lets the rival make a pass in the middle of this object's pass, unless a pass of the rival is under way.
func (w *world) interrupt() {
	if w.rival != nil && w.rival.during == nil && !w.rival.gone && w.during != nil && w.meanwhile() {
		w.log("  interrupted")
		w.during()
	}
}

// Claim implements [walk.World].
func (w *world) Claim(sid string) bool {
	if owner, ok := w.claims[sid]; ok && owner != w.object.UID {
		return false
	}
	w.claims[sid] = w.object.UID
	return true
}

// GiveUp implements [walk.World].
func (w *world) GiveUp(sid string) {
	maps.DeleteFunc(w.claims, func(claimed string, owner types.UID) bool {
		return owner == w.object.UID && (sid == "" || sid == claimed)
	})
}

// Sharers implements [walk.World].
func (w *world) Sharers(_ context.Context, sid string) ([]v1alpha1.Conversation, error) {
	w.interrupt()
	if w.rival == nil || w.rival.gone || w.rival.object.OwnSID() != sid {
		return nil, nil
	}
	return []v1alpha1.Conversation{*w.rival.object.DeepCopy()}, nil
}

// Namesakes implements [walk.World].
func (w *world) Namesakes(_ context.Context, name string) ([]v1alpha1.Conversation, error) {
	w.interrupt()
	if w.rival == nil || w.rival.gone || w.rival.object.Spec.UniqueName != name {
		return nil, nil
	}
	return []v1alpha1.Conversation{*w.rival.object.DeepCopy()}, nil
}

// SamePlace implements [walk.World].
func (w *world) SamePlace(context.Context, *v1alpha1.Conversation) (bool, error) { return true, nil }

// manages is the conversation that the object manages; empty: none.
func (w *world) manages() string {
	if w.gone || w.object.Status.Origin == "" {
		return ""
	}
	return w.object.OwnSID()
}

// pair draws two objects that want the same unique name, in one process or in two, and perhaps a conversation that has it.
func pair(d dice) (a, b *world, theirs *modelled) {
	spec := func() v1alpha1.ConversationSpec {
		return v1alpha1.ConversationSpec{
			UniqueName: "vip", FriendlyName: d.value("VIP", "Other"), ManagementPolicy: one[v1alpha1.ManagementPolicy](d, "", "Enforce", "Report"),
			Adoption: &v1alpha1.AdoptionSpec{Policy: one(d, v1alpha1.AdoptionPolicyIfExists, v1alpha1.AdoptionPolicyIfExists, v1alpha1.AdoptionPolicyNever)},
		}
	}
	a, b = newWorld(spec()), newWorld(spec())
	b.object.Name, b.object.UID = "rival", "uid-rival"
	b.model, b.trace = a.model, a.trace
	if d.chance(50) {
		b.process = a.process
	}
	if d.chance(30) {
		theirs = d.conversation(0, a.now)
		theirs.UniqueName = "vip"
		a.convs = append(a.convs, theirs)
	}
	a.rival, b.rival = b, a
	return a, b, theirs
}

// TestOfTwoObjectsOneHasTheConversation lets each of two objects act in the middle of the other's passes, and deletes one of them
// in the end.
func TestOfTwoObjectsOneHasTheConversation(t *testing.T) {
	for seed := range worlds {
		d := newDice(seed)
		a, b, theirs := pair(d)
		calm := false
		for _, w := range []*world{a, b} {
			w.meanwhile = func() bool { return !calm && d.chance(30) }
			w.fault = func() fault {
				if calm || d.chance(50) {
					return noFault
				}
				return one(d, throttled, lostBefore, lostAfter, lostLate)
			}
		}
		for range 10 {
			one(d, a, b).pass(t)
			a.advance(one(d, 0, time.Second, 6*time.Second, 31*time.Second))
			if a.manages() != "" && a.manages() == b.manages() {
				t.Fatalf("seed %d: both manage %s:\n%s", seed, a.manages(), a.story())
			}
		}
		calm = true
		a.rest(t)
		a.shares(t, seed, theirs != nil)
		leaving := one(d, a, b)
		leaving.remove()
		a.rest(t)
		leaving.rival.inherits(t, seed, theirs)
	}
}

// rest lets both objects of a pair come to rest.
func (w *world) rest(t *testing.T) {
	t.Helper()
	for range 12 {
		for _, w := range []*world{w, w.rival} {
			if !w.gone {
				w.look = true
				w.pass(t)
			}
		}
		w.advance(10 * time.Second)
	}
}

// has tells whether the object manages a conversation that is there.
func (w *world) has() bool {
	return (w.reason() == v1alpha1.ReasonSynced || w.reason() == v1alpha1.ReasonClosed) && w.manages() != "" && w.find(w.manages()) != nil
}

// shares holds a pair at rest against what it may look like: one of the two has the conversation, unless both leave it to somebody else.
func (w *world) shares(t *testing.T, seed int, taken bool) {
	t.Helper()
	r := w.rival
	switch {
	case len(w.convs) != 1:
	case w.has() && r.manages() == "" && r.reason() == v1alpha1.ReasonAlreadyManaged:
		return
	case r.has() && w.manages() == "" && w.reason() == v1alpha1.ReasonAlreadyManaged:
		return
	case taken && w.reason() == v1alpha1.ReasonUniqueNameTaken && r.reason() == v1alpha1.ReasonUniqueNameTaken:
		return
	}
	t.Fatalf("seed %d: of %d conversations the objects have %q and %q, as %s and %s:\n%s",
		seed, len(w.convs), w.manages(), r.manages(), w.reason(), r.reason(), w.story())
}

// inherits holds the object that is left of a pair against what it may look like.
func (w *world) inherits(t *testing.T, seed int, theirs *modelled) {
	t.Helper()
	if !w.rival.gone || len(w.convs) != 1 || theirs != nil && w.find(theirs.SID) == nil {
		t.Fatalf("seed %d: the deleted object is gone: %t, and there are %d conversations:\n%s", seed, w.rival.gone, len(w.convs), w.story())
	}
	if !w.has() && (theirs == nil || w.reason() != v1alpha1.ReasonUniqueNameTaken) {
		t.Fatalf("seed %d: the object that is left is %s:\n%s", seed, w.reason(), w.story())
	}
}
