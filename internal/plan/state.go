// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// state is the last known state.
func (f *Facts) state() twilio.State {
	if f.Observed != nil {
		return f.Observed.State
	}
	return twilio.State(f.Object.Status.State)
}

// wantsOpen: the spec asks for a state which a closed conversation can never have again.
func (f *Facts) wantsOpen() bool {
	s := f.Object.Spec.State
	return s != "" && s != v1alpha1.StateClosed
}

// inactiveExplained: a timer made the conversation inactive, so the state is no drift from the spec.
func (f *Facts) inactiveExplained() bool {
	spec, seen := f.timers()
	return f.explained(twilio.StateInactive, spec.Inactive, seen.DateInactive)
}

// closedExplained: a timer closed the conversation. Such an end is the end of a normal life, not drift.
func (f *Facts) closedExplained() bool {
	spec, seen := f.timers()
	return f.explained(twilio.StateClosed, spec.Closed, seen.DateClosed)
}

func (f *Facts) timers() (spec v1alpha1.TimersSpec, seen v1alpha1.TimersStatus) {
	if t := f.Object.Spec.Timers; t != nil {
		spec = *t
	}
	if t := f.Object.Status.Timers; t != nil {
		seen = *t
	}
	return spec, seen
}

// explained: a timer made the observed state. The record of the state also says whether a timer made the state, because
// Twilio's answer no longer has the timer's date by then.
func (f *Facts) explained(state twilio.State, spec string, date *metav1.Time) bool {
	if twilio.State(f.Object.Status.State) == state {
		return f.explainedBefore()
	}
	return f.fired(spec, date)
}

// explainedBefore: a timer made the recorded state. Recorded drift of the state means: no timer made the state, unless
// the record says Explained. Explained covers an edit of the state which came too late to be applied.
func (f *Facts) explainedBefore() bool { return !f.driftRecorded(FieldState) || f.applied().Explained }

// explains tells whether a timer made the observed state, and the spec wants another state.
func (f *Facts) explains() bool {
	want := f.Object.Spec.State
	switch {
	case f.Observed == nil, want == "", string(f.Observed.State) == string(want):
		return false
	case f.Observed.State == twilio.StateInactive:
		return f.inactiveExplained()
	}
	return f.Observed.State == twilio.StateClosed && f.closedExplained()
}

func (f *Facts) driftRecorded(path string) bool {
	return slices.ContainsFunc(f.Object.Status.Drift, func(d v1alpha1.FieldDrift) bool { return d.Field == path })
}

// settled: Twilio has the values of the spec, the status records them, Ready is true, no look is due, and no announced
// create is about to replace the conversation.
func (f *Facts) settled() bool {
	s := &f.Object.Status
	if f.Look || f.announced() || s.ObservedGeneration != f.Object.Generation || s.ObjectUID != f.Object.UID {
		return false
	}
	for _, c := range s.Conditions {
		switch c.Type {
		case v1alpha1.ConditionReady:
			if c.Status != "True" {
				return false
			}
		case v1alpha1.ConditionSuspended:
			return false
		}
	}
	return s.SID != ""
}

// fired tells whether a timer may have made the observed change. If an earlier answer had the timer's date, the date
// must have come by Twilio's clock. Without a date, the spec must have a timer.
func (f *Facts) fired(spec string, date *metav1.Time) bool {
	if date == nil {
		return spec != "" && !sameTimer(spec, noTimer)
	}
	now := f.Observed.ServerTime
	// Twilio's clock has certainly passed the date of the last update, even if the answer has no date.
	if u := f.Observed.DateUpdated; u != nil && u.After(now) {
		now = *u
	}
	// Without a time of Twilio, the timer may have fired.
	return now.IsZero() || !now.Before(date.Time)
}
