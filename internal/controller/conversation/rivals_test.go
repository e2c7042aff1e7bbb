// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package conversation

import (
	"testing"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
)

func TestTwoAccountsWhoseSIDIsNotKnownAreNotTheSame(t *testing.T) {
	for name, c := range map[string]struct {
		sid, region, otherSID, otherRegion string
		want                               bool
	}{
		"the same SID and Region":      {"AC1", "ie1", "AC1", "ie1", true},
		"the same SID, another Region": {"AC1", "ie1", "AC1", "", false},
		"another SID":                  {"AC1", "", "AC2", "", false},
		"one SID is not known":         {"AC1", "", "", "", false},
		"neither SID is known":         {"", "", "", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			acct := &v1alpha1.TwilioAccount{}
			acct.Spec.Region, acct.Status.AccountSID = c.otherRegion, c.otherSID
			if got := leads(acct, &plan.Account{SID: c.sid, Region: c.region}); got != c.want {
				t.Errorf("got %t", got)
			}
		})
	}
}
