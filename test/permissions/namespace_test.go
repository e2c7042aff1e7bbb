// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package permissions_test

import (
	"os"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/conversations-operator/conversations-operator/test/testbed"
)

// refused are the kinds of which the manager says that it may not watch them in the namespace.
func refused(m *testbed.Manager, namespace string) func() float64 {
	return func() float64 {
		n, err := m.Metric(ctx, "conversations_operator_watch_refused", map[string]string{"watched_namespace": namespace})
		Expect(err).NotTo(HaveOccurred())
		return n
	}
}

var _ = Describe("A manager that may watch nothing", func() {
	It("is not ready, and ends when it is told to", func() {
		m := startManagerWith(testbed.ManagerOptions{Probe: "healthz"})
		Expect(m.Stop()).To(Succeed())
	})
})

var _ = Describe("A namespace that the manager may not watch", func() {
	It("keeps no other from being served, is named, and is served once it may be", func() {
		a, b := newTenant(), newTenant()
		permit(a.Namespace, nil)
		m := startManager(a.Namespace, b.Namespace)
		a.ready()
		Expect(b.accountReason()).To(BeEmpty())
		Eventually(refused(m, b.Namespace)).Should(Equal(3.0), "Conversations, accounts and Secrets")
		Expect(refused(m, a.Namespace)()).To(BeZero())
		log, err := os.ReadFile(m.Log)
		Expect(err).NotTo(HaveOccurred())
		Expect(string(log)).To(MatchRegexp(`Namespace is not served: .*"` + b.Namespace + `"`))

		permit(b.Namespace, nil)
		b.ready()
		Eventually(refused(m, b.Namespace)).Should(BeZero())
	})

	It("because the permission was taken away stays as it was, also over a restart", func() {
		a, b := newTenant(), newTenant()
		permit(a.Namespace, nil)
		forbid := permit(b.Namespace, nil)
		m := startManager(a.Namespace, b.Namespace)
		a.ready()
		b.ready()
		forbid()
		Expect(m.Restart(ctx)).To(Succeed())
		Eventually(refused(m, b.Namespace)).Should(Equal(3.0))
		version := b.conversation.ResourceVersion

		Expect(bed.Client.Delete(ctx, a.conversation)).To(Succeed())
		Expect(bed.Client.Delete(ctx, a.account)).To(Succeed())
		Eventually(a.conversationReason).Should(Equal("gone"))
		Eventually(a.accountReason).Should(Equal("gone"))
		b.ready()
		Expect(b.conversation.ResourceVersion).To(Equal(version))

		permit(b.Namespace, nil)
		Expect(bed.Client.Delete(ctx, b.conversation)).To(Succeed())
		Eventually(b.conversationReason).Should(Equal("gone"))
	})
})
