// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import "testing"

func TestAConversationIsAddressedInTheServiceThatHoldsIt(t *testing.T) {
	elsewhere := sid("IS", 'b')
	has := func(f *Facts) { f.Object.Status.SID, f.Object.Status.ChatServiceSID = ourSID, serviceSID }
	gone := func(f *Facts) { f.Gone = true }
	for name, c := range map[string]struct {
		facts  *Facts
		target string
		want   string
	}{
		"there is none yet":                         {given(), "vip", ""},
		"there is none yet, and the spec names one": {given(func(f *Facts) { f.Object.Spec.ChatServiceSID = elsewhere }), "vip", elsewhere},
		"its sid":                                       {given(has), ourSID, serviceSID},
		"the name that it is to get":                    {given(has), "vip", serviceSID},
		"it is deleted":                                 {given(has, beingDeleted), ourSID, serviceSID},
		"another was created, and it is deleted":        {given(has, beingDeleted), otherSID, ""},
		"it is gone, and another one is to be made":     {given(has, gone), "vip", ""},
		"it is gone, and it is looked whether it is so": {given(has, gone), ourSID, serviceSID},
	} {
		t.Run(name, func(t *testing.T) {
			if got := c.facts.Service(c.target); got != c.want {
				t.Errorf("%s is asked for in service %q, want %q", c.target, got, c.want)
			}
		})
	}
}
