// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"context"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

const (
	// maxSteps bounds a pass. The longest useful one is: fetch, delete, look up, create, close.
	maxSteps = 10
	// loadRetry is how soon to look again for an account that this process has not connected yet.
	loadRetry = 250 * time.Millisecond
	// recordTimeout bounds the writes that must not be lost at shutdown.
	recordTimeout = 15 * time.Second
	// recordTries bounds how often a status that must not be lost is written over somebody else's change.
	recordTries = 10
)

// pass is one look at one Conversation: facts are gathered, steps carried out, and the outcome recorded once.
type pass struct {
	*ConversationReconciler
	facts plan.Facts
	// conv is the object as the API server has it plus the status that will be written; before is what was last read
	// from the API server.
	conv, before *v1alpha1.Conversation
	live         *liveAccount
	acct         accountKey
	// permit is the turn that the pass has.
	permit *twilio.Permit
	// doubted: this pass was the first to find the account's credentials rejected.
	doubted bool
	// changed: something happened at Twilio that the status must tell, or it would be done again.
	changed bool
	// announced: this pass wrote the intent.
	announced bool
	// listed: Observed comes from a list. answered: the pass found what a hint was to be looked at for.
	listed, answered bool
	// corrected are the fields whose drift was put right.
	corrected []string
	notes     []note
}

// note is an event that is emitted once the status is written.
type note struct{ kind, reason, action, text string }

func (r *ConversationReconciler) begin(ctx context.Context, conv *v1alpha1.Conversation) (*pass, error) {
	p := &pass{ConversationReconciler: r, conv: conv, before: conv.DeepCopy()}
	at := conv.Annotations[v1alpha1.ReconcileRequestedAtAnnotation]
	p.facts = plan.Facts{
		Object:    conv,
		Generated: plan.GeneratedName(r.options.ClusterName, conv.Namespace, conv.Name),
		Now:       time.Now(),
		Timeout:   r.options.RequestTimeout,
		Intent:    plan.ParseIntent(conv.Annotations[v1alpha1.CreateIntentAnnotation]),
		Look:      at != "" && at != conv.Status.LastHandledReconcileAt,
	}
	p.hinted()
	p.facts.Unsent = p.facts.Intent != nil && r.unsent.is(conv.UID, p.facts.Intent.Time)
	return p, p.account(ctx)
}

// hinted makes use of what the drift check found, if it found something. What it read before our last write, or an
// older version than the one recorded, is read again.
func (p *pass) hinted() {
	why, noted := p.hints.get(p.conv.UID)
	switch {
	case !noted:
	case why.listed == nil, p.facts.Look, why.listed.SID != p.conv.Status.SID,
		p.writes.since(p.conv.UID, why.asked), older(why.listed, p.conv):
		p.facts.Look = true
	default:
		p.facts.Observed, p.listed = why.listed, true
	}
}

// account finds the account and says what a decision needs to know of it.
func (p *pass) account(ctx context.Context) error {
	acct, problem, err := p.resolver.resolve(ctx, p.conv)
	if err != nil {
		return err
	}
	if problem != "" {
		p.facts.Account = plan.Account{Reason: v1alpha1.ReasonAccountNotReady, Message: problem}
		return nil
	}
	key := keyOf(acct)
	p.acct, p.live = key, p.accounts.lookup(key)
	ready := readyOf(acct.CommonStatus().Conditions)
	p.facts.Account = plan.Account{SID: acct.CommonStatus().AccountSID, Key: key.String(), Halted: halted(acct) || p.accounts.halted(key)}
	if p.live != nil {
		// The status may not tell yet that the credentials were exchanged.
		p.facts.Account.SID = p.live.sid
	}
	settled := readyOf(p.conv.Status.Conditions).Status == metav1.ConditionTrue
	switch {
	case !acct.GetDeletionTimestamp().IsZero() && p.conv.DeletionTimestamp.IsZero():
		p.notReady("%s is being deleted: use another account, or delete this object.", key)
	case ready.Status == metav1.ConditionTrue:
	case ready.Status == metav1.ConditionUnknown && (settled || p.live != nil):
		// Twilio did not answer a check: that says nothing about what was true before.
	case ready.Reason == v1alpha1.ReasonCredentialsRejected && readyOf(p.conv.Status.Conditions).Reason == ready.Reason:
		// This object asked and was told so itself.
		p.facts.Account.Reason, p.facts.Account.Message = ready.Reason, readyOf(p.conv.Status.Conditions).Message
	case ready.Reason == "":
		// It was made just now, and is being checked.
		p.live = nil
	default:
		p.notReady("%s is not ready (%s): see its conditions.", key, ready.Reason)
	}
	return nil
}

func (p *pass) notReady(format string, args ...any) {
	p.facts.Account.Reason, p.facts.Account.Message = v1alpha1.ReasonAccountNotReady, fmt.Sprintf(format, args...)
}

// run asks the plan for one step after another until one ends the pass.
func (p *pass) run(ctx context.Context) (ctrl.Result, error) {
	defer p.yield()
	for range maxSteps {
		step := plan.For(&p.facts)
		if p.listed && step.Verb != plan.Keep {
			// A list may be behind: nothing is done on its word but to record it.
			p.facts.Observed, p.facts.Look, p.listed = nil, true, false
			continue
		}
		logf.FromContext(ctx).V(1).Info("Decided", "row", step.Row, "verb", step.Verb, "sid", p.conv.Status.SID)
		if step.Verb.Ends() {
			return p.end(ctx, step)
		}
		if p.live == nil || p.live.suspect.Load() {
			return p.await()
		}
		if v, again := p.refused(step); again {
			return p.finish(ctx, v)
		}
		if stop, err := p.halts(ctx, step); err != nil {
			return p.fail(ctx, step, err)
		} else if stop {
			p.facts.Account.Halted = true
			continue
		}
		if !p.turn(p.ask(step)) {
			return p.fail(ctx, step, errQueued)
		}
		if err := p.act(twilio.WithPermit(ctx, p.permit), step); err != nil {
			p.doubt(err)
			return p.fail(ctx, step, err)
		}
	}
	return p.fail(ctx, plan.Step{}, fmt.Errorf("conversation %s/%s did not settle in %d steps", p.conv.Namespace, p.conv.Name, maxSteps))
}

// turn is true if the pass may go on. What is not paced goes out on the turn that the pass has: asking anew for each of
// two reads in a row, and beginning again with the first when it is the second's turn, would never end in a crowd.
func (p *pass) turn(a twilio.Ask) bool {
	if p.permit != nil && (a.Pace == "" || p.permit.Take(a)) {
		return true
	}
	p.yield()
	p.permit = p.live.budget.Acquire(a)
	p.times.turned(p.key(), a.Class, p.permit != nil)
	return p.permit != nil
}

// yield ends the turn that the pass has.
func (p *pass) yield() {
	if p.permit != nil {
		p.permit.Release()
		p.permit = nil
	}
}

// await ends the pass until the account is connected, which wakes the object.
func (p *pass) await() (ctrl.Result, error) {
	p.quit()
	if !p.accounts.await(p.acct, p.live, p.key()) {
		return ctrl.Result{RequeueAfter: loadRetry}, nil
	}
	return ctrl.Result{RequeueAfter: jittered(queuedRetry)}, nil
}

// quit gives up the turn that the object may be waiting for, or have.
func (p *pass) quit() {
	p.yield()
	if p.live != nil {
		p.live.budget.Forget(p.key())
	}
	p.times.waiting.forget(p.key())
}

// ask is what the pass asks of the account's budget for a step: users go before deletes, those before what was left
// over, drift last.
func (p *pass) ask(step plan.Step) twilio.Ask {
	a := twilio.Ask{Key: p.key(), Flow: p.conv.Namespace, Class: twilio.ClassBacklog}
	switch {
	case !p.conv.DeletionTimestamp.IsZero():
		a.Class = twilio.ClassDelete
	case p.conv.Status.ObservedGeneration != p.conv.Generation, requestedAt(p.conv) != p.conv.Status.LastHandledReconcileAt:
		a.Class = twilio.ClassEdit
	case p.facts.Look:
		a.Class = twilio.ClassDrift
	}
	switch step.Verb {
	case plan.Create:
		a.Pace = twilio.PaceService(p.conv.Spec.ChatServiceSID)
	case plan.Delete:
		a.Pace = twilio.PaceService(p.service(step))
	case plan.Update:
		a.Pace = twilio.PaceConversation(step.Target)
	}
	return a
}

func (p *pass) key() string { return waking(conversationQueue, client.ObjectKeyFromObject(p.conv)) }

// end records the outcome of the pass.
func (p *pass) end(ctx context.Context, step plan.Step) (ctrl.Result, error) {
	p.quit()
	switch step.Verb {
	case plan.Rest:
		return ctrl.Result{}, nil
	case plan.Release:
		return ctrl.Result{}, p.release(ctx, step)
	case plan.Hold:
		setSuspended(p.conv)
		p.conv.Status.ObservedGeneration = p.before.Generation
		return p.finish(ctx, verdict{})
	}
	p.facts.Record(step)
	p.noteKept(step)
	if step.Reason == v1alpha1.ReasonUniqueNameTaken && p.facts.Unsent {
		p.takeBack(ctx)
	}
	if step.Verb == plan.Keep || step.Verb == plan.Refuse || p.facts.Gone {
		p.looked()
	}
	v := verdict{reason: step.Reason, message: step.Message}
	if step.After > 0 {
		v.after = jittered(step.After)
	}
	return p.finish(ctx, v)
}

// looked notes that the look that was asked for came to its end.
func (p *pass) looked() {
	p.refusals.drop(client.ObjectKeyFromObject(p.conv))
	p.conv.Status.LastHandledReconcileAt = p.conv.Annotations[v1alpha1.ReconcileRequestedAtAnnotation]
	p.answered = p.facts.Observed != nil || p.facts.Gone
}

// fail records what follows from an error, and whatever the pass had done before it.
func (p *pass) fail(ctx context.Context, step plan.Step, err error) (ctrl.Result, error) {
	p.yield()
	v := judge(step, err)
	if v.reason == "" && !p.changed {
		return v.result()
	}
	if v.reason != "" {
		logf.FromContext(ctx).Info("Request to Twilio failed", "verb", step.Verb, "row", step.Row, "sid", p.conv.Status.SID, "error", err.Error())
	}
	if v.reason == v1alpha1.ReasonCredentialsRejected {
		p.recheckAccount(ctx, err)
	}
	if v.reason == "" {
		v.reason, v.message = v1alpha1.ReasonProgressing, "Waiting to carry on."
	}
	if stalls(v.reason) {
		p.looked()
	}
	if v.reason == v1alpha1.ReasonRejected {
		p.noteRefusal(step, v)
	}
	p.facts.Record(plan.Step{Drift: step.Drift})
	result, writeErr := p.finish(ctx, v)
	if writeErr != nil {
		return result, writeErr
	}
	return v.result()
}

// finish sets the conditions, writes the status if it changed, and then emits the events.
func (p *pass) finish(ctx context.Context, v verdict) (ctrl.Result, error) {
	s := &p.conv.Status
	if v.reason != "" {
		was := readyOf(p.before.Status.Conditions)
		setReady(&s.Conditions, p.before.Generation, v.reason, v.message)
		setSuspended(p.conv)
		setDrifted(p.conv)
		s.ObservedGeneration = p.before.Generation
		if readyStatus(v.reason) != metav1.ConditionTrue && v.reason != v1alpha1.ReasonProgressing && (was.Reason != v.reason || was.Message != v.message) {
			p.note(corev1.EventTypeWarning, v.reason, "Reconcile", "%s", v.message)
		}
		p.noteDrift()
	}
	was := p.before.Status.Drift
	if err := p.record(ctx); err != nil {
		if apierrors.IsConflict(err) {
			return ctrl.Result{RequeueAfter: conflictRetry}, nil
		}
		return ctrl.Result{}, err
	}
	countDrift(p.acct, was, s.Drift, p.corrected)
	p.corrected = nil
	if p.answered {
		p.hints.drop(p.conv.UID)
	}
	p.claims.give(s.SID, p.conv.UID)
	p.emit(p.conv)
	p.times.settled(p.conv, v.reason)
	return ctrl.Result{RequeueAfter: v.after}, nil
}

// noteKept tells of dropped fields that Twilio cannot clear.
func (p *pass) noteKept(step plan.Step) {
	for _, field := range step.Kept {
		p.note(corev1.EventTypeNormal, v1alpha1.EventFieldKept, "Update",
			"spec.%s was dropped; Twilio cannot clear it, so it keeps its value there and is no longer compared.", field)
	}
}

// noteDrift tells of drift that stays, once per change of what drifted.
func (p *pass) noteDrift() {
	is, was := p.conv.Status.Drift, p.before.Status.Drift
	if len(is) == 0 || equality.Semantic.DeepEqual(is, was) {
		return
	}
	names := make([]string, 0, len(is))
	for _, d := range is {
		names = append(names, d.Field)
	}
	p.note(corev1.EventTypeNormal, v1alpha1.EventDriftDetected, "Compare", "Twilio differs from the spec in %s.", strings.Join(names, ", "))
}

// record writes the status. What happened at Twilio must be told, so then a conflict is resolved here and now, and a
// shutdown does not interrupt it.
func (p *pass) record(ctx context.Context) error {
	if equality.Semantic.DeepEqual(p.before.Status, p.conv.Status) {
		return nil
	}
	if !p.changed {
		return p.patchStatus(ctx)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
	defer cancel()
	var err error
	for range recordTries {
		if err = p.patchStatus(ctx); !apierrors.IsConflict(err) {
			return err
		}
		now := &v1alpha1.Conversation{}
		if err := p.ConversationReconciler.live.Get(ctx, client.ObjectKeyFromObject(p.conv), now); err != nil {
			return fmt.Errorf("reading the conversation again: %w", err)
		}
		if now.UID != p.conv.UID {
			return fmt.Errorf("conversation %s/%s was replaced meanwhile", now.Namespace, now.Name)
		}
		p.before = now
	}
	return err
}

// patchStatus writes the status over the version that was read.
func (p *pass) patchStatus(ctx context.Context) error {
	next := p.before.DeepCopy()
	p.conv.Status.DeepCopyInto(&next.Status)
	return p.patchStatusTo(ctx, next)
}

func (p *pass) patchStatusTo(ctx context.Context, next *v1alpha1.Conversation) error {
	if err := p.Status().Patch(ctx, next, client.MergeFromWithOptions(p.before, client.MergeFromWithOptimisticLock{})); err != nil {
		return fmt.Errorf("writing the status: %w", err)
	}
	p.fresh.wrote(next)
	p.before = next
	return nil
}

func (p *pass) note(kind, reason, action, format string, args ...any) {
	p.notes = append(p.notes, note{kind, reason, action, fmt.Sprintf(format, args...)})
}

func (p *pass) emit(regarding *v1alpha1.Conversation) {
	for _, n := range p.notes {
		p.times.told(p.acct, regarding, n)
		p.recorder.Eventf(regarding, nil, n.kind, n.reason, n.action, "%s", n.text)
	}
	p.notes = nil
}
