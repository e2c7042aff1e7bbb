// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"fmt"
	"strings"
)

// Kind is a kind of event with a bound.
type Kind uint8

// The kinds of events.
const (
	// Edits of the spec, or of the account.
	Edits Kind = iota
	// Faults are answers: lost, late, wrong or refusals, of Twilio and of Kubernetes.
	Faults
	// Kills of a process.
	Kills
	// Ticks of the clock.
	Ticks
	// Meddles are changes at Twilio by other people.
	Meddles
	// Deletes of the object.
	Deletes
	// Strips replace the object by its manifest, without finalizer and annotations.
	Strips
	// Reapplies create the object again after its end.
	Reapplies
	// Overlaps are passes of a second manager.
	Overlaps
	kinds
)

var kindNames = [kinds]string{"edits", "faults", "kills", "ticks", "meddles", "deletes", "strips", "reapplies", "overlaps"}

// Bounds limit how often each kind of event may happen in one story.
type Bounds [kinds]uint8

// String lists the bounds above zero.
func (b Bounds) String() string {
	var out []string
	for kind, n := range b {
		if n > 0 {
			out = append(out, fmt.Sprintf("%s %d", kindNames[kind], n))
		}
	}
	return strings.Join(out, ", ")
}
