// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package conversation

import (
	"time"

	"github.com/conversations-operator/conversations-operator/internal/controller/account"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/retry"
	"github.com/conversations-operator/conversations-operator/internal/walk"
)

// refusal is an answer in which Twilio refused a step for one version of an object, with the time until which the
// answer stands. However many passes look at the object, the operator sends the same step again only after an edit,
// with other credentials, at a user's request, or when the next try is due. A step which Twilio refused once for the
// credentials is sent again at the next look: a check of the account may have found the credentials good.
type refusal struct {
	generation  int64
	credentials account.Version
	verb        plan.Verb
	until       time.Time
	verdict     walk.Verdict
	// times is how often in a row Twilio refused the step.
	times int
}

// noteRefusal remembers the refused step.
func (p *pass) noteRefusal(step plan.Step, v walk.Verdict, times int, until time.Time) {
	answer := &refusal{
		generation: p.walk.Before.Generation, credentials: p.live.Version, verb: step.Verb,
		until: until, verdict: v, times: times,
	}
	p.memory.note(p.conv, func(e *entry) { e.refusal = answer })
}

// resolves tells whether the step looks whether Twilio made the conversation of a refused create nevertheless, before
// the operator sends the create again.
func (p *pass) resolves(step plan.Step, refused plan.Verb) bool {
	return refused == plan.Create && step.Verb == plan.Lookup && p.walk.Facts.Intent != nil && p.walk.Facts.Intent.Refused
}

// noteDenial remembers a step which Twilio refused for the credentials, and answers the wait. After the first denial, a
// good check of the account wakes the object. After further denials the wait alone counts, so that denials and good
// checks cannot follow each other without a pause.
func (p *pass) noteDenial(step plan.Step, v walk.Verdict) time.Duration {
	times := p.lastRefusal(step).times + 1
	v.After = retry.Denied.From(retry.Denied.Doubled(times))
	if times > 1 {
		p.noteRefusal(step, v, times, p.walk.Facts.Now.Add(v.After))
		return v.After
	}
	p.noteRefusal(step, v, times, p.walk.Facts.Now)
	if !p.Registry.Await(p.acct, p.live, p.key()) {
		return retry.NotConnected.After()
	}
	return v.After
}

// lastRefusal answers the remembered refusal of the step; an empty refusal after a change of the object or the
// credentials.
func (p *pass) lastRefusal(step plan.Step) refusal {
	last := p.memory.recall(p.conv).refusal
	if last == nil || last.generation != p.walk.Before.Generation || last.credentials != p.live.Version ||
		last.verb != step.Verb && !p.resolves(step, last.verb) {
		return refusal{}
	}
	return *last
}

// refused answers the verdict of the remembered refusal, if Twilio would refuse the step again.
func (p *pass) refused(step plan.Step) (walk.Verdict, bool) {
	last := p.lastRefusal(step)
	if p.walk.Facts.Look {
		return walk.Verdict{}, false
	}
	left := last.until.Sub(p.walk.Facts.Now)
	last.verdict.After = left
	return last.verdict, left > 0
}
