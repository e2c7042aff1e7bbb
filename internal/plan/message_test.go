// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"strings"
	"testing"
	"time"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

func TestMessagesAreStable(t *testing.T) {
	for _, c := range rowCases {
		before := mustNotPanic(t, c.facts)
		now := c.facts.Now
		c.facts.Now = now.Add(time.Second)
		after := mustNotPanic(t, c.facts)
		c.facts.Now = now
		if before.Row == after.Row && before.Message != after.Message {
			t.Errorf("row %q says %q and then %q", c.row, before.Message, after.Message)
		}
		if strings.Contains(before.Message, "%!") {
			t.Errorf("row %q says %q", c.row, before.Message)
		}
	}
}

func TestMessagesNameWhatTheyAreAbout(t *testing.T) {
	cases := []struct {
		facts *Facts
		names []string
	}{
		{given(named("vip"), exists, finds(bornAt(past.Add(-time.Hour)))), []string{"vip", ourSID, "adoption.policy"}},
		{given(bySID, sees(), elsewhereManaged), []string{ourSID, "sales/other"}},
		{given(bySID, missing), []string{ourSID, "adoption.sid"}},
		{given(created(), missing, accountIs(Account{SID: accountSID, Halted: true, Key: "TwilioAccount a/b"})),
			[]string{v1alpha1.RecreateVanishedAnnotation, "TwilioAccount a/b"}},
		{given(created(), accountIs(Account{SID: otherAccountSID}), look), []string{accountSID, otherAccountSID}},
		{given(attributesOf(`"` + long(MaxAttributes) + `"`)), []string{"attributes", "16386", "16384"}},
		{given(active, created(), look, sees(seenClosed)), []string{ourSID, "closedPolicy", "Recreate"}},
		{given(observing, nobodyHasTheName), []string{given().Generated, "Observe"}},
		{given(reporting, created(), missing), []string{ourSID, "Report"}},
	}
	for _, c := range cases {
		message := mustNotPanic(t, c.facts).Message
		for _, name := range c.names {
			if !strings.Contains(message, name) {
				t.Errorf("%q does not name %q", message, name)
			}
		}
	}
}
