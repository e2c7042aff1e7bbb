// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package drift

import (
	"net/http"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

var _ = Describe("The metrics of the drift check", func() {
	It("count checks, what they cost and found, per account, until that is gone", func() {
		w := newWorld()
		w.many(3, same(`{friendlyName: Mine}`))
		w.check()
		Eventually(w.metrics).Should(Equal(map[string]float64{
			"drift_checks_total completed": 1, "drift_check_requests_total": 1, "drift_check_listed_total": 3,
		}))
		w.edit(w.get(name(0)).Status.SID, func(c *simulator.Conversation) { c.FriendlyName = "Theirs" })
		w.fault(simulator.Match{Operation: simulator.OperationList, PathRegexp: "^/v1/Services/", Count: 1}, simulator.Effect{Status: http.StatusServiceUnavailable})
		w.check()
		Eventually(w.metrics).Should(Equal(map[string]float64{
			"drift_checks_total completed": 2, "drift_checks_total interrupted": 1, "drift_check_requests_total": 3,
			"drift_check_listed_total": 6, "drift_detected_total friendlyName": 1, "drift_corrected_total friendlyName": 1,
		}))
		w.all(3, v1alpha1.ReasonSynced)

		for i := range 3 {
			Expect(k8s.Delete(ctx(), w.get(name(i)))).To(Succeed())
		}
		Expect(k8s.Delete(ctx(), w.account())).To(Succeed())
		Eventually(w.metrics).Should(BeEmpty())
	})
})

// metrics are the counters of the world's account, by name and what further labels say.
func (w *world) metrics() map[string]float64 {
	GinkgoHelper()
	families, err := metrics.Registry.Gather()
	Expect(err).NotTo(HaveOccurred())
	out := map[string]float64{}
	for _, family := range families {
		short, is := strings.CutPrefix(family.GetName(), "conversations_operator_drift_")
		if !is {
			continue
		}
		for _, m := range family.GetMetric() {
			labels := map[string]string{}
			for _, label := range m.GetLabel() {
				labels[label.GetName()] = label.GetValue()
			}
			if labels["account_namespace"] == w.Namespace && m.GetCounter() != nil {
				out[strings.TrimSpace("drift_"+short+" "+labels["result"]+labels["field"])] = m.GetCounter().GetValue()
			}
		}
	}
	return out
}
