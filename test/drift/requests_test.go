// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package drift

import (
	"slices"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

// requests so far, but for the checks of credentials.
func (w *world) requests() []simulator.Request {
	return slices.DeleteFunc(w.sim.Requests(), func(r simulator.Request) bool {
		return r.Operation == simulator.OperationList && r.Query.Get("PageSize") == "1"
	})
}

// mark begins to count requests; the result answers those since.
func (w *world) mark() (since func() []simulator.Request) {
	n := len(w.requests())
	return func() []simulator.Request { return w.requests()[n:] }
}

// operations counts requests by what they ask for.
func operations(all []simulator.Request) map[string]int {
	out := map[string]int{}
	for _, r := range all {
		out[r.Operation]++
	}
	return out
}

// concerned are the conversations that requests of an operation are about, each as often as it was asked, in order.
func concerned(all []simulator.Request, operation string) []string {
	var out []string
	for _, r := range all {
		if r.Operation == operation {
			out = append(out, r.SID)
		}
	}
	slices.Sort(out)
	return out
}

// answered are the requests that no fault befell.
func answered(all []simulator.Request) []simulator.Request {
	return slices.DeleteFunc(slices.Clone(all), func(r simulator.Request) bool { return r.Fault != "" })
}

// only expects that the requests since a mark are these operations, and stay so.
func only(since func() []simulator.Request, want map[string]int) {
	GinkgoHelper()
	Expect(operations(since())).To(Equal(want))
	Consistently(func() map[string]int { return operations(since()) }).Should(Equal(want))
}

// fault makes Twilio misbehave until the story ends, and answers the rule's id.
func (w *world) fault(m simulator.Match, e simulator.Effect) string {
	GinkgoHelper()
	id, err := w.sim.AddRule(simulator.Rule{Match: m, Effect: e})
	Expect(err).NotTo(HaveOccurred())
	return id
}
