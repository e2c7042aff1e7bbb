// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package conversation

import "sigs.k8s.io/controller-runtime/pkg/event"

// Findings connect the drift checks with the reconciler of Conversations.
type Findings struct {
	// Hints are what drift checks found, writes what was written to Twilio meanwhile.
	Hints  *hints
	Writes *Writes
	// Looks wakes Conversations that a drift check found to differ.
	Looks chan event.GenericEvent
}

// NewFindings are the findings of a manager that has just begun.
func NewFindings() Findings {
	return Findings{newHints(), NewWrites(), make(chan event.GenericEvent)}
}
