// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"cmp"
	"encoding/json"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// worlds is how many random stories each property is tried on.
const worlds = 600

// settles makes passes until one asks nothing and writes nothing, and fails if that takes long or anything flaps.
func (w *world) settles(t *testing.T) {
	t.Helper()
	for range 6 {
		before, writes, effects := w.object.Status.DeepCopy(), w.writes, w.effects
		steps := w.pass(t)
		if last := steps[len(steps)-1]; last.Verb == Wait {
			w.advance(last.After)
			continue
		}
		if w.effects-effects > 3 {
			t.Fatalf("%d requests of one pass write:\n%s", w.effects-effects, w.story())
		}
		if w.writes == writes && sameStatus(*before, w.object.Status) {
			w.stays(t)
			return
		}
	}
	t.Fatalf("it does not come to rest:\n%s", w.story())
}

// stays asks for one more look, which must change nothing.
func (w *world) stays(t *testing.T) {
	t.Helper()
	before, writes := w.object.Status.DeepCopy(), w.writes
	if w.object.Spec.Suspend {
		return
	}
	w.look = true
	w.pass(t)
	if w.writes != writes {
		t.Fatalf("a second look writes:\n%s", w.story())
	}
	if !sameStatus(*before, w.object.Status) {
		t.Fatalf("a second look changes the status from\n%+v\nto\n%+v\n%s", *before, w.object.Status, w.story())
	}
	w.look = false
}

// keepsItsPromises holds a world that came to rest against what the policies say.
func (w *world) keepsItsPromises(t *testing.T) {
	t.Helper()
	s := &w.object.Status
	spec := &w.object.Spec
	if w.mine() > 1 {
		t.Fatalf("%d conversations were created and are there:\n%s", w.mine(), w.story())
	}
	if spec.Suspend {
		return
	}
	conv := w.find(s.SID)
	switch w.reason() {
	case v1alpha1.ReasonSynced, v1alpha1.ReasonClosed:
		if s.SID == "" || conv == nil {
			t.Fatalf("%s without a conversation:\n%s", w.reason(), w.story())
		}
	case v1alpha1.ReasonUniqueNameTaken, v1alpha1.ReasonConversationMissing, v1alpha1.ReasonConversationClosed, v1alpha1.ReasonRejected:
		return
	default:
		t.Fatalf("it rests as %q:\n%s", w.reason(), w.story())
	}
	if w.mine() == 1 && !conv.ours && s.Origin == v1alpha1.OriginCreated && s.UniqueName != GeneratedName("test", "support", "vip") {
		t.Fatalf("it made one conversation and manages another:\n%s", w.story())
	}
	enforces := spec.ManagementPolicy == "" || spec.ManagementPolicy == v1alpha1.ManagementPolicyEnforce
	if !enforces || conv.State == twilio.StateClosed {
		return
	}
	f := w.facts()
	f.Observed = w.answer(conv)
	for _, v := range fields(f) {
		if v.want != "" && v.known && !v.quiet && !v.same(v.want, v.have) && !f.unechoed(v.path) {
			t.Fatalf("%s: %s is %q and should be %q:\n%s", w.reason(), v.path, v.have, v.want, w.story())
		}
	}
	if spec.State == v1alpha1.StateClosed {
		t.Fatalf("it should be closed and is %s:\n%s", conv.State, w.story())
	}
}

// sameStatus leaves out when conditions changed.
func sameStatus(a, b v1alpha1.ConversationStatus) bool {
	text := func(s v1alpha1.ConversationStatus) string {
		s = *s.DeepCopy()
		for i := range s.Conditions {
			s.Conditions[i].LastTransitionTime = metav1.Time{}
		}
		text, _ := json.Marshal(s)
		return string(text)
	}
	return text(a) == text(b)
}

// begins draws an object and what is at Twilio already.
func begins(d dice) *world {
	w := newWorld()
	w.rewords = d.chance(20)
	for n := range d.IntN(3) {
		if c := d.conversation(n, w.now); w.find(c.UniqueName) == nil {
			w.convs = append(w.convs, c)
		}
	}
	w.object.Spec = d.spec()
	if len(w.convs) > 0 && d.chance(20) {
		w.object.Spec.Adoption = &v1alpha1.AdoptionSpec{SID: w.convs[0].SID}
	}
	w.log("spec %+v attributes %v timers %v", w.object.Spec, w.object.Spec.Attributes, w.object.Spec.Timers)
	return w
}

func (w *world) edits(d dice) {
	adoption := w.object.Spec.Adoption
	w.object.Spec = d.spec()
	if adoption != nil && adoption.SID != "" {
		w.object.Spec.Adoption = adoption
	}
	w.object.Generation++
	w.log("edited to %+v attributes %v timers %v", w.object.Spec, w.object.Spec.Attributes, w.object.Spec.Timers)
}

func TestAnythingComesToRest(t *testing.T) {
	for seed := range worlds {
		d := newDice(seed)
		w := begins(d)
		w.settles(t)
		w.keepsItsPromises(t)
		for range 6 {
			if d.chance(40) {
				w.edits(d)
			} else if c := w.find(w.object.Status.SID); c != nil {
				w.log("meddled: %s", d.meddle(w.model, c))
				w.look = true
				if d.chance(10) {
					_ = w.delete(c.SID)
				}
			}
			w.settles(t)
			w.keepsItsPromises(t)
		}
	}
}

func TestObserveNeverWritesAndReportWritesOnlyEdits(t *testing.T) {
	for seed := range worlds {
		d := newDice(seed)
		w := begins(d)
		w.settles(t)
		w.object.Spec.ManagementPolicy = one(d, v1alpha1.ManagementPolicyObserve, v1alpha1.ManagementPolicyReport)
		w.object.Generation++
		w.settles(t)
		observes := w.object.Spec.ManagementPolicy == v1alpha1.ManagementPolicyObserve
		for range 6 {
			writes := w.writes
			c := w.find(w.object.Status.SID)
			if c != nil {
				w.log("meddled: %s", d.meddle(w.model, c))
			}
			edited := observes && d.chance(50)
			if edited {
				p := w.object.Spec.ManagementPolicy
				w.edits(d)
				w.object.Spec.ManagementPolicy = p
			}
			w.look = true
			w.settles(t)
			if w.writes != writes && (observes || w.object.Status.SID != "" && c != nil) {
				t.Fatalf("%s wrote:\n%s", w.object.Spec.ManagementPolicy, w.story())
			}
		}
	}
}

// chaos draws faults for some requests that write, and none once it is calm.
func chaos(d dice, calm *bool) func() fault {
	return func() fault {
		if *calm || d.chance(50) {
			return noFault
		}
		return fault(d.IntN(int(faults)))
	}
}

// stirs lets something happen that has nothing to do with the operator's own requests.
func (w *world) stirs(d dice) {
	conv := w.find(w.object.OwnSID())
	spec := &w.object.Spec
	switch {
	case d.chance(20):
		spec.FriendlyName = one(d, "VIP", "Other", "Third")
		w.object.Generation++
		w.log("edited friendlyName to %q", spec.FriendlyName)
	case d.chance(10):
		spec.UniqueName = one(d, "", "vip", "other")
		w.object.Generation++
		w.log("edited uniqueName to %q", spec.UniqueName)
	case d.chance(5):
		spec.ClosedPolicy = one(d, v1alpha1.ClosedPolicyKeep, v1alpha1.ClosedPolicyRecreate)
		w.object.Generation++
		w.log("edited closedPolicy to %q", spec.ClosedPolicy)
	case d.chance(10) && conv != nil:
		_ = w.delete(conv.SID)
		w.look = true
		w.log("removed behind the back")
	case d.chance(10) && (w.keptIntent == w.intent || spec.UniqueName == ""):
		// Under a name of the user's, what nobody remembers is lost.
		w.replaced()
		w.log("replaced by its manifest")
	case d.chance(10) && conv != nil && conv.State != twilio.StateClosed:
		w.apply(conv, twilio.Params{State: new(twilio.StateClosed)})
		w.look = true
		w.log("closed behind the back")
	}
}

func TestCrashesAndLostAnswersLeaveExactlyOne(t *testing.T) {
	for seed := range worlds {
		d := newDice(seed)
		w := newWorld(wants(one[v1alpha1.ConversationState](d, "", "active", "inactive", "closed")),
			named(d.value("vip")), friendly(d.value("VIP")), attributesOf(d.value(`{"a":1}`)), dated(d.value("2020-01-01T00:00:00Z")))
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
	theirs.UniqueName = GeneratedName("test", "production", "vip")
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
		w.remove()
		w.log("deleted")
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

// edited draws an edit of what an update that nobody answered may leave wrong without a trace.
func (w *world) edited(d dice) {
	spec := &w.object.Spec
	spec.FriendlyName = one(d, "VIP", "Other")
	spec.Attributes = jsonOf(d.value(`{"a":1}`, `{"a":2}`))
	spec.State = one[v1alpha1.ConversationState](d, "", "active", "inactive")
	spec.DateCreated = one(d, "2020-01-01T00:00:00Z", "2021-01-01T00:00:00Z")
	spec.Timers = &v1alpha1.TimersSpec{Inactive: d.value("PT1H", "PT2H"), Closed: d.value("P1D", "P2D")}
	w.object.Generation++
	w.log("edited to %+v attributes %v timers %v", *spec, spec.Attributes, *spec.Timers)
}

// differs names what Twilio has otherwise than the spec says.
func (w *world) differs() (paths []string) {
	conv, spec := w.find(w.object.Status.SID), &w.object.Spec
	is := func(path string, same bool) {
		if !same {
			paths = append(paths, path)
		}
	}
	length := func(text string) time.Duration {
		seconds, _ := v1alpha1.TimerSeconds(text)
		return time.Duration(seconds) * time.Second
	}
	is(FieldFriendlyName, conv.FriendlyName == spec.FriendlyName)
	is(FieldAttributes, SameAttributes(cmp.Or(attributes(spec), noAttributes), conv.Attributes))
	is(FieldState, spec.State == "" || string(conv.State) == string(spec.State))
	is(FieldDateCreated, sameTime(spec.DateCreated, conv.DateCreated.Format(time.RFC3339)))
	is(FieldTimersInactive, conv.inactive == length(spec.Timers.Inactive))
	is(FieldTimersClosed, conv.closed == length(spec.Timers.Closed))
	return paths
}

func TestEditsAreAppliedWhateverBecomesOfTheAnswers(t *testing.T) {
	for seed := range worlds {
		d := newDice(seed)
		w := newWorld(policy(one(d, v1alpha1.ManagementPolicyEnforce, v1alpha1.ManagementPolicyReport)))
		w.edited(d)
		w.pass(t)
		calm := false
		w.fault = chaos(d, &calm)
		for range 4 {
			before := *w.object.Spec.DeepCopy()
			w.edited(d)
			w.pass(t)
			w.advance(one(d, time.Millisecond, time.Second, 6*time.Second, 31*time.Second))
			if d.chance(50) {
				w.object.Spec = before
				w.object.Generation++
				w.log("taken back")
				w.pass(t)
				w.advance(one(d, time.Millisecond, time.Second, 6*time.Second))
			}
		}
		calm = true
		for range 8 {
			w.look = true
			w.advance(10 * time.Second)
			w.pass(t)
		}
		if paths := w.differs(); len(paths) > 0 || w.reason() != v1alpha1.ReasonSynced || len(w.object.Status.Drift) > 0 {
			t.Fatalf("seed %d: it rests as %s with %v not as the spec says:\n%s", seed, w.reason(), paths, w.story())
		}
	}
}
