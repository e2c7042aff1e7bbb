// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package plan decides what is to be done for a Conversation. It is pure: given the object, what was last applied and
// what is observed, it answers one step; the caller carries the step out, adds what it learned to the facts, and asks
// again until a step ends the pass. Table holds every rule.
package plan

import (
	"time"

	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// Verb is what a step does.
type Verb string

// The verbs. Fetch, Lookup, Adopt, Create, Update, Delete and Protect are followed by another step; the others end the
// pass.
const (
	// Rest: nothing is to be done and nothing to be recorded.
	Rest Verb = "Rest"
	// Keep: what is observed is recorded; the object is as it should be.
	Keep Verb = "Keep"
	// Fetch: GET by sid.
	Fetch Verb = "Fetch"
	// Lookup: GET by unique name.
	Lookup Verb = "Lookup"
	// Adopt: the conversation found is managed from now on. No request.
	Adopt Verb = "Adopt"
	// Create: record the intent, then POST.
	Create Verb = "Create"
	// Update: POST what differs.
	Update Verb = "Update"
	// Delete: DELETE by sid.
	Delete Verb = "Delete"
	// Release: take the finalizer away.
	Release Verb = "Release"
	// Protect: put the finalizer on the object. No request.
	Protect Verb = "Protect"
	// Hold: suspended; only that is recorded.
	Hold Verb = "Hold"
	// Wait: for an account, for Twilio or for time.
	Wait Verb = "Wait"
	// Refuse: stalled until somebody acts.
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
	// Row is the name of the table's row that decided.
	Row string
	// Target is the sid or the unique name to ask for, to update or to delete.
	Target string
	// Service is the Conversation Service in which Target is meant; empty: the account's default one.
	Service string
	// Params of Create and Update.
	Params twilio.Params
	// Differences that Update sends.
	Differences []Difference
	// Drift is what is to be reported: what differs and is not, or not yet, put right.
	Drift []Difference
	// Kept names dropped fields that Twilio cannot clear.
	Kept []string
	// Corrects: the update puts drift right, it does not (only) carry an edit.
	Corrects bool
	// Reason and Message of the condition Ready, for the verbs that end a pass.
	Reason, Message string
	// After is when a waiting object is to be looked at again; zero: something will wake it.
	After time.Duration

	// former: the step looks in a default service that the account had before.
	former bool
	// forgets: the object is to have no conversation any more, and leaves it to the object that manages it.
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
			if !step.former {
				step.Service = d.Service(step.Target)
			}
			return step
		}
	}
	// The last row has no condition.
	panic("plan: no row holds")
}

// decision is what rows look at.
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
