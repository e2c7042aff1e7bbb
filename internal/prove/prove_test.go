// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package prove

import (
	"strings"
	"testing"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
)

func TestFirst(t *testing.T) {
	us := Account{Account: plan.Account{SID: "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}, Actual: "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", DefaultService: "ISaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}
	sc := &Scenario{Name: "first", Accounts: []Account{us}, Specs: []v1alpha1.ConversationSpec{{UniqueName: "mine", FriendlyName: "One"}, {UniqueName: "mine", FriendlyName: "Two"}},
		Races: true, Bounds: Bounds{Edits: 1, Faults: 1, Kills: 1, Ticks: 2, Deletes: 1}}
	r := New(sc).Explore(Limits{Rest: 16, States: 400000})
	t.Logf("%+v\n%s", r, strings.Join(r.Story, "\n"))
}
