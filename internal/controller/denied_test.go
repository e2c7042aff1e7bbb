// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller_test

import (
	"net/http"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

// Rejections of credentials that may pass by themselves.
var (
	unauthorized = simulator.Effect{Status: http.StatusUnauthorized, Code: 20003, Message: "Authenticate"}
	forbidden    = simulator.Effect{Status: http.StatusForbidden, Code: 20006, Message: "Access Denied"}
)

var _ = Describe("A rejection of credentials that passes", func() {
	It("of a conversation is followed by the same request once the account is found good", func() {
		t := newTenant()
		t.fault(matchCreate(1), unauthorized)
		t.apply("vip", `{}`)
		t.settled("vip", v1alpha1.ReasonSynced)
		Expect(t.requests()).To(asked("create", "fetch", "create"))
		t.accountIs(v1alpha1.ReasonAuthenticated)
	})

	It("of a conversation for its permissions is followed by the same request within seconds", func() {
		t := newTenant()
		t.fault(matchCreate(1), forbidden)
		t.apply("vip", `{}`)
		t.settled("vip", v1alpha1.ReasonSynced)
		Expect(t.requests()).To(asked("create", "fetch", "create"))
	})

	It("of an account is followed by another check within seconds", func() {
		t := newBareTenant()
		t.fault(simulator.Match{Operation: simulator.OperationList, Count: 1}, unauthorized)
		t.create(t.secret(t.credentials()))
		t.create(t.Account())
		t.accountIs(v1alpha1.ReasonCredentialsRejected)
		t.accountIs(v1alpha1.ReasonAuthenticated)
		Expect(t.checks()).To(HaveLen(2))
	})

	It("of a drift check lets that go on within seconds", func() {
		t := newTenant()
		t.apply("vip", `{}`)
		t.settled("vip", v1alpha1.ReasonSynced)
		rule := t.fault(simulator.Match{Operation: simulator.OperationList, Count: 1}, unauthorized)
		t.changeAccount(func(s *v1alpha1.TwilioAccountSpec) { s.DriftCheckIntervalSeconds = new(int32(3600)) })
		Eventually(t.applied(rule)).Should(Equal(1))
		Eventually(func() *v1alpha1.DriftCheck { return t.accountIs(v1alpha1.ReasonAuthenticated).Status.LastDriftCheck }).ShouldNot(BeNil())
	})
})

var _ = Describe("A rejection of credentials that lasts although the account is good", func() {
	It("is asked for once more when a check found that, and then ever later", func() {
		t := newTenant()
		t.fault(matchCreate(0), unauthorized)
		t.apply("vip", `{}`)
		t.settled("vip", v1alpha1.ReasonCredentialsRejected)
		Eventually(t.requests).Should(asked("create", "fetch", "create"))
		Consistently(t.requests).Should(asked("create", "fetch", "create"))
	})
})
