// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package conversation reconciles Conversations. A pass over an object observes, decides by package plan, acts, and
// records: the pass writes the status once, at the end, and only if the status changed.
package conversation

import (
	"context"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/condition"
	"github.com/conversations-operator/conversations-operator/internal/controller/account"
	"github.com/conversations-operator/conversations-operator/internal/kube"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/retry"
	"github.com/conversations-operator/conversations-operator/internal/tenancy"
	"github.com/conversations-operator/conversations-operator/internal/twilio/budget"
)

const (
	// maxSteps bounds a pass. The longest useful pass is: fetch, delete, look up, create, close.
	maxSteps = 10
)

// pass is one look at one Conversation. The pass gathers facts, carries out steps, and records the outcome once.
type pass struct {
	*Reconciler
	facts plan.Facts
	// conv is the object as the API server has the object, plus the status to write; before is the object as last read
	// from the API server.
	conv, before *v1alpha1.Conversation
	live         *account.Live
	acct         tenancy.Key
	// seat is the pass' seat in the budget of its account.
	seat *budget.Seat
	// suspected: this pass was the first to find the account's credentials rejected.
	suspected bool
	// changed: Twilio changed something which the status must record, or a later pass would do the change again.
	changed bool
	// ghost: the object was deleted without its finalizer, so no object can record the outcome.
	ghost bool
	// hasRival: the drift check found another object with the same conversation.
	hasRival bool
	// news: an answer named an account other than the known account of the credentials.
	news bool
	// unmanaged: the object had asked, by its condition, who keeps the object.
	unmanaged bool
	// answered: the pass has settled the question of the hint.
	answered bool
	// corrected are the fields whose drift the pass corrected.
	corrected []string
	notes     []note
}

func (r *Reconciler) begin(ctx context.Context, conv *v1alpha1.Conversation) (*pass, error) {
	p := &pass{Reconciler: r, conv: conv, before: conv.DeepCopy()}
	if err := p.own(ctx); err != nil {
		return nil, err
	}
	r.memory.restore(conv)
	known := r.memory.recall(conv)
	p.keep()
	at := conv.Annotations[v1alpha1.ReconcileRequestedAtAnnotation]
	p.facts = plan.Facts{
		Object:       conv,
		Generated:    plan.GeneratedName(r.Options.ClusterName, conv.Namespace, conv.Name),
		Now:          time.Now(),
		Timeout:      r.Options.RequestTimeout,
		Intent:       plan.ParseIntent(conv.Annotations[v1alpha1.CreateIntentAnnotation]),
		UpdateIntent: plan.ParseUpdateIntent(conv.Annotations[v1alpha1.UpdateIntentAnnotation]),
		Look:         at != "" && at != conv.Status.LastHandledReconcileAt,
	}
	p.hinted(known.hint)
	if known.deleted != "" && known.deleted == conv.Status.SID {
		p.facts.Listed = false
		p.facts.Deleted()
	}
	p.facts.OwnUpdateIntent = p.facts.UpdateIntent != nil && matches(known.updateOwn, p.facts.UpdateIntent.Time)
	p.facts.UpdateUnsent = p.facts.UpdateIntent != nil && matches(known.updateUnsent, p.facts.UpdateIntent.Time)
	if intent := p.facts.Intent; intent != nil {
		p.facts.Unsent = matches(known.createUnsent, intent.Time)
		if matches(known.createRefused, intent.Time) {
			p.facts.Refused()
		}
	}
	return p, p.account(ctx)
}

// own drops a record of another object. A record of an earlier version of the operator does not name its object: if
// another object has the same conversation in its record, the older object has the better claim.
func (p *pass) own(ctx context.Context) error {
	plan.Own(p.conv)
	s := &p.conv.Status
	if s.SID == "" || s.ObjectUID != "" {
		return nil
	}
	others, err := p.sharers(ctx, s.SID)
	if err != nil {
		return err
	}
	for i := range others {
		if other := &others[i]; other.Status.ObjectUID != "" || Precedes(other, p.conv) {
			*s = v1alpha1.ConversationStatus{}
			return nil
		}
	}
	return nil
}

// hinted uses the hint of the drift check. If the list was read before our last write, or shows an older version than
// the recorded version, the pass asks Twilio again.
func (p *pass) hinted(why *Hint) {
	switch {
	case why == nil:
	case why.Shared:
		p.facts.Look, p.hasRival = true, true
	case why.Listed == nil, p.facts.Look, why.Listed.SID != p.conv.Status.SID,
		p.memory.WroteSince(p.conv, why.Asked), Older(why.Listed, p.conv):
		p.facts.Look = true
	default:
		p.facts.Observed, p.facts.Listed = why.Listed, true
	}
}

// account finds the account and puts the account's part of the facts together.
func (p *pass) account(ctx context.Context) error {
	acct, problem, err := p.Resolver.Resolve(ctx, p.conv)
	if err != nil {
		return err
	}
	if problem != "" {
		p.facts.Account = plan.Account{Reason: v1alpha1.ReasonAccountNotReady, Message: problem}
		return nil
	}
	key := tenancy.KeyOf(acct)
	p.acct, p.live = key, p.Registry.Lookup(key)
	ready := condition.ReadyOf(acct.CommonStatus().Conditions)
	p.facts.Account = plan.Account{
		SID: acct.CommonStatus().AccountSID, Region: tenancy.RegionOf(acct), Key: key.String(), Halted: p.Registry.Stopped(acct),
		FormerServices: acct.CommonStatus().DefaultServiceSIDs, WebhookEnabled: acct.CommonSpec().WebhookEnabled,
	}
	if p.live != nil && p.live.Version.Region != p.facts.Account.Region {
		// The user pointed the account at another Region, and the check of the credentials in the Region is not over.
		p.live = nil
	}
	if p.live != nil {
		// The account's status may not show the new credentials yet.
		p.facts.Account.SID = p.live.SID
		p.facts.Account.Claimed, p.facts.Account.KeepsMarks = p.live.Claimed, p.live.KeepsMarks.Load()
		p.facts.TwilioNow = p.live.Clock.Now()
	}
	settled := condition.ReadyOf(p.conv.Status.Conditions).Status == metav1.ConditionTrue
	switch {
	case !acct.GetDeletionTimestamp().IsZero() && p.conv.DeletionTimestamp.IsZero():
		p.facts.Account.Reason, p.facts.Account.Message = v1alpha1.ReasonAccountNotReady, tenancy.SayLeaving(key)
	case ready.Status == metav1.ConditionTrue:
	case ready.Status == metav1.ConditionUnknown && (settled || p.live != nil):
		// Twilio did not answer a check. A missing answer says nothing about the earlier state.
	case ready.Reason == v1alpha1.ReasonCredentialsRejected && condition.ReadyOf(p.conv.Status.Conditions).Reason == ready.Reason:
		// Twilio rejected the credentials in an answer to this very object, so the object's own message is the better
		// message.
		p.facts.Account.Reason, p.facts.Account.Message = ready.Reason, condition.ReadyOf(p.conv.Status.Conditions).Message
	case ready.Reason == "":
		// The account is new, and the first check is not over.
		p.live = nil
	default:
		p.facts.Account.Reason, p.facts.Account.Message = v1alpha1.ReasonAccountNotReady, tenancy.SayNotReady(key, ready.Reason)
	}
	return nil
}

// run asks the plan for steps until a step ends the pass.
func (p *pass) run(ctx context.Context) (ctrl.Result, error) {
	defer p.yield()
	for range maxSteps {
		step := plan.For(&p.facts)
		if p.facts.Listed && step.Verb != plan.Keep && step.Verb != plan.Protect {
			// A list may be behind: the pass only records on the word of a list. For any other step, the pass asks Twilio.
			p.facts.Observed, p.facts.Look, p.facts.Listed = nil, true, false
			continue
		}
		logf.FromContext(ctx).V(1).Info("Decided", "row", step.Row, "verb", step.Verb, "sid", p.conv.Status.SID)
		if step.Verb.Ends() {
			return p.end(ctx, step)
		}
		if step.Verb == plan.Protect {
			if err := p.protect(ctx); err != nil {
				return p.fail(ctx, step, err)
			}
			continue
		}
		if p.live == nil || p.live.Suspect.Load() {
			return p.await()
		}
		if v, again := p.refused(step); again {
			return p.finish(ctx, v)
		}
		if err := p.carryOut(ctx, step); err != nil {
			return p.fail(ctx, step, err)
		}
	}
	return p.fail(ctx, plan.Step{}, fmt.Errorf("conversation %s/%s did not settle in %d steps", p.conv.Namespace, p.conv.Name, maxSteps))
}

// carryOut sends the step's request to Twilio, if the object has a seat in the account's budget.
func (p *pass) carryOut(ctx context.Context, step plan.Step) error {
	stop, err := p.halts(ctx, step)
	if err != nil {
		return err
	}
	if stop {
		p.facts.Account.Halted = true
		return nil
	}
	if err := p.canRecord(ctx); err != nil {
		return err
	}
	if !p.takeSeat(p.request(step)) {
		return account.ErrQueued
	}
	if err := p.act(budget.WithSeat(ctx, p.seat), step); err != nil {
		p.suspect(err)
		return err
	}
	return nil
}

// end records the outcome of the pass.
func (p *pass) end(ctx context.Context, step plan.Step) (ctrl.Result, error) {
	p.quit()
	p.report(ctx)
	switch step.Verb {
	case plan.Rest:
		return p.rest(ctx)
	case plan.Release:
		err := p.release(ctx, step)
		if condition.Refuses(err) {
			return p.fail(ctx, step, err)
		}
		return kube.RetryConflict(err)
	case plan.Hold:
		setSuspended(p.conv)
		p.conv.Status.ObservedGeneration = p.before.Generation
		return p.finish(ctx, verdict{})
	}
	p.facts.Record(step)
	p.noteKept(step)
	if step.Reason == v1alpha1.ReasonUniqueNameTaken {
		p.takeBack(ctx)
	}
	if step.Verb == plan.Keep || step.Verb == plan.Refuse || p.facts.Gone {
		p.looked()
	}
	v := verdict{reason: step.Reason, message: step.Message}
	if step.After > 0 {
		v.after = retry.Settling.From(step.After)
	}
	return p.finish(ctx, v)
}

// looked notes the end of the look for which the user or a hint asked.
func (p *pass) looked() {
	p.memory.note(p.conv, func(e *entry) { e.refusal = nil })
	p.conv.Status.LastHandledReconcileAt = p.conv.Annotations[v1alpha1.ReconcileRequestedAtAnnotation]
	p.answered = p.facts.Observed != nil || p.facts.Gone
}

// fail records the verdict about an error, and the steps which the pass carried out before the error.
func (p *pass) fail(ctx context.Context, step plan.Step, err error) (ctrl.Result, error) {
	p.yield()
	p.report(ctx)
	v := judge(&p.facts, step, err)
	if v.reason == v1alpha1.ReasonKubernetesRefused && !p.memory.setback(p.conv) {
		v.reason = ""
	}
	if v.reason == "" && !p.changed {
		return v.result()
	}
	if v.reason == v1alpha1.ReasonCredentialsRejected {
		p.recheckAccount(ctx, err)
		v.after = p.noteDenial(step, v)
	}
	if v.reason == "" {
		v.reason, v.message = v1alpha1.ReasonProgressing, "Waiting to carry on."
	}
	if condition.Stalls(v.reason) {
		p.looked()
	}
	if v.reason == v1alpha1.ReasonRejected {
		p.noteRefusal(step, v, 1, p.facts.Now.Add(v.after))
	}
	p.facts.Record(plan.Step{Drift: step.Drift})
	return p.finish(ctx, v)
}
