// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package conversation reconciles Conversations: it is the world in which package walk takes an object through the decision
// table. The world has the budgets of the accounts, the API server, and the memory of this process.
package conversation

import (
	"cmp"
	"context"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/condition"
	"github.com/conversations-operator/conversations-operator/internal/controller/account"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/retry"
	"github.com/conversations-operator/conversations-operator/internal/tenancy"
	"github.com/conversations-operator/conversations-operator/internal/twilio/budget"
	"github.com/conversations-operator/conversations-operator/internal/walk"
)

// pass is the world in which package walk looks at a Conversation.
type pass struct {
	*Reconciler
	// conv is the object as this process read the object.
	conv *v1alpha1.Conversation
	walk *walk.Pass
	live *account.Live
	acct tenancy.Key
	// seat is the pass' seat in the budget of its account.
	seat *budget.Seat
	// requestID is Twilio's name for the last request.
	requestID string
	// suspected: this pass was the first to find the account's credentials rejected.
	suspected bool
	// erased: Kubernetes deleted the object without its finalizer.
	erased bool
	// news: an answer named an account other than the known account of the credentials.
	news bool
}

func (r *Reconciler) begin(ctx context.Context, conv *v1alpha1.Conversation, erased bool) (*pass, error) {
	p := &pass{Reconciler: r, conv: conv, erased: erased}
	disowned, err := p.disowned(ctx)
	if err != nil {
		return nil, err
	}
	start := walk.Start{
		Object: conv, Generated: plan.GeneratedName(r.Options.ClusterName, conv.Namespace, conv.Name),
		Timeout: r.Options.RequestTimeout, Disowned: disowned, Erased: erased,
	}
	at := conv.Annotations[v1alpha1.ReconcileRequestedAtAnnotation]
	start.Look = at != "" && at != conv.Status.LastHandledReconcileAt
	p.hinted(&start)
	p.walk = walk.New(p, start)
	return p, p.account(ctx)
}

// disowned tells whether another object has the better claim to the recorded conversation. A record of an earlier version of
// the operator does not name its object: if another object has the same conversation in its record, the older object has the
// better claim.
func (p *pass) disowned(ctx context.Context) (bool, error) {
	s := &p.conv.Status
	if s.SID == "" || s.ObjectUID != "" || s.Adopting {
		return false, nil
	}
	others, err := p.Sharers(ctx, s.SID)
	if err != nil {
		return false, err
	}
	for i := range others {
		if other := &others[i]; other.Status.ObjectUID != "" || walk.Precedes(other, p.conv) {
			return true, nil
		}
	}
	return false, nil
}

// hinted uses the hint of the drift check. If the list was read before our last write, or shows an older version than
// the recorded version, the pass asks Twilio again.
func (p *pass) hinted(s *walk.Start) {
	switch why := p.memory.recall(p.conv).hint; {
	case why == nil:
	case why.Shared:
		s.Look, s.Shared = true, true
	case why.Listed == nil, s.Look, s.Disowned, why.Listed.SID != p.conv.OwnSID(),
		p.memory.WroteSince(p.conv, why.Asked), Older(why.Listed, p.conv):
		s.Look = true
	default:
		s.Listed = why.Listed
	}
}

// account finds the account and puts the account's part of the facts together.
func (p *pass) account(ctx context.Context) error {
	object := p.walk.Object
	acct, problem, err := p.Resolver.Resolve(ctx, object)
	if err != nil {
		return err
	}
	facts := &p.walk.Facts.Account
	if problem != "" {
		*facts = plan.Account{Reason: v1alpha1.ReasonAccountNotReady, Message: problem}
		return nil
	}
	key := tenancy.KeyOf(acct)
	p.acct, p.live = key, p.Registry.Lookup(key)
	is, was := condition.ReadyOf(acct.CommonStatus().Conditions), condition.ReadyOf(object.Status.Conditions)
	*facts = plan.Account{
		SID: acct.CommonStatus().AccountSID, Region: tenancy.RegionOf(acct), Key: key.String(), Halted: p.Registry.Stopped(acct),
		FormerServices: acct.CommonStatus().DefaultServiceSIDs, WebhookEnabled: acct.CommonSpec().WebhookEnabled,
	}
	if p.live != nil && p.live.Version.Region != facts.Region {
		// The user pointed the account at another Region, and the check of the credentials in the Region is not over.
		p.live = nil
	}
	if p.live != nil {
		// The account's status may not show the new credentials yet.
		facts.SID, facts.Claimed, facts.KeepsMarks = p.live.SID, p.live.Claimed, p.live.KeepsMarks.Load()
		p.walk.Facts.TwilioNow = p.live.Clock.Now()
	}
	switch {
	case !acct.GetDeletionTimestamp().IsZero() && object.DeletionTimestamp.IsZero():
		facts.Reason, facts.Message = v1alpha1.ReasonAccountNotReady, tenancy.SayLeaving(key)
	case is.Status == metav1.ConditionTrue:
	case is.Status == metav1.ConditionUnknown && (was.Status == metav1.ConditionTrue || p.live != nil):
		// Twilio did not answer a check. A missing answer says nothing about the earlier state.
	case is.Reason == v1alpha1.ReasonCredentialsRejected && was.Reason == is.Reason:
		// Twilio rejected the credentials in an answer to this very object, so the object's own message is the better
		// message.
		facts.Reason, facts.Message = is.Reason, was.Message
	case is.Reason == "":
		// The account is new, and the first check is not over.
		p.live = nil
	default:
		facts.Reason, facts.Message = v1alpha1.ReasonAccountNotReady, tenancy.SayNotReady(key, is.Reason)
	}
	return nil
}

// run makes the pass, and draws the conclusions of this process.
func (p *pass) run(ctx context.Context) (ctrl.Result, error) {
	defer p.yield()
	out := p.walk.Run(ctx)
	if p.walk.Marked {
		p.live.KeepsMarks.Store(true)
	}
	if p.walk.Looked {
		p.memory.note(p.conv, func(e *entry) { e.refusal = nil })
	}
	if out.Err != nil {
		p.failed(ctx, &out)
	}
	switch {
	case out.Released:
		p.released(ctx)
		return ctrl.Result{}, nil
	case out.Step.Verb == plan.Rest:
		p.memory.forgetTimes(p.conv)
	}
	switch {
	case out.Recorded:
		p.recorded(&out)
	case condition.Refuses(out.RecordErr):
		p.tellStatusSetback(out.RecordErr)
	}
	next := out.Next()
	if p.erased {
		next.After = cmp.Or(next.After, retry.Ghost.After())
	}
	if next.Retry != nil {
		return ctrl.Result{}, next.Retry
	}
	return ctrl.Result{RequeueAfter: next.After}, nil
}

// failed remembers an answer with which Twilio refused a step, and asks for a check of rejected credentials.
func (p *pass) failed(ctx context.Context, out *walk.Outcome) {
	switch out.Reason {
	case v1alpha1.ReasonCredentialsRejected:
		p.recheckAccount(ctx, out.Err)
		out.After = p.noteDenial(out.Step, out.Verdict)
	case v1alpha1.ReasonRejected:
		p.noteRefusal(out.Step, out.Verdict, 1, p.walk.Facts.Now.Add(out.After))
	}
}

// Clock implements [walk.World].
func (p *pass) Clock() (here, there time.Time) {
	if p.live != nil {
		there = p.live.Clock.Now()
	}
	return time.Now(), there
}

// Decided implements [walk.World].
func (p *pass) Decided(ctx context.Context, step plan.Step) {
	logf.FromContext(ctx).V(1).Info("Decided", "row", step.Row, "verb", step.Verb, "sid", p.walk.Object.Status.SID)
}

// Recall implements [walk.World].
func (p *pass) Recall() walk.Memory { return p.memory.recall(p.conv).Memory }

// Remember implements [walk.World].
func (p *pass) Remember(change func(*walk.Memory)) {
	p.memory.note(p.conv, func(e *entry) { change(&e.Memory) })
}

// Claim implements [walk.World].
func (p *pass) Claim(sid string) bool { return p.memory.claim(sid, p.conv.UID) }

// GiveUp implements [walk.World].
func (p *pass) GiveUp(sid string) {
	if sid == "" {
		p.memory.giveUpAll(p.conv.UID)
		return
	}
	p.memory.giveUp(sid, p.conv.UID)
}
