// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// state is the last known one.
func (f *Facts) state() twilio.State {
	if f.Observed != nil {
		return f.Observed.State
	}
	return twilio.State(f.Object.Status.State)
}

func (f *Facts) wantsOpen() bool {
	s := f.Object.Spec.State
	return s != "" && s != v1alpha1.StateClosed
}

func (f *Facts) inactiveExplained() bool {
	spec, seen := f.timers()
	return f.explained(twilio.StateInactive, spec.Inactive, seen.DateInactive)
}

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

// explained: a timer made the observed state. Once the state is recorded, so is what was thought of it: the date that
// told is gone by then.
func (f *Facts) explained(state twilio.State, spec string, date *metav1.Time) bool {
	if twilio.State(f.Object.Status.State) == state {
		return f.explainedBefore()
	}
	return f.fired(spec, date)
}

// explainedBefore: a timer made the recorded state. Drift on record says that none did, or that the state was edited
// when there was nothing to be done about it any more.
func (f *Facts) explainedBefore() bool { return !f.driftRecorded(FieldState) || f.applied().Explained }

// explains tells whether a timer made the observed state, and the spec wants another.
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

// settled: what the spec says is at Twilio, was recorded, nobody asked for another look, and nothing was about to take
// its place.
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

// fired tells whether a timer may have made the change that is observed: one whose date Twilio had answered, if that
// date has come by Twilio's clock, else one of the spec.
func (f *Facts) fired(spec string, date *metav1.Time) bool {
	if date == nil {
		return spec != "" && !sameTimer(spec, noTimer)
	}
	now := f.Observed.ServerTime
	if u := f.Observed.DateUpdated; u != nil && u.After(now) {
		now = *u
	}
	return now.IsZero() || !now.Before(date.Time)
}
