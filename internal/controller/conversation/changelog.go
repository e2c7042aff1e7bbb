// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package conversation

import (
	"context"
	"errors"

	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// wrote logs a write to Twilio that took effect, once: to which conversation, by which request, and why.
func (p *pass) wrote(ctx context.Context, step plan.Step, sid, requestID, message string) {
	keys := p.about(step, sid, requestID)
	if fields := plan.Fields(step.Differences); len(fields) > 0 {
		keys = append(keys, "fields", fields)
	}
	logf.FromContext(ctx).Info(message, keys...)
}

// failed logs a request that Twilio refused or did not answer, once. That there is none is an answer like any other, except
// to an update; and throttling would make a line of each object that waits.
func (p *pass) failed(ctx context.Context, step plan.Step, err error) {
	answer, ok := errors.AsType[*twilio.Error](err)
	if !ok || errors.Is(err, twilio.ErrNotFound) && step.Verb != plan.Update {
		return
	}
	log := logf.FromContext(ctx)
	if errors.Is(err, twilio.ErrThrottled) {
		log = log.V(1)
	}
	log.Info("Request to Twilio failed", append(p.about(step, p.conv.Status.SID, answer.RequestID),
		"operation", answer.Operation, "status", answer.Status, "code", answer.Code, "error", answer.Error())...)
}

// about are the keys of every line about a request. The object's are the logger's.
func (p *pass) about(step plan.Step, sid, requestID string) []any {
	return []any{"sid", sid, "account", p.facts.Account.SID, "requestID", requestID, "verb", step.Verb, "row", step.Row, "generation", p.conv.Generation}
}
