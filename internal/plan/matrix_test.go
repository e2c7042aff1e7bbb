// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"cmp"
	"fmt"
	"testing"
	"time"

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
		(!m.reported || m.spec != "" && m.spec != m.recorded)
}

// pick takes the next value of the n-th combination.
func pick[T any](n *int, of ...T) T {
	value := of[*n%len(of)]
	*n /= len(of)
	return value
}

// momentOf is the n-th combination; false: there are no more.
func momentOf(n int) (moment, bool) {
	const open, idle, closed = v1alpha1.StateActive, v1alpha1.StateInactive, v1alpha1.StateClosed
	m := moment{
		spec:      pick(&n, "", open, idle, closed),
		recorded:  pick(&n, open, idle, closed),
		observed:  pick(&n, open, idle, closed, v1alpha1.StateInitializing),
		idles:     pick(&n, nil, &past, &future),
		closes:    pick(&n, nil, &past, &future),
		timers:    v1alpha1.TimersSpec{Inactive: pick(&n, "", "PT1M", "PT0S"), Closed: pick(&n, "", "PT10M", "PT0S")},
		edited:    pick(&n, "", "name", "state"),
		policy:    pick(&n, v1alpha1.ManagementPolicyEnforce, v1alpha1.ManagementPolicyReport, v1alpha1.ManagementPolicyObserve),
		recreates: pick(&n, false, true),
		reported:  pick(&n, false, true),
	}
	return m, n == 0
}

func TestEveryCombinationOfStatesAndTimers(t *testing.T) {
	tried := 0
	for n := 0; ; n++ {
		m, ok := momentOf(n)
		if !ok {
			break
		}
		if !m.possible() {
			continue
		}
		tried++
		if want, got := m.expected(), answerOf(mustNotPanic(t, m.facts())); want != got {
			t.Fatalf("%s: got %+v, want %+v", &m, got, want)
		}
	}
	if tried < 50000 {
		t.Errorf("only %d combinations were tried", tried)
	}
}

func TestDurationsAreSentOnlyWhenEdited(t *testing.T) {
	type pair struct{ inactive, closed string }
	cases := []struct {
		name               string
		applied, now, sent pair
	}{
		{"A duration as applied is not sent", pair{"PT1H", "P1D"}, pair{"PT1H", "P1D"}, pair{}},
		{"A duration in another spelling is not sent", pair{"PT1H", "P1D"}, pair{"PT60M", "PT24H"}, pair{}},
		{"A duration that is edited is sent as written", pair{"PT1H", ""}, pair{"PT120M", ""}, pair{"PT120M", ""}},
		{"Only the timer that was edited is sent", pair{"PT1H", "P1D"}, pair{"PT1H", "P2D"}, pair{"", "P2D"}},
		{"PT0S is sent where no timer was applied", pair{}, pair{"", "PT0S"}, pair{"", "PT0S"}},
		{"A timer that is dropped is disabled", pair{"PT1H", "P1D"}, pair{"", "P1D"}, pair{"PT0S", ""}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f := given(timers(c.applied.inactive, c.applied.closed), created(idlesAt(past), closesAt(future)), edit(timers(c.now.inactive, c.now.closed)))
			p := mustNotPanic(t, f).Params
			if got := (pair{*cmp.Or(p.TimersInactive, new("")), *cmp.Or(p.TimersClosed, new(""))}); got != c.sent {
				t.Errorf("sent %+v, want %+v", got, c.sent)
			}
		})
	}
}

// unstarted records that a timer was found not to run.
var unstarted = drifting(v1alpha1.FieldDrift{Field: FieldTimersClosed, Desired: "PT10M"})

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
		{"Report leaves a timer that does not run",
			given(reporting, timers("", "PT10M"), created(), unstarted, sees()), ""},
		{"Enforce starts the timer that was reported",
			given(reporting, timers("", "PT10M"), created(), unstarted, edit(policy("")), sees()), FieldTimersClosed},
		{"A reported timer that runs by now is not started again",
			given(reporting, timers("", "PT10M"), created(), unstarted, edit(policy("")), sees(closesAt(future))), ""},
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
			got := c.facts.Object.Status.LastApplied
			if want := timersOf(&c.facts.Object.Spec); got.TimersInactive != want.Inactive || got.TimersClosed != want.Closed {
				t.Errorf("recorded as applied %+v, want %+v", got, want)
			}
		})
	}
}
