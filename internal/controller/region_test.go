// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

var _ = Describe("An account in a Region", func() {
	It("that has no Conversations says which Regions have them", func() {
		t := newBareTenant()
		rule, err := t.sim.AddRule(simulator.Rule{
			Match:  simulator.Match{Account: t.SID},
			Effect: simulator.Effect{Status: 400, Code: 50385, Message: "Conversations are disabled in this region"},
		})
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(t.sim.RemoveRule, rule)
		t.create(t.secret(t.credentials()))
		t.create(t.Account())
		a := t.accountIs(v1alpha1.ReasonCredentialsRejected)
		Expect(message(a.Status.Conditions)).To(Equal("Twilio answered 400: Conversations are disabled in this region (50385): " +
			"use credentials of a Region that has Conversations, us1 or (Chat only) ie1, and set region and edge of the account to it."))
	})
})
