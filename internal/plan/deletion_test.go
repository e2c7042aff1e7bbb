// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"strings"
	"testing"
	"time"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

func TestDeletionPolicy(t *testing.T) {
	const del, retain = v1alpha1.DeletionPolicyDelete, v1alpha1.DeletionPolicyRetain
	cases := []struct {
		name  string
		facts *Facts
		want  v1alpha1.DeletionPolicy
	}{
		{"What the operator created is deleted", given(created()), del},
		{"What it adopted is retained", given(ifExists, adopted), retain},
		{"What it found again is deleted", given(ownFound), del},
		{"What it created in place of what it had adopted is deleted",
			given(ifExists, adopted, func(f *Facts) { f.Created(conversation(f, isSID(newSID))) }), del},
		{"What it is about to create is deleted", given(), del},
		{"What adoption.sid names and was not found yet is retained", given(bySID), retain},
		{"Retain is kept for what was created", given(deletion(retain), created()), retain},
		{"Delete is kept for what was adopted", given(ifExists, deletion(del), adopted), del},
		{"Delete is kept for adoption.sid", given(bySID, deletion(del), adopted), del},
		{"Observe retains whatever the spec says", given(observing, deletion(del), created()), retain},
		{"What was only observed and is not managed yet is retained", given(observing, deletion(del), onlyObserved, edit(policy(""))), retain},
		{"Report does as Enforce does", given(reporting, created()), del},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := DeletionPolicy(c.facts.Object); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// TestOfTwoLostCreatesTheOtherMayStillCome: what is found looks as both would have made it, so that the second is waited for.
func TestOfTwoLostCreatesTheOtherMayStillCome(t *testing.T) {
	f := given(announced(0), later(SettleWindow-10*time.Second))
	f.Intent = new(NewIntent(f))
	all(later(15*time.Second), beingDeleted, finds(bornAt(noon.Add(25*time.Second))))(f)
	f.Deleted()
	if step := mustNotPanic(t, f); step.Verb != Lookup {
		t.Fatalf("row %q decides on %s", step.Row, step.Verb)
	}
	f.NotFound(Step{Verb: Lookup, Target: f.Generated})
	if step := mustNotPanic(t, f); step.Verb != Wait {
		t.Errorf("row %q decides on %s, and the second create would outlive the object", step.Row, step.Verb)
	}
}

// TestAnEarlierServiceIsAskedForTheNameOfTheCreate: the spec has another name by now.
func TestAnEarlierServiceIsAskedForTheNameOfTheCreate(t *testing.T) {
	f := given(named("old"), announced(0), edit(named("new")), beingDeleted)
	f.Account.FormerServices = []string{sid("IS", 'b')}
	f.NotFound(mustNotPanic(t, f))
	if step := mustNotPanic(t, f); step.Target != "old" || step.Service != sid("IS", 'b') {
		t.Errorf("row %q asks for %q in service %q", step.Row, step.Target, step.Service)
	}
}

// TestADeletionAnswered404: of two lost creates one was found, and is gone before it could be deleted.
func TestADeletionAnswered404(t *testing.T) {
	f := given(announced(time.Second))
	f.Intent = new(NewIntent(f))
	all(beingDeleted, finds())(f)
	f.NotFound(Step{Verb: Delete})
	if step := mustNotPanic(t, f); step.Verb != Lookup {
		t.Errorf("row %q decides on %s", step.Row, step.Verb)
	}
}

func TestDeletionsEnd(t *testing.T) {
	old := bornAt(noon.Add(-time.Hour))
	cases := []struct {
		name  string
		facts *Facts
		// byName is what a GET by name answers; nil: 404.
		byName func(*Facts)
		// want is the verbs of the pass.
		want string
	}{
		{"What was created is deleted and released", given(created(), beingDeleted), nil, "Delete Release"},
		{"What was adopted is released", given(ifExists, adopted, beingDeleted), nil, "Release"},
		{"What was never created is released", given(beingDeleted), nil, "Release"},
		{"A create in flight holds the object", given(announced(0), beingDeleted), nil, "Lookup Wait"},
		{"A create that came to nothing is over", given(announced(SettleWindow), beingDeleted), nil, "Lookup Release"},
		{"A lost create is found and deleted", given(announced(0), beingDeleted), finds(), "Lookup Delete Release"},
		{"A lost create under a user's name is found and deleted", given(wanted, announced(0), beingDeleted), finds(), "Lookup Delete Release"},
		{"Who else has the user's name keeps it", given(wanted, announced(SettleWindow), beingDeleted), finds(old), "Lookup Release"},
		{"Who else has the user's name may give it up before the create arrives", given(wanted, announced(0), beingDeleted), finds(old), "Lookup Wait"},
		{"What another object manages is not deleted", given(wanted, announced(0), beingDeleted), all(finds(), elsewhereManaged), "Lookup Release"},
		{"A conversation of the name that was made long after the create is not deleted",
			given(named("vip"), announced(time.Hour), beingDeleted), finds(), "Lookup Release"},
		{"A throttled create behind a lost one is looked for", given(announced(10*time.Second), announced(0), unsent, beingDeleted), nil, "Lookup Wait"},
		{"A replacement whose create was lost is found and deleted", given(created(), announced(0), beingDeleted), finds(isSID(newSID)), "Lookup Delete Release"},
		{"A replacement of what was adopted is the operator's own",
			given(named("vip"), ifExists, adopted, announced(0), beingDeleted), finds(isSID(newSID)), "Lookup Delete Release"},
		{"A replacement is retained if the spec says so", given(deletion(v1alpha1.DeletionPolicyRetain), created(), announced(0), beingDeleted), nil, "Release"},
		{"A throttled replacement leaves nothing but the one before", given(created(), announced(0), unsent, beingDeleted), nil, "Delete Release"},
		{"What was observed and refused to be managed stays",
			given(observing, deletion(v1alpha1.DeletionPolicyDelete), onlyObserved, edit(policy("")), beingDeleted), nil, "Release"},
		{"adoption.sid that was never found is released", given(bySID, deletion(v1alpha1.DeletionPolicyDelete), beingDeleted), nil, "Release"},
		{"What Observe found is released while a create is open", given(observing, announced(0), beingDeleted), nil, "Release"},
		{"A suspended object is held", given(suspendedSpec, created(), beingDeleted), nil, "Hold"},
		{"A suspended object that was never created is released", given(suspendedSpec, beingDeleted), nil, "Release"},
		{"A suspended object that is retained is released",
			given(suspendedSpec, deletion(v1alpha1.DeletionPolicyRetain), created(), beingDeleted), nil, "Release"},
		{"A spec that is refused does not keep an object from going", given(named("k8s.mine"), created(), beingDeleted), nil, "Delete Release"},
		{"Changing the policy to Retain ends the wait for credentials",
			given(created(), beingDeleted, edit(deletion(v1alpha1.DeletionPolicyRetain)), accountIs(Account{Reason: v1alpha1.ReasonCredentialsRejected})),
			nil, "Release"},
		{"A breaker that is open does not keep an object from going",
			given(created(), beingDeleted, accountIs(Account{SID: accountSID, Halted: true})), nil, "Delete Release"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var verbs []string
			for range 5 {
				step := mustNotPanic(t, c.facts)
				verbs = append(verbs, string(step.Verb))
				if step.Verb.Ends() {
					break
				}
				switch {
				case step.Verb == Delete:
					c.facts.Deleted()
				case step.Verb == Lookup && c.byName != nil:
					c.byName(c.facts)
				case step.Verb == Lookup:
					c.facts.NotFound(step)
				}
			}
			if got := strings.Join(verbs, " "); got != c.want {
				t.Errorf("steps %s, want %s", got, c.want)
			}
		})
	}
}

func TestADeletionInFlightIsLookedAtAgainWhenItCanBeOver(t *testing.T) {
	f := given(announced(20*time.Second), beingDeleted, nobodyHasTheName)
	if step := mustNotPanic(t, f); step.After != SettleWindow-20*time.Second {
		t.Errorf("looked at again after %s", step.After)
	}
}
