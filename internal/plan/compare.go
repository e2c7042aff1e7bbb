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
	for _, v := range fields(f) {
		d := Difference{Field: v.path, Desired: v.want, Observed: v.have, send: v.want}
		switch {
		case first:
			c.first(f, &v, d)
		case v.dropped():
			if v.drop != nil {
				v.drop(&c, f, &v)
			}
		case v.edited():
			// If Twilio already has the value, no request is needed.
			if v.quiet || !v.known || !v.same(v.want, v.have) {
				c.Edits = append(c.Edits, d)
			}
		case v.want != "" && v.known && !v.quiet && !v.same(v.want, v.have) && !f.unechoed(v.path):
			c.Drifts = append(c.Drifts, d)
		case v.quiet && f.reported(d) && f.misses(&v):
			c.Drifts = append(c.Drifts, d)
		}
	}
	c.compareState(f, first)
	return c
}

// first compares a conversation that was found, not created by this object as it is now: nothing is known of what was
// applied. Dates are only for recreating a conversation and are left; a clock that runs is left running.
func (c *Comparison) first(f *Facts, v *field, d Difference) {
	if v.want != "" && v.known && !v.quiet && !v.same(v.want, v.have) || f.misses(v) {
		c.Edits = append(c.Edits, d)
	}
}

// misses tells whether a conversation that was found shows that a timer of the spec does not run: one that runs already,
// or ran, is kept. A closed conversation has no clocks.
func (f *Facts) misses(v *field) bool {
	if v.runs == nil || v.want == "" || f.Observed == nil || f.Observed.State == twilio.StateClosed {
		return false
	}
	return v.runs(f.Observed) == sameTimer(v.want, noTimer)
}

// unechoed: Twilio did not take the field over as it was sent.
func (f *Facts) unechoed(path string) bool { return slices.Contains(f.applied().Unechoed, path) }

// reported: the same difference is on record, so nothing was sent for it.
func (f *Facts) reported(d Difference) bool {
	sent := func(s Difference) bool { return s.Field == d.Field }
	return slices.Contains(f.Object.Status.Drift, d.record()) && !slices.ContainsFunc(f.Sent, sent)
}

// keep hands back a field that Twilio cannot clear.
func keep(c *Comparison, _ *Facts, v *field) { c.Kept = append(c.Kept, v.path) }

// empty hands a field back by an empty value.
func empty(c *Comparison, _ *Facts, v *field) {
	if !v.known || v.have != "" {
		c.Edits = append(c.Edits, Difference{Field: v.path, Observed: v.have})
	}
}

// stopTimer hands a timer back.
func stopTimer(c *Comparison, _ *Facts, v *field) {
	if v.unconfirmed || !sameTimer(v.applied, noTimer) {
		c.Edits = append(c.Edits, Difference{Field: v.path, send: v.reset})
	}
}

// resetAttributes hands the attributes back.
func resetAttributes(c *Comparison, f *Facts, v *field) {
	if !f.emptied(v) {
		c.Edits = append(c.Edits, Difference{Field: v.path, Desired: v.reset, Observed: v.have, send: v.reset})
	}
}

// emptied: the attributes are what they are reset to, as far as is known.
func (f *Facts) emptied(v *field) bool {
	if v.known {
		return v.same(v.reset, v.have)
	}
	return v.applied == v.key(v.reset) && !v.unconfirmed && !f.unechoed(v.path) && !f.driftRecorded(v.path)
}

// compareState compares the state. Twilio moves it by itself: a timer makes it inactive or closed, a message active.
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
	case f.Observed.State == twilio.StateInitializing:
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

// Params is the form of an update that carries the differences.
func Params(f *Facts, differences []Difference) twilio.Params {
	p := twilio.Params{WebhookEnabled: f.WebhookEnabled()}
	for _, d := range differences {
		put(&p, d.Field, d.send)
	}
	return p
}
