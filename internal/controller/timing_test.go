// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	dto "github.com/prometheus/client_model/go"
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

var _ = Describe("What happens to a conversation", func() {
	It("is counted by change, and timed from the write of the object to Twilio's answer", func() {
		t := newTenant()
		creates, updates := scraped("create_duration_seconds", ""), scraped("update_duration_seconds", "")
		changes := func(change string) float64 { return scraped("changes_total", t.Namespace, change) }
		t.apply("vip", "{}")
		t.settled("vip", v1alpha1.ReasonSynced)
		Eventually(changes).WithArguments(v1alpha1.EventCreated).Should(Equal(1.0))
		Expect(scraped("create_duration_seconds", "")).To(BeNumerically(">", creates))
		Expect(scraped("turn_wait_seconds", "", "edit")).To(BeNumerically(">", 0))
		t.change("vip", func(s *v1alpha1.ConversationSpec) { s.FriendlyName = "VIP" })
		t.settled("vip", v1alpha1.ReasonSynced)
		Eventually(changes).WithArguments(v1alpha1.EventUpdated).Should(Equal(1.0))
		Expect(scraped("update_duration_seconds", "")).To(BeNumerically(">", updates))
		Eventually(scraped).WithArguments("account_conditions", t.Namespace, v1alpha1.ReasonAuthenticated).Should(Equal(1.0))
		Eventually(scraped).WithArguments("conversations", "", string(v1alpha1.StateActive)).Should(BeNumerically(">=", 1))
	})
})

// scraped is the sum of a metric over the series of a namespace (empty: of all) that have these values of labels. Of a
// histogram it is the number of observations.
func scraped(name, namespace string, values ...string) float64 {
	GinkgoHelper()
	families, err := metrics.Registry.Gather()
	Expect(err).NotTo(HaveOccurred())
	sum := 0.0
	for _, family := range families {
		if family.GetName() != "conversations_operator_"+name {
			continue
		}
		for _, m := range family.GetMetric() {
			if has(m, namespace, values) {
				sum += m.GetCounter().GetValue() + m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount())
			}
		}
	}
	return sum
}

func has(m *dto.Metric, namespace string, values []string) bool {
	wanted := map[string]bool{}
	for _, v := range values {
		wanted[v] = true
	}
	for _, pair := range m.GetLabel() {
		if pair.GetName() == "account_namespace" && namespace != "" && pair.GetValue() != namespace {
			return false
		}
		delete(wanted, pair.GetValue())
	}
	return len(wanted) == 0
}
