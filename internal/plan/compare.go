// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"slices"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// Difference is one field in which the spec and Twilio disagree, or may disagree.
type Difference struct {
	// Field is the path in spec.
	Field string
	// Desired and Observed are as they would be sent and as Twilio answered; Observed is empty where it was not asked.
	Desired, Observed string
	// send is what an update would carry.
	send string
}

// Comparison is the three-way comparison of spec, last applied and observed.
type Comparison struct {
	// Edits are what the user changed since it was last applied, dropped fields included.
	Edits []Difference
	// Drifts are what changed at Twilio while the spec stayed as it was.
	Drifts []Difference
	// Kept names the dropped fields that Twilio cannot clear: they stay and are no longer compared.
	Kept []string
}

// Compare makes the comparison for the facts. It does not look at policies: what follows from a difference is the
// table's business.
func Compare(f *Facts) Comparison {
	var c Comparison
	first := f.Object.Status.LastApplied == nil
	unechoed := f.applied().Unechoed
	for _, v := range fields(f) {
		d := Difference{Field: v.path, Desired: v.want, Observed: v.have, send: v.want}
		switch {
		case first:
			c.first(f, &v, d)
		case v.dropped():
			c.drop(f, &v)
		case v.edited():
			// An answer that already shows it makes sending it needless.
			if v.quiet || !v.known || !v.same(v.want, v.have) {
				c.Edits = append(c.Edits, d)
			}
		case v.want != "" && v.known && !v.quiet && !v.same(v.want, v.have) && !slices.Contains(unechoed, v.path):
			c.Drifts = append(c.Drifts, d)
		}
	}
	c.compareState(f, first)
	return c
}

// first compares a conversation that was found, not created by this object as it is now: nothing is known of what was
// applied. Dates are only for recreating a conversation and are left; a clock that runs is left running.
func (c *Comparison) first(f *Facts, v *field, d Difference) {
	switch {
	case v.want == "" || f.Observed == nil:
	case v.reset == noTimer && f.Observed.State == twilio.StateClosed:
		// A closed conversation has no clocks to compare.
	case v.path == FieldTimersInactive:
		if !keepsClock(v.want, f.Observed.Timers.DateInactive != nil || f.Observed.State == twilio.StateInactive) {
			c.Edits = append(c.Edits, d)
		}
	case v.path == FieldTimersClosed:
		if !keepsClock(v.want, f.Observed.Timers.DateClosed != nil) {
			c.Edits = append(c.Edits, d)
		}
	case v.known && !v.quiet && !v.same(v.want, v.have):
		c.Edits = append(c.Edits, d)
	}
}

// keepsClock: the wanted timer runs already (or ran), or none is wanted and none runs.
func keepsClock(want string, runs bool) bool { return sameTimer(want, noTimer) != runs }

// drop hands a field back.
func (c *Comparison) drop(f *Facts, v *field) {
	switch v.path {
	case FieldTimersInactive, FieldTimersClosed:
		if !sameTimer(v.applied, noTimer) {
			c.Edits = append(c.Edits, Difference{Field: v.path, send: v.reset})
		}
	case FieldAttributes:
		if !v.known || !v.same(v.reset, v.have) {
			c.Edits = append(c.Edits, Difference{Field: v.path, Desired: v.reset, Observed: v.have, send: v.reset})
		}
	case FieldEmailAddress, FieldEmailName:
		if !v.known || v.have != "" {
			c.Edits = append(c.Edits, Difference{Field: v.path, Observed: v.have})
		}
	case FieldFriendlyName, FieldMessaging:
		c.Kept = append(c.Kept, v.path)
	}
}

// compareState compares the state. Twilio moves it by itself: a timer makes it inactive or closed, a message active.
func (c *Comparison) compareState(f *Facts, first bool) {
	want := f.Object.Spec.State
	if want == "" {
		return
	}
	d := Difference{Field: FieldState, Desired: string(want), send: string(want)}
	if !first && f.applied().State != string(want) {
		if f.Observed != nil {
			d.Observed = string(f.Observed.State)
		}
		if d.Observed != d.Desired {
			c.Edits = append(c.Edits, d)
		}
		return
	}
	if f.Observed == nil || string(f.Observed.State) == string(want) {
		return
	}
	d.Observed = string(f.Observed.State)
	switch {
	case f.Observed.State == twilio.StateInitializing:
	case want == v1alpha1.StateInactive && f.Observed.State == twilio.StateActive && (!first || f.Object.Status.Origin == v1alpha1.OriginCreated):
		// A message came.
	case want == v1alpha1.StateActive && f.Observed.State == twilio.StateInactive && f.inactiveExplained():
	case f.Observed.State == twilio.StateClosed && f.closedExplained():
	case first:
		c.Edits = append(c.Edits, d)
	default:
		c.Drifts = append(c.Drifts, d)
	}
}

// Params is the form of an update that carries the differences.
func Params(f *Facts, differences []Difference) twilio.Params {
	p := twilio.Params{WebhookEnabled: f.Object.Spec.WebhookEnabled}
	for _, d := range differences {
		put(&p, d.Field, d.send)
	}
	return p
}
