// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package scale

import (
	"net/http"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/budget"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

// outageProbes are how many requests of an outage are waited for before it changes: those that open the breaker, and two
// probes.
const outageProbes = 7

var _ = Describe("An outage of one account", func() {
	It("costs few requests and writes, ends by itself and delays no other account", func() {
		const objects, others = 200, 150
		struck, spared := newTenant(), newTenant()
		go func() {
			defer GinkgoRecover()
			struck.many(objects)
		}()
		Eventually(func() int { return seen.Are(struck.Namespace, v1alpha1.ReasonSynced) }).Should(BeNumerically(">", 40))

		// Nobody answers at first, and then everything is answered 503.
		lines.set(struck.SID, true)
		go func() {
			defer GinkgoRecover()
			spared.many(others)
		}()
		Eventually(func() int { return lines.count(struck.SID) }).Should(BeNumerically(">=", outageProbes))
		rule, err := sim.AddRule(simulator.Rule{
			Match: simulator.Match{Account: struck.SID}, Effect: simulator.Effect{Status: http.StatusServiceUnavailable},
		})
		Expect(err).NotTo(HaveOccurred())
		lines.set(struck.SID, false)
		Eventually(struck.unavailable).Should(BeNumerically(">=", 2))
		Expect(sim.RemoveRule(rule)).To(Succeed())
		failed := lines.count(struck.SID) + struck.unavailable()

		struck.synced(objects)
		spared.synced(others)
		// What was under way when it began, and then one probe after the other, after 1, 2, 4, … seconds.
		Expect(failed).To(BeNumerically("<=", budget.DefaultMaxConcurrent+outageProbes+4))
		told := seen.Told(struck.Namespace)
		Expect(told[v1alpha1.ReasonTwilioUnavailable]).To(BeNumerically("<=", failed))
		delete(told, v1alpha1.ReasonTwilioUnavailable)
		Expect(told).To(Equal(map[string]int{v1alpha1.ReasonSynced: objects}))
		Expect(sim.Conversations(struck.SID)).To(HaveLen(objects))
		Expect(spared.throttled()).To(BeNumerically("<=", others/100))
	})
})

// unavailable counts the requests of the account that were answered 503.
func (t *tenant) unavailable() (n int) {
	for _, r := range t.requests() {
		if r.Status == http.StatusServiceUnavailable {
			n++
		}
	}
	return n
}
