// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"cmp"
	"fmt"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// moment is one combination of what the spec says of state and timers, what was recorded of them, and what is observed.
type moment struct {
	spec          v1alpha1.ConversationState
	timers        v1alpha1.TimersSpec
	recorded      v1alpha1.ConversationState
	idles, closes *time.Time
	reported      bool
	observed      v1alpha1.ConversationState
	edited        string
	policy        v1alpha1.ManagementPolicy
	recreates     bool
}

func (m *moment) facts() *Facts {
	f := given(created(), policy(m.policy), wants(m.spec), timers(m.timers.Inactive, m.timers.Closed))
	if m.recreates {
		startingOver(f)
	}
	s := &f.Object.Status
	s.LastApplied = Applied(f, nil)
	s.State, s.Timers = m.recorded, nil
	if m.idles != nil || m.closes != nil {
		s.Timers = &v1alpha1.TimersStatus{DateInactive: timestamp(m.idles), DateClosed: timestamp(m.closes)}
	}
	if m.reported {
		s.Drift = []v1alpha1.FieldDrift{{Field: FieldState, Desired: string(m.spec), Observed: string(m.recorded)}}
	}
	switch m.edited {
	case "state":
		s.LastApplied.State = ""
		if m.spec == "" {
			s.LastApplied.State = "active"
		}
	case "name":
		friendly("edited")(f)
	}
	sees(inState(twilio.State(m.observed)), called("as it was"))(f)
	return f
}

// explained: a timer made the conversation what it is: its state was recorded and not as drift, or, where it was another,
// the date that Twilio had answered for it has come, or, where it had answered none, the spec has a timer.
func (m *moment) explained(date *time.Time, timer string) bool {
	switch {
	case m.recorded == m.observed:
		return !m.reported
	case date != nil:
		return !noon.Before(*date)
	}
	return timer != "" && timer != "PT0S"
}

// differs: the state is not what the spec says, and that is neither a timer's nor a message's doing.
func (m *moment) differs() bool {
	switch {
	case m.spec == "" || m.spec == m.observed:
		return false
	case m.edited == "state":
		return true
	case m.observed == v1alpha1.StateClosed:
		return !m.explained(m.closes, m.timers.Closed)
	case m.spec == v1alpha1.StateActive && m.observed == v1alpha1.StateInactive:
		return !m.explained(m.idles, m.timers.Inactive)
	case m.spec == v1alpha1.StateInactive && m.observed == v1alpha1.StateActive:
		return m.reported && m.recorded == m.observed
	}
	return true
}

// expected is what the design says of the moment.
func (m *moment) expected() answer {
	shown := ""
	if m.differs() {
		shown = string(m.observed)
	}
	enforces := m.policy == v1alpha1.ManagementPolicyEnforce
	observes := m.policy == v1alpha1.ManagementPolicyObserve
	switch {
	case m.observed == v1alpha1.StateInitializing:
		return answer{Verb: Wait, Reason: v1alpha1.ReasonProgressing}
	case m.observed == v1alpha1.StateClosed && enforces && m.recreates && m.spec != v1alpha1.StateClosed:
		return answer{Verb: Delete}
	case m.observed == v1alpha1.StateClosed:
		open := m.spec != "" && m.spec != v1alpha1.StateClosed
		edited := m.edited == "name" || m.edited == "state" && m.differs()
		if open && !observes && (edited || enforces && m.differs()) {
			return reported(closedGood, shown)
		}
		return reported(endOfLife, shown)
	case observes:
		return reported(synced, shown)
	case m.edited == "state" && m.differs(), m.differs() && enforces:
		return answer{Verb: Update, Sent: string(m.spec)}
	case m.edited == "name":
		return answer{Verb: Update}
	}
	return reported(synced, shown)
}

func (m *moment) String() string {
	day := func(t *time.Time) string {
		switch {
		case t == nil:
			return "none"
		case t.After(noon):
			return "to come"
		}
		return "past"
	}
	return fmt.Sprintf("spec %q timers %q/%q recorded %s dates %s/%s reported %t observed %s edited %q policy %s recreate %t",
		m.spec, m.timers.Inactive, m.timers.Closed, m.recorded, day(m.idles), day(m.closes), m.reported, m.observed, m.edited, m.policy, m.recreates)
}

// possible: closed is final, and only what was recorded as different is reported.
func (m *moment) possible() bool {
	return (m.recorded != v1alpha1.StateClosed || m.observed == v1alpha1.StateClosed) &&
		!(m.reported && (m.spec == "" || m.spec == m.recorded))
}

func TestEveryCombinationOfStatesAndTimers(t *testing.T) {
	states := []v1alpha1.ConversationState{v1alpha1.StateActive, v1alpha1.StateInactive, v1alpha1.StateClosed}
	dates := []*time.Time{nil, &past, &future}
	each(t, func(m moment) {
		for _, m.spec = range append(states, "") {
			for _, m.recorded = range states {
				for _, m.observed = range append(states, v1alpha1.StateInitializing) {
					for _, m.idles = range dates {
						for _, m.closes = range dates {
							if !m.possible() {
								continue
							}
							if diff := gocmp.Diff(m.expected(), answerOf(mustNotPanic(t, m.facts()))); diff != "" {
								t.Fatalf("%s (-want +got):\n%s", &m, diff)
							}
						}
					}
				}
			}
		}
	})
}

// each goes through what is not about the state itself.
func each(t *testing.T, do func(moment)) {
	t.Helper()
	for _, inactive := range []string{"", "PT1M", "PT0S"} {
		for _, closed := range []string{"", "PT10M", "PT0S"} {
			for _, edited := range []string{"", "name", "state"} {
				for _, p := range []v1alpha1.ManagementPolicy{v1alpha1.ManagementPolicyEnforce, v1alpha1.ManagementPolicyReport, v1alpha1.ManagementPolicyObserve} {
					for i := range 4 {
						do(moment{
							timers: v1alpha1.TimersSpec{Inactive: inactive, Closed: closed},
							edited: edited, policy: p, recreates: i&1 == 1, reported: i&2 == 2,
						})
					}
				}
			}
		}
	}
}

// durations of timers: what an edit, a drop and a spelling make of them.
func TestDurationsAreSentOnlyWhenEdited(t *testing.T) {
	cases := []struct {
		name                   string
		applied, now           v1alpha1.TimersSpec
		sentInactive, sentIdle string
	}{
		{name: "A duration as applied is not sent", applied: v1alpha1.TimersSpec{Inactive: "PT1H"}, now: v1alpha1.TimersSpec{Inactive: "PT1H"}},
		{name: "A duration in another spelling is not sent", applied: v1alpha1.TimersSpec{Inactive: "PT1H", Closed: "P1D"}, now: v1alpha1.TimersSpec{Inactive: "PT60M", Closed: "PT24H"}},
		{name: "A duration that is edited is sent as written", applied: v1alpha1.TimersSpec{Inactive: "PT1H"}, now: v1alpha1.TimersSpec{Inactive: "PT120M"}, sentInactive: "PT120M"},
		{name: "Only the timer that was edited is sent", applied: v1alpha1.TimersSpec{Inactive: "PT1H", Closed: "P1D"}, now: v1alpha1.TimersSpec{Inactive: "PT1H", Closed: "P2D"}, sentIdle: "P2D"},
		{name: "PT0S is sent where no timer was applied", now: v1alpha1.TimersSpec{Closed: "PT0S"}, sentIdle: "PT0S"},
		{name: "A timer that is dropped is disabled", applied: v1alpha1.TimersSpec{Inactive: "PT1H", Closed: "P1D"}, now: v1alpha1.TimersSpec{Closed: "P1D"}, sentInactive: "PT0S"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f := given(timers(c.applied.Inactive, c.applied.Closed), created(idlesAt(past), closesAt(future)), edit(timers(c.now.Inactive, c.now.Closed)))
			p := mustNotPanic(t, f).Params
			got := [2]string{*cmp.Or(p.TimersInactive, new("")), *cmp.Or(p.TimersClosed, new(""))}
			if want := [2]string{c.sentInactive, c.sentIdle}; got != want {
				t.Errorf("sent %q, want %q", got, want)
			}
		})
	}
}

func TestATimerThatRunsIsKept(t *testing.T) {
	cases := []struct {
		name  string
		facts *Facts
		sent  string
	}{
		{"A running timer keeps its clock", given(timers("PT1M", "PT10M"), ownFound, sees(idlesAt(future), closesAt(future))), ""},
		{"A timer that fired is not started again", given(timers("PT1M", ""), ownFound, sees(seenInactive)), ""},
		{"A timer that does not run is started", given(timers("PT1M", "PT10M"), ownFound, sees(idlesAt(future))), FieldTimersClosed},
		{"A timer that is not wanted is stopped", given(timers("", "PT0S"), ownFound, sees(closesAt(future))), FieldTimersClosed},
		{"A timer that is not wanted and does not run is left", given(timers("PT0S", "PT0S"), ownFound, sees()), ""},
		{"A timer that the spec does not name is left", given(ownFound, sees(closesAt(future))), ""},
		{"A closed conversation has no timers to start", given(timers("PT1M", "PT10M"), ownFound, sees(seenClosed)), ""},
		{"Report leaves a timer that does not run", given(reporting, timers("", "PT10M"), created(), drifting(v1alpha1.FieldDrift{Field: FieldTimersClosed, Desired: "PT10M"}), sees()), ""},
		{"Enforce starts the timer that was reported",
			given(reporting, timers("", "PT10M"), created(), drifting(v1alpha1.FieldDrift{Field: FieldTimersClosed, Desired: "PT10M"}), edit(policy("")), sees()), FieldTimersClosed},
		{"A reported timer that runs by now is not started again",
			given(reporting, timers("", "PT10M"), created(), drifting(v1alpha1.FieldDrift{Field: FieldTimersClosed, Desired: "PT10M"}), edit(policy("")), sees(closesAt(future))), ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			step := mustNotPanic(t, c.facts)
			if got := fieldsOf(step.Differences); got != c.sent {
				t.Errorf("%s sends %q, want %q", step.Verb, got, c.sent)
			}
			if c.sent != "" {
				return
			}
			c.facts.Record(step)
			if want, got := c.facts.Object.Spec.Timers, c.facts.Object.Status.LastApplied; want != nil && (got.TimersInactive != want.Inactive || got.TimersClosed != want.Closed) {
				t.Errorf("recorded as applied %+v, want %+v", got, want)
			}
		})
	}
}
