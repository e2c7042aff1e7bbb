// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"strings"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
)

func sid(kind, digit string) string { return kind + strings.Repeat(digit, 32) }

var (
	ours, others       = sid("AC", "a"), sid("AC", "b")
	service, oldServer = sid("IS", "a"), sid("IS", "b")

	// good is the account with credentials that work.
	good = Account{Account: plan.Account{SID: ours, Key: "TwilioAccount support/default", KeepsMarks: true}, Actual: ours, DefaultService: service}
)

// account is the good one with a difference.
func account(change func(a *Account)) Account {
	a := good
	change(&a)
	return a
}

type spec = v1alpha1.ConversationSpec

var (
	ifExists = &v1alpha1.AdoptionSpec{Policy: v1alpha1.AdoptionPolicyIfExists}
	bySID    = &v1alpha1.AdoptionSpec{SID: SIDOf(1)}
	closes   = &v1alpha1.TimersSpec{Closed: "PT10M"}
	idles    = &v1alpha1.TimersSpec{Inactive: "PT1M"}
)

// All are the scenarios of the whole proof; Small makes their bounds smaller.
var All = []Scenario{
	{
		Name:  "generated name",
		Specs: []spec{{FriendlyName: "One"}, {FriendlyName: "Two"}, {DeletionPolicy: v1alpha1.DeletionPolicyRetain}},
		Races: true, Lags: true, Accounts: []Account{good}, Meddles: []Meddle{Removes},
		Bounds: Bounds{Edits: 1, Faults: 2, Kills: 1, Ticks: 3, Deletes: 1, Meddles: 1},
	},
	{
		Name: "user's name",
		Specs: []spec{
			{UniqueName: "mine", FriendlyName: "One"}, {UniqueName: "mine", FriendlyName: "Two"}, {UniqueName: "other"}, {},
			{UniqueName: "mine", DeletionPolicy: v1alpha1.DeletionPolicyRetain}, {UniqueName: "mine", Adoption: ifExists},
		},
		Races: true, Accounts: []Account{good}, Meddles: []Meddle{Takes, Removes},
		Bounds: Bounds{Edits: 1, Faults: 2, Kills: 1, Ticks: 3, Deletes: 1, Meddles: 1},
	},
	{
		Name:     "two managers",
		Specs:    []spec{{UniqueName: "mine", FriendlyName: "One"}, {UniqueName: "mine", FriendlyName: "Two", Timers: closes}},
		Lags:     true,
		Accounts: []Account{good}, Meddles: []Meddle{Removes},
		Bounds: Bounds{Edits: 1, Faults: 1, Kills: 1, Ticks: 2, Deletes: 1, Overlaps: 1, Meddles: 1},
	},
	{
		Name:     "two objects",
		Specs:    []spec{{UniqueName: "mine"}, {UniqueName: "mine", Adoption: ifExists}},
		Rival:    &spec{UniqueName: "mine", FriendlyName: "Rival"},
		Accounts: []Account{good},
		Bounds:   Bounds{Edits: 1, Faults: 1, Kills: 1, Ticks: 2, Deletes: 1},
	},
	{
		Name:  "two objects that adopt",
		Specs: []spec{{UniqueName: "theirs", Adoption: ifExists}, {UniqueName: "theirs", Adoption: ifExists, FriendlyName: "Two"}},
		Rival: &spec{Adoption: bySID}, Theirs: "theirs",
		Accounts: []Account{good}, Meddles: []Meddle{Removes},
		Bounds: Bounds{Edits: 1, Faults: 1, Kills: 1, Ticks: 1, Deletes: 1, Overlaps: 1, Meddles: 1},
	},
	{
		Name: "two objects, of which one observes",
		Specs: []spec{
			{UniqueName: "theirs", ManagementPolicy: v1alpha1.ManagementPolicyObserve}, {UniqueName: "theirs"},
			{UniqueName: "theirs", Adoption: ifExists},
		},
		Rival: &spec{Adoption: bySID}, Theirs: "theirs",
		Accounts: []Account{good}, Meddles: []Meddle{Removes},
		Bounds: Bounds{Edits: 2, Faults: 1, Kills: 1, Ticks: 1, Deletes: 1, Meddles: 1},
	},
	{
		Name:     "renamed",
		Specs:    []spec{{UniqueName: "mine"}, {UniqueName: "other"}, {}, {UniqueName: "other", FriendlyName: "Two"}},
		Theirs:   "other",
		Accounts: []Account{good}, Meddles: []Meddle{Removes}, Lists: true,
		Bounds: Bounds{Edits: 2, Faults: 2, Kills: 1, Ticks: 2, Deletes: 1, Meddles: 1},
	},
	{
		Name:   "two managers that adopt",
		Specs:  []spec{{UniqueName: "theirs", Adoption: ifExists}},
		Rival:  &spec{Adoption: bySID},
		Theirs: "theirs", Lags: true, Accounts: []Account{good},
		Bounds: Bounds{Overlaps: 1},
	},
	{
		Name:     "two accounts",
		Specs:    []spec{{FriendlyName: "One"}},
		Accounts: []Account{good, account(func(a *Account) { a.SID, a.Actual = others, others })},
		Bounds:   Bounds{Edits: 1, Ticks: 1, Deletes: 1}, Tiny: true,
	},
	{
		Name: "edits",
		Specs: []spec{
			{State: v1alpha1.StateActive}, {State: v1alpha1.StateInactive},
			{State: v1alpha1.StateActive, ManagementPolicy: v1alpha1.ManagementPolicyReport},
		},
		Accounts: []Account{good},
		Bounds:   Bounds{Edits: 2, Faults: 1, Ticks: 1}, Tiny: true,
	},
	{
		Name:   "adopted by its sid",
		Theirs: "theirs",
		Specs: []spec{
			{Adoption: bySID}, {Adoption: bySID, FriendlyName: "Two"}, {Adoption: bySID, ManagementPolicy: v1alpha1.ManagementPolicyObserve},
			{Adoption: bySID, DeletionPolicy: v1alpha1.DeletionPolicyDelete},
			{Adoption: bySID, FriendlyName: "Three", ManagementPolicy: v1alpha1.ManagementPolicyReport, State: v1alpha1.StateActive},
		},
		Accounts: []Account{good}, Meddles: []Meddle{Removes, Closes, Renames},
		Bounds: Bounds{Edits: 2, Faults: 2, Kills: 1, Ticks: 1, Deletes: 1, Meddles: 1},
	},
	{
		Name: "policies",
		Specs: []spec{
			{UniqueName: "mine", FriendlyName: "One"}, {UniqueName: "mine", ManagementPolicy: v1alpha1.ManagementPolicyReport},
			{UniqueName: "mine", FriendlyName: "Two", ManagementPolicy: v1alpha1.ManagementPolicyReport},
			{UniqueName: "mine", FriendlyName: "Seen", ManagementPolicy: v1alpha1.ManagementPolicyObserve}, {UniqueName: "mine", Suspend: true},
			{UniqueName: "mine", ManagementPolicy: v1alpha1.ManagementPolicyReport, State: v1alpha1.StateActive},
			{UniqueName: "."},
		},
		Accounts: []Account{good}, Meddles: []Meddle{Takes, Removes, Closes, Renames, Unnames}, Lists: true,
		Bounds: Bounds{Edits: 2, Faults: 1, Kills: 1, Ticks: 2, Deletes: 1, Meddles: 1},
	},
	{
		Name: "states and timers",
		Specs: []spec{
			{State: v1alpha1.StateActive}, {State: v1alpha1.StateInactive}, {State: v1alpha1.StateClosed}, {State: v1alpha1.StateActive, Timers: closes},
			{State: v1alpha1.StateActive, Timers: idles}, {FriendlyName: "Two"},
		},
		Accounts: []Account{good}, Meddles: []Meddle{Closes, Idles, Messages, Initializes}, Lists: true,
		Bounds: Bounds{Edits: 2, Faults: 1, Kills: 1, Ticks: 2, Deletes: 1, Meddles: 1},
	},
	{
		Name: "started over",
		Specs: []spec{
			{UniqueName: "mine", ClosedPolicy: v1alpha1.ClosedPolicyRecreate}, {UniqueName: "mine", State: v1alpha1.StateClosed},
			{UniqueName: "other", ClosedPolicy: v1alpha1.ClosedPolicyRecreate}, {UniqueName: "mine", Adoption: ifExists},
		},
		Accounts: []Account{good}, Meddles: []Meddle{Closes, Takes}, Races: true,
		Bounds: Bounds{Edits: 1, Faults: 2, Kills: 1, Ticks: 3, Deletes: 1, Meddles: 1},
	},
	{
		Name:     "slowly deleted",
		Specs:    []spec{{UniqueName: "mine", ClosedPolicy: v1alpha1.ClosedPolicyRecreate}, {UniqueName: "other", ClosedPolicy: v1alpha1.ClosedPolicyRecreate}},
		Accounts: []Account{good}, Meddles: []Meddle{Closes}, Lingers: true,
		Bounds: Bounds{Edits: 1, Faults: 1, Kills: 1, Ticks: 3, Deletes: 1, Meddles: 1},
	},
	{
		Name:  "managed by two",
		Specs: []spec{{Adoption: bySID}, {Adoption: bySID, FriendlyName: "Two"}, {Adoption: bySID, DeletionPolicy: v1alpha1.DeletionPolicyDelete}},
		Rival: &spec{Adoption: bySID}, Theirs: "theirs", Doubled: true,
		Accounts: []Account{good}, Meddles: []Meddle{Removes},
		Bounds: Bounds{Edits: 1, Faults: 1, Kills: 1, Ticks: 1, Deletes: 1, Meddles: 1},
	},
	{
		Name:  "replaced and made anew",
		Specs: []spec{{UniqueName: "mine"}, {UniqueName: "mine", FriendlyName: "Two"}, {}},
		Races: true, Lags: true, Accounts: []Account{good},
		Bounds: Bounds{Edits: 1, Faults: 1, Kills: 1, Ticks: 2, Deletes: 1, Strips: 1, Reapplies: 1},
	},
	{
		Name:  "accounts",
		Specs: []spec{{FriendlyName: "One"}, {UniqueName: "mine"}, {FriendlyName: "One", Suspend: true}},
		Accounts: []Account{
			good,
			account(func(a *Account) { a.Reason = v1alpha1.ReasonAccountNotReady }),
			account(func(a *Account) { a.SID, a.Actual = others, others }),
			account(func(a *Account) { a.SID, a.Claimed, a.Actual = "", ours, others }),
			account(func(a *Account) { a.SID = "" }),
			account(func(a *Account) { a.Halted = true }),
		},
		Meddles: []Meddle{Removes},
		Bounds:  Bounds{Edits: 2, Faults: 1, Kills: 1, Ticks: 2, Deletes: 1, Meddles: 1},
	},
	{
		Name:  "services",
		Specs: []spec{{}, {UniqueName: "mine"}},
		Accounts: []Account{
			account(func(a *Account) { a.DefaultService, a.FormerServices = oldServer, []string{oldServer, service} }),
			account(func(a *Account) { a.FormerServices = []string{service, oldServer} }),
		},
		Bounds: Bounds{Edits: 2, Faults: 2, Kills: 1, Ticks: 2, Deletes: 1, Strips: 1},
	},
}

// Least is the scenario with small bounds, so that a search reaches every state: an edit, a fault, a deletion and a tick.
func (s Scenario) Least() Scenario {
	if !s.Tiny {
		least := Bounds{Edits: 1, Faults: 1, Ticks: 1, Deletes: 1}
		for i := range s.Bounds {
			s.Bounds[i] = min(s.Bounds[i], least[i])
		}
		s.Lags = false
	}
	return s
}

// Small is the scenario with bounds that take seconds.
func (s Scenario) Small() Scenario {
	if s.Tiny {
		return s
	}
	small := Bounds{Edits: 1, Faults: 1, Kills: 1, Ticks: 2, Deletes: 1, Meddles: 1, Strips: 1, Reapplies: 1, Overlaps: 1}
	for i := range s.Bounds {
		s.Bounds[i] = min(s.Bounds[i], small[i])
	}
	return s
}
