// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package scale

import (
	"fmt"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/test/testbed/random"
)

var _ = Describe("Rejected credentials", func() {
	It("cost a handful of requests, however many objects there are", func() {
		const objects = 1000
		t := newTenant()
		Expect(sim.SetAuthToken(t.SID, random.Hex(16))).To(Succeed())
		before := len(t.everything())
		t.many(objects)
		settled := func() int {
			return seen.Are(t.Namespace, v1alpha1.ReasonCredentialsRejected) + seen.Are(t.Namespace, v1alpha1.ReasonAccountNotReady)
		}
		Eventually(settled).Should(Equal(objects))
		// The next checks of the credentials come after pauses that double, from five seconds to five minutes.
		Consistently(func() int { return len(t.everything()) - before }, "3s").Should(BeNumerically("<=", 10), "%v", t.everything())
		Expect(t.accountReason()).To(Equal(v1alpha1.ReasonCredentialsRejected))
		Expect(settled()).To(Equal(objects))
	})
})

// everything is what was asked of the account, checks of its credentials included, and how it was answered.
func (t *tenant) everything() (all []string) {
	for _, r := range sim.Requests() {
		if r.Account == t.SID {
			all = append(all, fmt.Sprintf("%s %d at %s", r.Operation, r.Status, r.Time.Format(time.StampMilli)))
		}
	}
	return all
}
