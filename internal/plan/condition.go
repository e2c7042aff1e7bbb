// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// Condition is one question of a row to the facts, in words and in code.
type Condition struct {
	Text  string
	holds func(*decision) bool
}

// not turns a condition round. The text says so, because users read the text in the docs.
func not(c Condition) Condition {
	return Condition{Text: "not: " + c.Text, holds: func(d *decision) bool { return !c.holds(d) }}
}

// Conditions about the object.
var (
	deleting    = Condition{"being deleted", func(d *decision) bool { return !d.Object.DeletionTimestamp.IsZero() }}
	hasHold     = Condition{"holding the finalizer", func(d *decision) bool { return d.finalized() }}
	suspended   = Condition{"`suspend`", func(d *decision) bool { return d.Object.Spec.Suspend }}
	observes    = Condition{"`managementPolicy: Observe`", func(d *decision) bool { return d.policy() == v1alpha1.ManagementPolicyObserve }}
	enforces    = Condition{"`managementPolicy: Enforce`", func(d *decision) bool { return d.policy() == v1alpha1.ManagementPolicyEnforce }}
	reports     = Condition{"`managementPolicy: Report`", func(d *decision) bool { return d.policy() == v1alpha1.ManagementPolicyReport }}
	retains     = Condition{"`deletionPolicy: Retain` in force", func(d *decision) bool { return d.retains() }}
	invalid     = Condition{"a spec that Twilio would refuse", func(d *decision) bool { return d.invalid() != "" }}
	owns        = Condition{"`status.sid` known, or a create announced", func(d *decision) bool { return d.Owns() }}
	hasSID      = Condition{"`status.sid` known", func(d *decision) bool { return d.Object.Status.SID != "" }}
	namesSID    = Condition{"`adoption.sid` set", func(d *decision) bool { return adoptionSID(d.Object) != "" }}
	adoptsNames = Condition{"`adoption.policy: IfExists`", func(d *decision) bool {
		return d.Object.Spec.Adoption != nil && d.Object.Spec.Adoption.Policy == v1alpha1.AdoptionPolicyIfExists
	}}
	recreates = Condition{"`closedPolicy: Recreate`, and `state` not `closed`", func(d *decision) bool {
		return d.Object.Spec.ClosedPolicy == v1alpha1.ClosedPolicyRecreate && d.Object.Spec.State != v1alpha1.StateClosed
	}}
	wantsOpen = Condition{"`state` set to another than `closed`", func(d *decision) bool { return d.wantsOpen() }}
	quiet     = Condition{"as recorded, with nothing to do", func(d *decision) bool {
		return d.settled() && (d.policy() == v1alpha1.ManagementPolicyObserve || len(d.Edits) == 0 && len(d.Kept) == 0)
	}}
	unread = Condition{"the spec changed since the status was written", func(d *decision) bool {
		return d.Object.Status.ObservedGeneration != d.Object.Generation
	}}
	refusedName = Condition{"its name refused as taken before, for the same spec", func(d *decision) bool { return d.nameRefused() }}
	noted       = Condition{"`status.origin` known", func(d *decision) bool { return d.Object.Status.Origin != "" }}
)

// Conditions about the account.
var (
	accountUnusable = Condition{"the account not usable", func(d *decision) bool { return d.Account.Reason != "" }}
	accountOther    = Condition{"another account or Region than the one that holds the conversation", func(d *decision) bool { return d.accountOther() }}
	accountUnproven = Condition{"the account not proven to be the one that held it", func(d *decision) bool { return !d.accountProven() }}
	foreign         = Condition{"found in another account than the credentials are for", func(d *decision) bool { return d.foreign() }}
	misplaced       = Condition{"created in another account than the credentials are for", func(d *decision) bool { return d.misplaced }}
	formerLeft      = Condition{"an earlier default service of the account not looked in", func(d *decision) bool { return d.formerService() != "" }}
	halted          = Condition{"too many of the account's conversations vanished at once", func(d *decision) bool { return d.Account.Halted }}
)

// Conditions about Twilio's answers.
var (
	unresolved = Condition{"a create announced and its outcome not recorded", func(d *decision) bool { return d.unresolved() }}
	stray      = Condition{"a create whose outcome is not known, and nothing in its way", func(d *decision) bool { return d.stray() }}
	inFlight   = Condition{"a create possibly on its way", func(d *decision) bool { return d.inFlight() }}
	renamed    = Condition{"asked for by another name than the spec has now", func(d *decision) bool {
		return d.asked != "" && d.asked != d.CreateName()
	}}
	wantedUnknown = Condition{"the name in the spec not asked for", func(d *decision) bool { return d.asked != d.CreateName() }}
	renames       = Condition{"the unique name to be changed", func(d *decision) bool { return d.renames() }}
	changesMore   = Condition{"more than the unique name to be changed", func(d *decision) bool { return d.changesMore() }}
	listed        = Condition{"seen in a list", func(d *decision) bool { return d.Listed }}
	existed       = Condition{"its name taken a moment ago", func(d *decision) bool { return d.existed }}
	seen          = Condition{"seen in this pass", func(d *decision) bool { return d.Observed != nil }}
	gone          = Condition{"gone at Twilio", func(d *decision) bool { return d.Gone }}
	removed       = Condition{"deleted in this pass", func(d *decision) bool { return d.Removed }}
	nameUnknown   = Condition{"its name not asked for", func(d *decision) bool { return d.Name == NameUnknown }}
	nameTaken     = Condition{"its name taken", func(d *decision) bool { return d.Name == NameTaken }}
	nameFree      = Condition{"its name free", func(d *decision) bool { return d.Name == NameFree }}
	nameFound     = Condition{"found by its name", func(d *decision) bool { return d.Name == NameFound && d.Observed != nil }}
	isOurs        = Condition{"made for this object (generated name, or proven by what was recorded)", func(d *decision) bool { return d.ours() }}
	isOld         = Condition{"the one that is being replaced", func(d *decision) bool { return d.Observed.SID == d.Object.Status.SID }}
	foundAgain    = Condition{"found again in this pass", func(d *decision) bool { return d.again }}
	elsewhere     = Condition{"managed by another object", func(d *decision) bool { return d.ManagedBy != "" }}
	lookWanted    = Condition{"a look asked for, or needed to compare", func(d *decision) bool { return d.lookNeeded() }}
	initial       = Condition{"`initializing`", func(d *decision) bool { return d.state() == twilio.StateInitializing }}
	closed        = Condition{"closed", func(d *decision) bool { return d.state() == twilio.StateClosed }}
	explained     = Condition{"closed by a timer", func(d *decision) bool { return d.closedByTimer() }}
	edited        = Condition{"edited since it was last applied", func(d *decision) bool { return len(d.Edits) > 0 }}
	drifted       = Condition{"drifted", func(d *decision) bool { return len(d.Drifts) > 0 }}
	unlike        = Condition{"edited since it was last applied, or drifted under `Enforce`", func(d *decision) bool {
		return len(d.Edits) > 0 || len(d.Drifts) > 0 && d.policy() == v1alpha1.ManagementPolicyEnforce
	}}
	overtaken  = Condition{"an update for an earlier edit possibly on its way", func(d *decision) bool { return d.overtaken() }}
	firstSight = Condition{"nothing applied yet", func(d *decision) bool { return d.Object.Status.LastApplied == nil }}
)
