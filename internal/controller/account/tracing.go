// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package account

import (
	"net/http"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// Tracer makes a span of each pass over a Conversation, and in the span another span of each request to Twilio. Without
// a provider of traces, Tracer does no work.
var Tracer = otel.Tracer("github.com/conversations-operator/conversations-operator")

// traced makes a span of each request to Twilio, with the ID by which Twilio's support finds the request.
type traced struct{ next http.RoundTripper }

// RoundTrip sends the request within a span.
func (t traced) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, span := Tracer.Start(r.Context(), "Twilio "+twilio.OperationOf(r.Context()), trace.WithSpanKind(trace.SpanKindClient),
		trace.WithAttributes(attribute.String("http.request.method", r.Method), attribute.String("server.address", r.URL.Hostname())))
	defer span.End()
	resp, err := t.next.RoundTrip(r.WithContext(ctx))
	if err != nil {
		// The error may quote the address, and the address may quote the values of a query.
		span.SetStatus(codes.Error, "no answer")
		return resp, err
	}
	span.SetAttributes(attribute.Int("http.response.status_code", resp.StatusCode),
		attribute.String("twilio.request_id", resp.Header.Get("Twilio-Request-Id")))
	if resp.StatusCode >= http.StatusBadRequest {
		span.SetStatus(codes.Error, http.StatusText(resp.StatusCode))
	}
	return resp, nil
}
