// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller_test

import (
	"maps"
	"net/http"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gstruct"
	gtypes "github.com/onsi/gomega/types"
	uberzap "go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

// logged is what the operator logged at the level that a manager has unless it is told otherwise.
var logged *observer.ObservedLogs

func recordLog() uberzap.Option {
	var core zapcore.Core
	core, logged = observer.New(zapcore.InfoLevel)
	return uberzap.WrapCore(func(to zapcore.Core) zapcore.Core { return zapcore.NewTee(to, core) })
}

// changelog is what was logged of the tenant's requests to Twilio: the keys of each line, and its text.
func (t *tenant) changelog() []map[string]any {
	var out []map[string]any
	for _, e := range logged.All() {
		line := e.ContextMap()
		if line["namespace"] == t.Namespace && (strings.HasSuffix(e.Message, " conversation") || e.Message == "Request to Twilio failed") {
			line["message"] = e.Message
			out = append(out, line)
		}
	}
	return out
}

// line matches a line with at least these keys, and with what every line has.
func (t *tenant) line(message, verb, row string, more gstruct.Keys) gtypes.GomegaMatcher {
	keys := gstruct.Keys{
		"message": Equal(message), "verb": BeEquivalentTo(verb), "row": Equal(row), "name": Equal("vip"), "account": Equal(t.SID),
		"requestID": HavePrefix("RQ"), "generation": BeNumerically(">", 0), "sid": HavePrefix("CH"),
	}
	maps.Copy(keys, more)
	return gstruct.MatchKeys(gstruct.IgnoreExtras, keys)
}

var _ = Describe("The log", func() {
	It("has one line for each write to Twilio: which conversation, by which request, and why", func() {
		t := newTenant()
		t.apply("vip", `{friendlyName: One}`)
		sid := t.settled("vip", v1alpha1.ReasonSynced).Status.SID
		t.apply("vip", `{friendlyName: Two, attributes: {a: 1}}`)
		t.settled("vip", v1alpha1.ReasonSynced)
		t.edit(sid, func(c *simulator.Conversation) { c.FriendlyName = "Three" })
		t.look("vip")
		t.delete("vip")
		t.gone("vip")
		same := gstruct.Keys{"sid": Equal(sid)}
		lines := t.changelog()
		Expect(lines).To(HaveExactElements(
			t.line("Created conversation", "Create", "Create", same),
			t.line("Updated conversation", "Update", "Update", gstruct.Keys{
				"sid": Equal(sid), "fields": ConsistOf("friendlyName", "attributes"), "generation": BeEquivalentTo(2),
			}),
			t.line("Updated conversation", "Update", "Correct", gstruct.Keys{"sid": Equal(sid), "fields": ConsistOf("friendlyName")}),
			t.line("Deleted conversation", "Delete", "Delete", same),
		))
		requests := map[any]bool{}
		for _, line := range lines {
			requests[line["requestID"]] = true
		}
		Expect(requests).To(HaveLen(len(lines)), "each has a request of its own")
	})

	It("has one line for each request that failed, with Twilio's code", func() {
		t := newTenant()
		t.apply("vip", `{friendlyName: One}`)
		t.settled("vip", v1alpha1.ReasonSynced)
		t.fault(matchUpdate(1), simulator.Effect{Status: http.StatusBadRequest, Code: 50003, Message: "No"})
		t.apply("vip", `{friendlyName: Two}`)
		t.settled("vip", v1alpha1.ReasonRejected)
		t.apply("vip", `{friendlyName: Three}`)
		sid := t.settled("vip", v1alpha1.ReasonSynced).Status.SID
		Expect(t.sim.Remove(sid)).To(Succeed())
		t.delete("vip")
		t.gone("vip")
		refused := gstruct.Keys{
			"sid": Equal(sid), "operation": Equal("UpdateConversation"), "status": BeEquivalentTo(http.StatusBadRequest), "code": BeEquivalentTo(50003),
			"error": Equal("Twilio answered 400: No (50003)"),
		}
		Expect(t.changelog()).To(HaveExactElements(
			t.line("Created conversation", "Create", "Create", nil),
			t.line("Request to Twilio failed", "Update", "Update", refused),
			t.line("Updated conversation", "Update", "Update", nil),
			t.line("Deleted conversation", "Delete", "Delete", nil),
		))
	})

	It("has no error for a label that comes while the conversation is deleted", func() {
		t := newTenant()
		t.apply("vip", `{}`)
		t.settled("vip", v1alpha1.ReasonSynced)
		rule := t.fault(matchDelete(1), simulator.Effect{Hold: true})
		t.delete("vip")
		Eventually(t.applied(rule)).Should(Equal(1))
		t.label("vip")
		Expect(t.sim.RemoveRule(rule)).To(Succeed())
		t.gone("vip")
		Expect(t.requests()).To(asked("create", "delete"))
		Expect(logged.Filter(func(e observer.LoggedEntry) bool {
			return e.Level == zapcore.ErrorLevel && e.ContextMap()["namespace"] == t.Namespace
		}).All()).To(BeEmpty())
	})

	It("tells of a create that was refused", func() {
		t := newTenant()
		t.fault(matchCreate(1), simulator.Effect{Status: http.StatusForbidden, Code: 20403, Message: "No"})
		t.apply("vip", `{}`)
		t.settled("vip", v1alpha1.ReasonCredentialsRejected)
		Expect(t.changelog()).To(HaveExactElements(
			t.line("Request to Twilio failed", "Create", "Create", gstruct.Keys{"sid": BeEmpty(), "code": BeEquivalentTo(20403)}),
		))
	})
})
