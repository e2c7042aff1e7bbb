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
	// Desired is the value to send, Observed the value in Twilio's answer; Observed is empty if Twilio was not asked.
	Desired, Observed string
	// send is the value in an update.
	send string
}

// Comparison is the three-way comparison of spec, last applied and observed.
type Comparison struct {
	// Edits are the user's changes since the spec was last applied, dropped fields included.
	Edits []Difference
	// Drifts are the changes at Twilio while the spec stayed as applied.
	Drifts []Difference
	// Kept names the dropped fields that Twilio cannot clear: they stay and are no longer compared.
	Kept []string
}

// Compare makes the comparison for the facts. Compare does not look at policies: the table decides how to act on a
// difference.
func Compare(f *Facts) Comparison {
	var c Comparison
	first := f.Object.Status.LastApplied == nil
	for _, v := range fields(f) {
		d := Difference{Field: v.path, Desired: v.want, Observed: v.have, send: v.want}
		switch {
		// Without a record, the comparison cannot tell an edit from drift.
		case first:
			c.first(f, &v, d)
		// Unique name and dates have no drop: the conversation keeps them.
		case v.dropped():
			if v.drop != nil {
				v.drop(&c, f, &v)
			}
		case v.edited():
			// If Twilio already has the value, no request is needed.
			if v.quiet || !v.known || !v.same(v.want, v.have) {
				c.Edits = append(c.Edits, d)
			}
		// Twilio will always answer an unechoed field in other words than the spec has.
		case v.want != "" && v.known && !v.quiet && !v.same(v.want, v.have) && !f.unechoed(v.path):
			c.Drifts = append(c.Drifts, d)
		// Twilio never answers a timer's duration. Only recorded drift can be drift: the timer still does not run.
		case v.quiet && f.reported(d) && f.misses(&v):
			c.Drifts = append(c.Drifts, d)
		}
	}
	c.compareState(f, first)
	return c
}

// first compares a conversation which was found, not created by this object as the object is now: the applied values
// are unknown. Dates are only for recreating a conversation, so they stay. A running timer keeps running.
func (c *Comparison) first(f *Facts, v *field, d Difference) {
	if v.want != "" && v.known && !v.quiet && !v.same(v.want, v.have) || f.misses(v) {
		c.Edits = append(c.Edits, d)
	}
}

// misses tells whether the found conversation lacks a timer of the spec, or has a timer which the spec stops (PT0S). A
// timer which runs already, or ran, is kept. A closed conversation has no timers.
func (f *Facts) misses(v *field) bool {
	if v.runs == nil || v.want == "" || f.Observed == nil || f.Observed.State == twilio.StateClosed {
		return false
	}
	return v.runs(f.Observed) == sameTimer(v.want, noTimer)
}

// unechoed: Twilio took the field over in other words than the request had.
func (f *Facts) unechoed(path string) bool { return slices.Contains(f.applied().Unechoed, path) }

// reported: the status records the same difference, and this pass has sent no update of the field.
func (f *Facts) reported(d Difference) bool {
	sent := func(s Difference) bool { return s.Field == d.Field }
	return slices.Contains(f.Object.Status.Drift, d.record()) && !slices.ContainsFunc(f.Sent, sent)
}

// keep lets go of a dropped field which Twilio cannot clear.
func keep(c *Comparison, _ *Facts, v *field) { c.Kept = append(c.Kept, v.path) }

// empty clears a dropped field with an empty value.
func empty(c *Comparison, _ *Facts, v *field) {
	if !v.known || v.have != "" {
		c.Edits = append(c.Edits, Difference{Field: v.path, Observed: v.have})
	}
}

// stopTimer stops a dropped timer, unless the last applied timer was PT0S: then the timer is stopped already.
func stopTimer(c *Comparison, _ *Facts, v *field) {
	if v.unconfirmed || !sameTimer(v.applied, noTimer) {
		c.Edits = append(c.Edits, Difference{Field: v.path, send: v.reset})
	}
}

// resetAttributes sets dropped attributes to {}.
func resetAttributes(c *Comparison, f *Facts, v *field) {
	if !f.emptied(v) {
		c.Edits = append(c.Edits, Difference{Field: v.path, Desired: v.reset, Observed: v.have, send: v.reset})
	}
}

// emptied: the attributes equal their reset value already. Without an answer of Twilio the record decides.
func (f *Facts) emptied(v *field) bool {
	if v.known {
		return v.same(v.reset, v.have)
	}
	return v.applied == v.key(v.reset) && !v.unconfirmed && !f.unechoed(v.path) && !f.driftRecorded(v.path)
}

// compareState compares the state. Twilio moves the state unasked: a timer makes the state inactive or closed, a
// message makes the state active. Such a move is no drift, if a timer of the spec or a message explains the move.
func (c *Comparison) compareState(f *Facts, first bool) {
	want := f.Object.Spec.State
	if want == "" {
		return
	}
	d := Difference{Field: FieldState, Desired: string(want), send: string(want)}
	if !first && (f.applied().State != string(want) || f.unheard(FieldState)) {
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
	// Twilio moves the state on as soon as the conversation is set up.
	case f.Observed.State == twilio.StateInitializing:
	// Twilio took another state than the spec has. Only a closed conversation is news.
	case f.unechoed(FieldState) && f.Observed.State != twilio.StateClosed:
	case want == v1alpha1.StateInactive && f.Observed.State == twilio.StateActive && !f.reported(d) &&
		(!first || f.Object.Status.Origin == v1alpha1.OriginCreated):
		// A message came.
	case want == v1alpha1.StateActive && f.Observed.State == twilio.StateInactive && f.inactiveExplained():
	case f.Observed.State == twilio.StateClosed && f.closedExplained():
	case first:
		c.Edits = append(c.Edits, d)
	default:
		c.Drifts = append(c.Drifts, d)
	}
}

// Params is the form of an update with the differences.
func Params(f *Facts, differences []Difference) twilio.Params {
	p := twilio.Params{WebhookEnabled: f.WebhookEnabled()}
	for _, d := range differences {
		put(&p, d.Field, d.send)
	}
	return p
}
