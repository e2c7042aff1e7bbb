// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"strings"
	"testing"
)

func TestARefusalSaysWhatCanBeDone(t *testing.T) {
	for name, c := range map[string]struct {
		facts *Facts
		says  string
	}{
		"what adoption.sid names, which must not be changed": {given(bySID, missing), "create it anew with the right sid"},
		"what is to be observed":                             {given(observing, nobodyHasTheName), "set spec.uniqueName to the name of one"},
		"what is under Report":                               {given(reporting, created(), missing), "set Enforce to have a new one"},
		"what is closed": {given(active, created(), look, sees(seenClosed)),
			"changes: set closedPolicy to Recreate to start a new one, or state to closed to leave it"},
		"what is closed and adopted by sid, which is never created": {given(bySID, active, adopted, look, sees(seenClosed)),
			"changes: set state to closed to leave it"},
		"what is closed under Report": {given(reporting, active, created(seenClosed), edit(friendly("new")), sees(seenClosed, called("old"))),
			"changes: set managementPolicy to Enforce and closedPolicy to Recreate to start a new one, or state to closed"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := For(c.facts).Message; !strings.Contains(got, c.says) {
				t.Errorf("it says %q, want %q", got, c.says)
			}
		})
	}
}
