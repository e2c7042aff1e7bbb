// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

var (
	active, inactive, closing = wants(v1alpha1.StateActive), wants(v1alpha1.StateInactive), wants(v1alpha1.StateClosed)

	seenActive   = inState(twilio.StateActive)
	seenInactive = inState(twilio.StateInactive)
	seenClosed   = inState(twilio.StateClosed)

	past, future = noon.Add(-time.Minute), noon.Add(time.Hour)
)

// answer is what a pass makes of a state.
type answer struct {
	Verb   Verb
	Reason string
	// Sent is the state that is sent, and Reported the one that is shown as drift.
	Sent, Reported string
}

func answerOf(s Step) answer {
	a := answer{Verb: s.Verb, Reason: s.Reason}
	if s.Params.State != nil {
		a.Sent = string(*s.Params.State)
	}
	for _, d := range s.Drift {
		if d.Field == FieldState && s.Verb.Ends() {
			a.Reported = d.Observed
		}
	}
	return a
}

var (
	synced     = answer{Verb: Keep, Reason: v1alpha1.ReasonSynced}
	endOfLife  = answer{Verb: Keep, Reason: v1alpha1.ReasonClosed}
	closedGood = answer{Verb: Refuse, Reason: v1alpha1.ReasonConversationClosed, Reported: "closed"}
	sendActive = answer{Verb: Update, Sent: "active"}
	sendIdle   = answer{Verb: Update, Sent: "inactive"}
	sendClosed = answer{Verb: Update, Sent: "closed"}
)

func reported(a answer, observed string) answer {
	a.Reported = observed
	return a
}

func TestStateAndTimers(t *testing.T) {
	cases := []struct {
		name  string
		facts *Facts
		want  answer
	}{
		{"A state that is left out is not compared", given(created(), sees(seenInactive)), synced},
		{"A state that is left out may be closed", given(created(), sees(seenClosed)), endOfLife},
		{"A state that is set later is sent", given(created(), edit(inactive)), sendIdle},
		{"A state that is set later and is there already is not sent", given(created(), edit(active), sees()), synced},
		{"A state that is edited is sent", given(active, created(), edit(inactive)), sendIdle},
		{"A conversation that is to be closed is closed", given(active, created(), edit(closing)), sendClosed},
		{"A conversation that is to be closed and is closed is fine", given(active, created(), edit(closing), sees(seenClosed)), endOfLife},
		{"Closed as the spec says is the end of a life", given(closing, created(), sees()), endOfLife},

		{"A new message revives what the spec made inactive", given(inactive, created(), sees(seenActive)), synced},
		{"A timer of the spec made it inactive", given(active, timers("PT1M", ""), created(), sees(seenInactive)), synced},
		{"A timer whose date has come made it inactive", given(active, created(idlesAt(past)), sees(seenInactive)), synced},
		{"A timer whose date has come by Twilio's clock made it inactive although ours lags",
			given(active, created(idlesAt(future)), sees(seenInactive, answeredAt(future))), synced},
		{"A timer whose date has come by the update it made explains it",
			given(active, created(idlesAt(future)), sees(seenInactive, updatedAt(future))), synced},
		{"A timer whose date has not come made nothing inactive", given(active, timers("PT2H", ""), created(idlesAt(future)), sees(seenInactive)), sendActive},
		{"Without a timer somebody made it inactive", given(active, created(), sees(seenInactive)), sendActive},
		{"PT0S explains nothing", given(active, timers("PT0S", "PT0S"), created(), sees(seenInactive)), sendActive},
		{"A timer for closing does not explain inactive", given(active, timers("", "PT10M"), created(), sees(seenInactive)), sendActive},
		{"What was inactive when it was recorded still is", given(active, created(seenInactive), sees(seenInactive)), synced},

		{"A timer of the spec closed it", given(active, timers("", "PT10M"), created(), sees(seenClosed)), endOfLife},
		{"A timer of the account closed it", given(active, created(closesAt(past)), sees(seenClosed)), endOfLife},
		{"A timer closed what the spec wants inactive", given(inactive, timers("", "PT10M"), created(), sees(seenClosed)), endOfLife},
		{"A timer whose date has not come closed nothing", given(active, timers("", "PT2H"), created(closesAt(future)), sees(seenClosed)), closedGood},
		{"A timer for inactivity does not explain closed", given(active, timers("PT1M", ""), created(), sees(seenClosed)), closedGood},
		{"Without a timer somebody closed it", given(inactive, created(), sees(seenClosed)), closedGood},
		{"What was recorded as closed by its timer stays so", given(active, created(seenClosed), look, sees(seenClosed)), endOfLife},
		{"What a timer closed and the user edits afterwards is closed for good",
			given(active, timers("", "PT10M"), created(seenClosed), edit(inactive), sees(seenClosed)), closedGood},
		{"An edit takes an explanation away only while it stands",
			given(active, timers("", "PT10M"), created(seenClosed), edit(active)), endOfLife},

		{"Report shows what nothing explains", given(reporting, active, created(), sees(seenInactive)), reported(synced, "inactive")},
		{"Report shows it again at the next look",
			given(reporting, active, created(seenInactive), idleReported, sees(seenInactive)),
			reported(synced, "inactive")},
		{"Enforce puts right what was reported",
			given(reporting, active, created(seenInactive), idleReported,
				edit(policy(v1alpha1.ManagementPolicyEnforce)), sees(seenInactive)), sendActive},
		{"Report says nothing of what a timer did", given(reporting, active, timers("PT1M", ""), created(), sees(seenInactive)), synced},
		{"Report shows that somebody closed it", given(reporting, active, created(), sees(seenClosed)), reported(endOfLife, "closed")},
		{"Report applies an edit of the state", given(reporting, active, created(), edit(inactive)), sendIdle},
		{"Report refuses an edit of what is closed", given(reporting, active, created(seenClosed), edit(inactive), sees(seenClosed)), closedGood},
		{"Observe shows a state that is not as the spec says", given(observing, active, onlyObserved, look, sees(seenInactive)), reported(synced, "inactive")},
		{"Observe shows that somebody closed it", given(observing, active, onlyObserved, look, sees(seenClosed)), reported(endOfLife, "closed")},

		{"What is found active and is to be closed is closed", given(ifExists, named("vip"), closing, foundUnapplied, sees(seenActive)), sendClosed},
		{"What is found inactive and is to be active is made active", given(ifExists, named("vip"), active, foundUnapplied, sees(seenInactive)), sendActive},
		{"What is found inactive under a timer of the spec is left",
			given(ifExists, named("vip"), active, timers("PT1M", ""), foundUnapplied, sees(seenInactive)), synced},
		{"What is adopted active and is to be inactive is made inactive", given(ifExists, named("vip"), inactive, foundUnapplied, sees(seenActive)), sendIdle},
		{"What is found again active was revived by a message", given(inactive, ownFound, sees(seenActive)), synced},
		{"What is found closed by its timer is the end of a life", given(active, timers("", "PT10M"), ownFound, sees(seenClosed)), endOfLife},
		{"What is found closed without a timer is closed for good", given(active, ownFound, sees(seenClosed)), closedGood},

		{"Initializing is waited for",
			given(active, created(), look, sees(inState(twilio.StateInitializing))), answer{Verb: Wait, Reason: v1alpha1.ReasonProgressing}},
		{"Recreate starts over what a timer closed", given(startingOver, active, timers("", "PT10M"), created(), look, sees(seenClosed)), answer{Verb: Delete}},
		{"Recreate starts over what somebody closed", given(startingOver, created(), look, sees(seenClosed)), answer{Verb: Delete}},
		{"Recreate leaves what is to be closed", given(startingOver, closing, created(), look, sees(seenClosed)), endOfLife},
		{"Recreate deletes nothing under Report", given(startingOver, reporting, created(), look, sees(seenClosed)), endOfLife},
		{"Recreate deletes nothing under Observe", given(startingOver, observing, onlyObserved, look, sees(seenClosed)), endOfLife},
		{"Recreate does not create in place of adoption.sid", given(startingOver, bySID, adopted, look, sees(seenClosed)), endOfLife},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, answerOf(mustNotPanic(t, c.facts))); diff != "" {
				t.Errorf("step (-want +got):\n%s", diff)
			}
		})
	}
}

// idleReported records that somebody made an active conversation inactive.
var idleReported = drifting(v1alpha1.FieldDrift{Field: FieldState, Desired: "active", Observed: "inactive"})

func answeredAt(t time.Time) with { return func(c *twilio.Conversation) { c.ServerTime = t } }

func updatedAt(t time.Time) with { return func(c *twilio.Conversation) { c.DateUpdated = &t } }

// ownFound makes the object one that found a conversation it had made, and has not compared it yet.
func ownFound(f *Facts) { f.take(conversation(f), v1alpha1.OriginCreated) }

func TestAConversationThatIsToBeClosedIsCreatedAndThenClosed(t *testing.T) {
	for _, p := range []setup{policy(v1alpha1.ManagementPolicyEnforce), reporting} {
		f := given(closing, p)
		step := mustNotPanic(t, f)
		if step.Verb != Create || step.Params.State != nil {
			t.Fatalf("first step %s sends state %v", step.Verb, step.Params.State)
		}
		f.Created(conversation(f, seenActive))
		step = mustNotPanic(t, f)
		if diff := cmp.Diff(sendClosed, answerOf(step)); diff != "" || step.Corrects {
			t.Errorf("second step corrects: %t (-want +got):\n%s", step.Corrects, diff)
		}
	}
}

func TestAStateThatTwilioDoesNotTakeOverIsSentOnce(t *testing.T) {
	f := given(active, created(), edit(closing))
	step := mustNotPanic(t, f)
	f.Updated(step, conversation(f, seenActive))
	step = mustNotPanic(t, f)
	if diff := cmp.Diff(synced, answerOf(step)); diff != "" {
		t.Errorf("step after the update (-want +got):\n%s", diff)
	}
	f.Record(step)
	is(v1alpha1.ReasonSynced)(f)
	all(look, sees(seenActive))(f)
	if diff := cmp.Diff(synced, answerOf(mustNotPanic(t, f))); diff != "" {
		t.Errorf("next pass (-want +got):\n%s", diff)
	}
	all(sees(seenClosed))(f)
	if diff := cmp.Diff(endOfLife, answerOf(mustNotPanic(t, f))); diff != "" {
		t.Errorf("once it is closed (-want +got):\n%s", diff)
	}
}
