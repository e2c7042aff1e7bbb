// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

var _ = Describe("A trace", func() {
	It("leads from a look at an object to the request, with Twilio's ID of it", func() {
		spans := tracetest.NewSpanRecorder()
		provider := trace.NewTracerProvider(trace.WithSpanProcessor(spans))
		otel.SetTracerProvider(provider)
		DeferCleanup(func() { provider.UnregisterSpanProcessor(spans) })

		t := newTenant()
		t.apply("vip", "{friendlyName: VIP}")
		t.settled("vip", v1alpha1.ReasonSynced)
		var looks map[string]bool
		Eventually(func() (requests []string) {
			looks = map[string]bool{}
			for _, s := range spans.Ended() {
				if valueOf(s, "k8s.namespace.name") == t.Namespace && valueOf(s, "conversation") == "vip" {
					looks[s.SpanContext().SpanID().String()] = true
				}
			}
			for _, s := range spans.Ended() {
				if s.Name() == "Twilio CreateConversation" && looks[s.Parent().SpanID().String()] {
					requests = append(requests, valueOf(s, "twilio.request_id"))
				}
			}
			return requests
		}).Should(ConsistOf(HavePrefix("RQ")))
	})
})

// valueOf an attribute of a span; empty if it has none.
func valueOf(s trace.ReadOnlySpan, key attribute.Key) string {
	for _, a := range s.Attributes() {
		if a.Key == key {
			return a.Value.AsString()
		}
	}
	return ""
}
