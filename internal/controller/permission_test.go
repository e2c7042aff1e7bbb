// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller_test

import (
	"os"
	"regexp"
	"slices"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

// denial is what a message says of a permission that is missing.
const denial = "Twilio answered 403: Access Denied (20006)"

// denied waits until an object says which permission is missing, and nothing of it was lost.
func (t *tenant) denied(name string) {
	GinkgoHelper()
	conv := t.settled(name, v1alpha1.ReasonCredentialsRejected)
	Expect(conv.Status.Conditions).To(ContainElement(HaveField("Message", ContainSubstring(denial))))
	t.accountIs(v1alpha1.ReasonAuthenticated)
}

// permission is a request of docs/permissions.md, and the story of a key that may make every other.
type permission struct {
	operation string
	// without sees what stops, and what does not.
	without func(t *tenant)
	// regained sees that all goes on once the key has the permission.
	regained func(t *tenant)
}

// vip waits until the object of that name is as its spec says.
func vip(t *tenant) {
	GinkgoHelper()
	Eventually(func() string { return reason(t.look("vip").Status.Conditions) }).Should(Equal(v1alpha1.ReasonSynced))
}

var permissions = map[string]permission{
	"ListConversation": {
		operation: simulator.OperationList,
		without: func(t *tenant) {
			t.apply("other", `{}`)
			t.settled("other", v1alpha1.ReasonSynced)
			t.checkAccount()
			account := t.accountIs(v1alpha1.ReasonCredentialsRejected)
			Expect(account.Status.Conditions).To(ContainElement(HaveField("Message", ContainSubstring(denial))))
			t.apply("vip", `{}`)
			t.settled("vip", v1alpha1.ReasonAccountNotReady)
			Expect(t.conversations()).To(HaveLen(1))
		},
		regained: func(t *tenant) {
			t.checkAccount()
			t.accountIs(v1alpha1.ReasonAuthenticated)
			vip(t)
		},
	},
	"FetchConfiguration": {
		operation: simulator.OperationConfiguration,
		without: func(t *tenant) {
			t.setSecret(map[string]string{"TWILIO_API_KEY": t.key.SID, "TWILIO_API_SECRET": t.key.Secret})
			Eventually(t.accountSID).Should(BeEmpty())
			t.accountIs(v1alpha1.ReasonAuthenticated)
			t.apply("vip", `{}`)
			Expect(t.settled("vip", v1alpha1.ReasonSynced).Status.AccountSID).To(Equal(t.SID))
			Eventually(t.accountSID).Should(Equal(t.SID))
		},
		regained: vip,
	},
	"FetchConversation": {
		operation: simulator.OperationFetch,
		without: func(t *tenant) {
			t.apply("edited", `{friendlyName: One}`)
			t.settled("edited", v1alpha1.ReasonSynced)
			t.apply("edited", `{friendlyName: Two}`)
			t.settled("edited", v1alpha1.ReasonSynced)
			t.delete("edited")
			t.gone("edited")
			theirs := t.seed(func(*simulator.Conversation) {})
			t.apply("vip", `{adoption: {sid: `+theirs.SID+`}}`)
			t.denied("vip")
		},
		regained: vip,
	},
	"CreateConversation": {
		operation: simulator.OperationCreate,
		without: func(t *tenant) {
			theirs := t.seed(func(*simulator.Conversation) {})
			t.apply("adopted", `{adoption: {sid: `+theirs.SID+`}, friendlyName: Ours}`)
			t.settled("adopted", v1alpha1.ReasonSynced)
			t.apply("vip", `{}`)
			t.denied("vip")
			Expect(t.conversations()).To(HaveLen(1))
		},
		regained: vip,
	},
	"UpdateConversation": {
		operation: simulator.OperationUpdate,
		without: func(t *tenant) {
			t.apply("vip", `{friendlyName: One}`)
			t.settled("vip", v1alpha1.ReasonSynced)
			t.apply("vip", `{friendlyName: Two}`)
			t.denied("vip")
			Expect(t.only().FriendlyName).To(Equal("One"))
		},
		regained: func(t *tenant) {
			vip(t)
			Expect(t.only().FriendlyName).To(Equal("Two"))
		},
	},
	"DeleteConversation": {
		operation: simulator.OperationDelete,
		without: func(t *tenant) {
			t.apply("vip", `{}`)
			t.settled("vip", v1alpha1.ReasonSynced)
			t.delete("vip")
			t.denied("vip")
			Expect(t.conversations()).To(HaveLen(1))
		},
		regained: func(t *tenant) {
			t.ask("vip", "now")
			t.gone("vip")
			Expect(t.conversations()).To(BeEmpty())
		},
	},
}

// elsewhere are requests of the page that only the plugin makes; its tests try them.
var elsewhere = []string{"ListService"}

var _ = Describe("A key that lacks the permission of one request", func() {
	for request, p := range permissions {
		It("stops what docs/permissions.md says of "+request+", and nothing else", func() {
			t := newTenant()
			rule := t.fault(simulator.Match{Operation: p.operation}, forbidden)
			p.without(t)
			Expect(t.applied(rule)()).NotTo(BeZero())
			Expect(t.sim.RemoveRule(rule)).To(Succeed())
			p.regained(t)
		})
	}

	It("is in docs/permissions.md, whichever request it is", func() {
		page, err := os.ReadFile("../../docs/permissions.md")
		Expect(err).NotTo(HaveOccurred())
		listed := regexp.MustCompile("(?m)^\\| `([A-Za-z]+)` \\|").FindAllSubmatch(page, -1)
		var rows []string
		for _, row := range listed {
			rows = append(rows, string(row[1]))
		}
		want := slices.Clone(elsewhere)
		for request := range permissions {
			want = append(want, request)
		}
		Expect(rows).To(ConsistOf(want))
	})
})
