// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package conversation

import (
	"time"

	"github.com/conversations-operator/conversations-operator/internal/controller/account"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/retry"
)

// refusal is one answer of Twilio that refused something: to which step of which version of an object, and until when it stands.
// However often an object is looked at, the same is not sent again before it is edited, has other credentials, somebody asks, or
// the probe is due. What was refused for the credentials once is sent again as soon as the object is looked at: a check of the
// account may have found them good.
type refusal struct {
	generation  int64
	credentials account.Version
	verb        plan.Verb
	until       time.Time
	verdict     verdict
	// times that the step was refused in a row.
	times int
}

// noteRefusal remembers that the step was refused.
func (p *pass) noteRefusal(step plan.Step, v verdict, times int, until time.Time) {
	answer := &refusal{
		generation: p.before.Generation, credentials: p.live.Version, verb: step.Verb,
		until: until, verdict: v, times: times,
	}
	p.memory.note(p.conv, func(e *entry) { e.refusal = answer })
}

// resolves tells whether the step looks whether a create that was refused happened nevertheless, before the create is sent
// again.
func (p *pass) resolves(step plan.Step, refused plan.Verb) bool {
	return refused == plan.Create && step.Verb == plan.Lookup && p.facts.Intent != nil && p.facts.Intent.Refused
}

// noteDenial remembers that the step was refused for the credentials, and answers the wait. After the first denial, a check
// that finds the account good wakes the object; after further ones the wait alone counts, so that denials and good checks
// cannot follow each other without a pause.
func (p *pass) noteDenial(step plan.Step, v verdict) time.Duration {
	times := p.lastRefusal(step).times + 1
	v.after = retry.Denied.From(retry.Denied.Doubled(times))
	if times > 1 {
		p.noteRefusal(step, v, times, p.facts.Now.Add(v.after))
		return v.after
	}
	p.noteRefusal(step, v, times, p.facts.Now)
	if !p.Registry.Await(p.acct, p.live, p.key()) {
		return retry.NotConnected.After()
	}
	return v.after
}

// lastRefusal answers the refusal of the step that is remembered; an empty one if something changed since.
func (p *pass) lastRefusal(step plan.Step) refusal {
	last := p.memory.recall(p.conv).refusal
	if last == nil || last.generation != p.before.Generation || last.credentials != p.live.Version ||
		last.verb != step.Verb && !p.resolves(step, last.verb) {
		return refusal{}
	}
	return *last
}

// refused answers what followed when the step was refused, if it would be again.
func (p *pass) refused(step plan.Step) (verdict, bool) {
	last := p.lastRefusal(step)
	if p.facts.Look {
		return verdict{}, false
	}
	left := last.until.Sub(p.facts.Now)
	last.verdict.after = left
	return last.verdict, left > 0
}
