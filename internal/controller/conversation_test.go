// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller_test

import (
	"context"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
)

func ctx() context.Context { return context.Background() }

var _ = Describe("A conversation", func() {
	It("is created with a generated name, in one request and two writes, and deleted", func() {
		t := newTenant()
		t.apply("vip", `{}`)
		conv := t.settled("vip", v1alpha1.ReasonSynced)
		there := t.only()
		Expect(conv.Status.SID).To(Equal(there.SID))
		Expect(conv.Status.AccountSID).To(Equal(t.SID))
		Expect(conv.Status.ChatServiceSID).To(Equal(there.ServiceSID))
		Expect(conv.Status.UniqueName).To(Equal(plan.GeneratedName(clusterName, t.Namespace, "vip")))
		Expect(conv.Status.Origin).To(Equal(v1alpha1.OriginCreated))
		Expect(t.requests()).To(asked("create"))
		Eventually(versions).WithArguments(conv).Should(Equal(3), "the creation, the finalizer with the intent, the status")

		t.delete("vip")
		t.gone("vip")
		Expect(t.conversations()).To(BeEmpty())
		Expect(t.requests()).To(asked("create", "delete"))
	})

	It("is updated with only what changed, in one request", func() {
		t := newTenant()
		t.apply("vip", `{friendlyName: One, attributes: {a: 1}, timers: {inactive: PT1H}}`)
		t.settled("vip", v1alpha1.ReasonSynced)
		t.apply("vip", `{friendlyName: Two, attributes: {a: 1}, timers: {inactive: PT1H}}`)
		conv := t.settled("vip", v1alpha1.ReasonSynced)
		Expect(conv.Status.FriendlyName).To(Equal("Two"))
		Expect(t.requests()).To(asked("create", "update"))
		Expect(t.requests()[1].Form).To(BeEquivalentTo(map[string][]string{"FriendlyName": {"Two"}}))
		Consistently(t.requests).Should(asked("create", "update"))
	})

	It("is created and then closed where the spec says closed", func() {
		t := newTenant()
		t.apply("done", `{state: closed}`)
		conv := t.settled("done", v1alpha1.ReasonClosed)
		Expect(conv.Status.State).To(Equal(v1alpha1.StateClosed))
		Expect(t.requests()).To(asked("create", "update"))
		Eventually(versions).WithArguments(conv).Should(Equal(3))
	})
})
