// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package system_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

var _ = Describe("A namespace that is deleted as a whole", func() {
	It("goes by itself within a minute, and leaves nothing at Twilio", func() {
		const n = 100
		t := newTenant()
		t.create(n)
		t.settled(n)
		_, err := bed.Kubectl(ctx, "delete", "namespace", t.Namespace, "--timeout=60s")
		Expect(err).NotTo(HaveOccurred())
		Expect(t.conversations()).To(BeEmpty())
		Expect(t.operations()).To(Equal(map[string]int{simulator.OperationCreate: n, simulator.OperationDelete: n}))
	})
})
