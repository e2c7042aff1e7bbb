// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package plan decides the next step for a Conversation. The package is pure: from the object, the last applied and the
// observed values, plan answers one step. The caller carries the step out, adds the answer to the facts, and asks again
// until a step ends the pass. Table holds every rule.
package plan

import (
	"time"

	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// Verb says how a step acts.
type Verb string

// The verbs. Fetch, Lookup, Adopt, Create, Update, Delete and Protect are followed by another step; the other verbs end
// the pass.
const (
	// Rest: no request, and no record.
	Rest Verb = "Rest"
	// Keep: record the observed values; the object is as it should be.
	Keep Verb = "Keep"
	// Fetch: GET by sid.
	Fetch Verb = "Fetch"
	// Lookup: GET by unique name.
	Lookup Verb = "Lookup"
	// Adopt: the object manages the found conversation from now on. No request.
	Adopt Verb = "Adopt"
	// Create: record the intent, then POST.
	Create Verb = "Create"
	// Update: POST the differences.
	Update Verb = "Update"
	// Delete: DELETE by sid.
	Delete Verb = "Delete"
	// Release: take the finalizer away.
	Release Verb = "Release"
	// Protect: put the finalizer on the object. No request.
	Protect Verb = "Protect"
	// Hold: suspended; the pass records only the suspension.
	Hold Verb = "Hold"
	// Wait: for an account, for Twilio or for time.
	Wait Verb = "Wait"
	// Refuse: stalled until a person acts.
	Refuse Verb = "Refuse"
)

// Ends tells whether the verb ends a pass.
func (v Verb) Ends() bool {
	switch v {
	case Fetch, Lookup, Adopt, Create, Update, Delete, Protect:
		return false
	}
	return true
}

// Step is one decision.
type Step struct {
	Verb Verb
	// Row is the name of the deciding row of the table.
	Row string
	// Target is the sid or the unique name to ask for, to update or to delete.
	Target string
	// Service is the Conversation Service of Target; empty: the account's default service.
	Service string
	// Params of Create and Update.
	Params twilio.Params
	// Differences sent by Update.
	Differences []Difference
	// Drift has the differences to report: differences which are not, or not yet, corrected.
	Drift []Difference
	// Kept names dropped fields which Twilio cannot clear.
	Kept []string
	// Corrects: the update corrects drift, and does not only carry an edit.
	Corrects bool
	// Reason and Message of the condition Ready, for the verbs that end a pass.
	Reason, Message string
	// After is when to look at a waiting object again; zero: an event will wake the object.
	After time.Duration

	// former: the step looks in an earlier default service of the account.
	former bool
	// forgets: the object is to have no conversation any more, and leaves the conversation to the object which manages it.
	forgets bool
}

// For answers the next step for the facts: the first row of the table whose conditions all hold.
func For(f *Facts) Step {
	d := &decision{Facts: f, Comparison: Compare(f)}
	for i := range Table {
		row := &Table[i]
		if row.holds(d) {
			step := Step{Verb: row.Then}
			row.step(d, &step)
			step.Row = row.Name
			// A step into an earlier default service names the service itself.
			if !step.former {
				step.Service = d.Service(step.Target)
			}
			return step
		}
	}
	// The last row has no condition.
	panic("plan: no row holds")
}

// decision is the basis of the rows' conditions.
type decision struct {
	*Facts
	Comparison
}

func (r *Row) holds(d *decision) bool {
	for _, c := range r.When {
		if !c.holds(d) {
			return false
		}
	}
	return true
}
