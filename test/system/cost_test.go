// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package system_test

import (
	"fmt"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

var _ = Describe("What conversations cost", Ordered, func() {
	const n = 200
	var t *tenant

	BeforeAll(func() { t = newTenant() })

	It("is one request to Twilio and two writes for each that is created", func() {
		t.create(n)
		t.settled(n)
		Expect(t.conversations()).To(HaveLen(n))
		Expect(t.operations()).To(Equal(map[string]int{simulator.OperationCreate: n}))

		want := make([]string, 0, 2*n)
		for i := range n {
			name := fmt.Sprintf("%s/conv-%d", t.Namespace, i)
			want = append(want, "patch conversations "+name, "patch conversations/status "+name)
		}
		Eventually(t.writtenTo).Should(ConsistOf(want))
		Consistently(t.writtenTo).Should(HaveLen(2 * n))
	})

	It("is nothing at all when the manager restarts", func() {
		// The count of the account's conversations is written a little later than they are.
		account := &v1alpha1.TwilioAccount{}
		Eventually(func(g Gomega) {
			g.Expect(bed.Client.Get(ctx, client.ObjectKey{Namespace: t.Namespace, Name: "default"}, account)).To(Succeed())
			g.Expect(account.Status.Conversations).To(HaveValue(BeEquivalentTo(n)))
		}).Should(Succeed())
		requests, before := t.requests(), time.Now()

		Expect(manager.Restart(ctx)).To(Succeed())
		Eventually(func(g Gomega) {
			looks, err := manager.Metric(ctx, "controller_runtime_reconcile_total", map[string]string{"controller": "conversation", "result": "success"})
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(looks).To(BeNumerically(">=", n))
			waiting, err := manager.Metric(ctx, "workqueue_depth", nil)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(waiting).To(BeZero())
		}).Should(Succeed())
		// Longer than anything that a manager puts off at its start.
		Consistently(t.writtenSince, "6s").WithArguments(before).Should(BeEmpty())
		Expect(t.requests()).To(Equal(requests))
	})

	It("is one request with one field for an edit", func() {
		conv := t.settled(n)[0]
		before, so := conv.DeepCopy(), len(t.requests())
		conv.Spec.FriendlyName = "Edited"
		Expect(bed.Client.Patch(ctx, &conv, client.MergeFrom(before))).To(Succeed())
		t.settled(n)
		requests := t.requests()[so:]
		Expect(requests).To(HaveLen(1))
		Expect(requests[0].Operation).To(Equal(simulator.OperationUpdate))
		Expect(requests[0].SID).To(Equal(conv.Status.SID))
		Expect(requests[0].Form).To(BeEquivalentTo(map[string][]string{"FriendlyName": {"Edited"}}))
		Consistently(func() int { return len(t.requests()) }).Should(Equal(so + 1))
	})
})
