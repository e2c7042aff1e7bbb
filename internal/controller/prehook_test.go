// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller_test

import (
	"io"
	"net/http"
	"net/http/httptest"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

// preHook sets a pre-event webhook of the account that answers all writes alike.
func (t *tenant) preHook(status int, body string) {
	GinkgoHelper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	DeferCleanup(server.Close)
	t.configure(func(c *simulator.Configuration) { c.PreWebhookURL = server.URL })
}

var _ = Describe("A pre-event webhook of the account", func() {
	It("that changes the friendly name is not fought", func() {
		t := newTenant()
		t.preHook(http.StatusOK, `{"friendly_name":"Theirs"}`)
		t.apply("vip", `{webhookEnabled: true, friendlyName: Ours}`)
		Expect(t.settled("vip", v1alpha1.ReasonSynced).Status.FriendlyName).To(Equal("Theirs"))
		Expect(t.look("vip").Status.FriendlyName).To(Equal("Theirs"))
		Expect(t.writes()).To(HaveLen(1))

		t.change("vip", func(s *v1alpha1.ConversationSpec) { s.FriendlyName = "Ours again" })
		t.settled("vip", v1alpha1.ReasonSynced)
		Expect(t.look("vip").Status.FriendlyName).To(Equal("Theirs"))
		Expect(t.writes()).To(HaveLen(2))
	})

	It("that refuses is heeded until it lets the write pass", func() {
		t := newTenant()
		t.preHook(http.StatusForbidden, "")
		t.apply("vip", `{webhookEnabled: true}`)
		Expect(t.settled("vip", v1alpha1.ReasonRejected).Status.SID).To(BeEmpty())
		Expect(t.conversations()).To(BeEmpty())

		t.preHook(http.StatusOK, "{}")
		t.annotate("vip", "now")
		t.settled("vip", v1alpha1.ReasonSynced)

		t.preHook(http.StatusForbidden, "")
		t.change("vip", func(s *v1alpha1.ConversationSpec) { s.FriendlyName = "VIP" })
		t.settled("vip", v1alpha1.ReasonRejected)
		Expect(t.only().FriendlyName).To(BeEmpty())

		t.preHook(http.StatusOK, "{}")
		t.delete("vip")
		t.gone("vip")
		Expect(t.conversations()).To(BeEmpty())
	})
})
