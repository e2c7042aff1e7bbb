// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package system_test

import (
	"fmt"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

var _ = Describe("A manager that is killed in the middle of creating", func() {
	const n = 50

	for _, answered := range []int{0, 13, 45} {
		It(fmt.Sprintf("leaves no conversation out and makes none twice, after %d answers", answered), func() {
			t := newTenant()
			rule := t.hold(answered)
			t.create(n)
			Eventually(held).Should(BeNumerically(">", 0))
			manager.Kill()
			// What was on its way takes effect without anybody hearing of it, partly while the next manager looks around.
			Expect(twilio.Control(ctx, "DELETE /rules/"+rule, nil, nil)).To(Succeed())
			Expect(manager.Start(ctx)).To(Succeed())

			sids := map[string]bool{}
			for _, conv := range t.settled(n) {
				sids[conv.Status.SID] = true
			}
			there := t.conversations()
			Expect(there).To(HaveLen(n))
			for _, c := range there {
				Expect(sids).To(HaveKey(c.SID))
			}
		})
	}
})

var _ = Describe("A manager that is killed at any moment, again and again", func() {
	It("makes every conversation once", func() {
		const n, rounds = 50, 4
		t := newTenant()
		Expect(twilio.Control(ctx, "PATCH /settings", map[string]string{"latency": "30ms"}, nil)).To(Succeed())
		DeferCleanup(func() {
			Expect(twilio.Control(ctx, "PATCH /settings", map[string]string{"latency": "0s"}, nil)).To(Succeed())
		})
		t.create(n)
		for round := range rounds {
			Eventually(func() int { return len(t.conversations()) }, "1m", "1ms").Should(BeNumerically(">=", round*n/(rounds+1)))
			manager.Kill()
			Expect(manager.Start(ctx)).To(Succeed())
		}
		t.settled(n)
		Expect(t.conversations()).To(HaveLen(n))
	})
})

// hold keeps every create of the account after the first few waiting, and answers the rule's ID.
func (t *tenant) hold(after int) string {
	GinkgoHelper()
	var rule struct {
		ID string `json:"id"`
	}
	Expect(twilio.Control(ctx, "POST /rules", simulator.Rule{
		Match:  simulator.Match{Operation: simulator.OperationCreate, Account: t.SID, Skip: after},
		Effect: simulator.Effect{Hold: true},
	}, &rule)).To(Succeed())
	return rule.ID
}

func held() int {
	GinkgoHelper()
	var v struct {
		Held int `json:"held"`
	}
	Expect(twilio.Control(ctx, "GET /held", nil, &v)).To(Succeed())
	return v.Held
}
