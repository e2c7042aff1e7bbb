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

// done are the words of the log for a write which took effect.
var done = map[plan.Verb]string{plan.Create: "Created conversation", plan.Update: "Updated conversation", plan.Delete: "Deleted conversation"}

// Did implements [walk.World]: it logs a write to Twilio which took effect, once: the conversation, the request, and the reason.
func (p *pass) Did(ctx context.Context, step plan.Step, sid string) {
	p.memory.Wrote(p.conv)
	keys := p.about(step, sid, p.requestID)
	if fields := plan.Fields(step.Differences); len(fields) > 0 {
		keys = append(keys, "fields", fields)
	}
	logf.FromContext(ctx).Info(done[step.Verb], keys...)
}

// logFailure logs a request which Twilio refused or did not answer, once. A missing conversation is an answer like any
// other, except to an update. Throttling is logged at a higher verbosity, because each waiting object would write a
// line.
func (p *pass) logFailure(ctx context.Context, step plan.Step, err error) {
	answer, ok := errors.AsType[*twilio.Error](err)
	if !ok || errors.Is(err, twilio.ErrNotFound) && step.Verb != plan.Update {
		return
	}
	log := logf.FromContext(ctx)
	if errors.Is(err, twilio.ErrThrottled) {
		log = log.V(1)
	}
	log.Info("Request to Twilio failed", append(p.about(step, p.walk.Object.Status.SID, answer.RequestID),
		"operation", answer.Operation, "status", answer.Status, "code", answer.Code, "error", answer.Error())...)
}

// about are the keys of every line about a request. The logger adds the object's keys.
func (p *pass) about(step plan.Step, sid, requestID string) []any {
	return []any{"sid", sid, "account", p.walk.Facts.Account.SID, "requestID", requestID, "verb", step.Verb, "row", step.Row, "generation", p.conv.Generation}
}
