// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/event"
	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// act carries out one step and adds what it learned to the facts.
func (p *pass) act(ctx context.Context, step plan.Step) error {
	switch step.Verb {
	case plan.Fetch, plan.Lookup:
		return p.fetch(ctx, step)
	case plan.Adopt:
		return p.adopt(ctx)
	case plan.Create:
		return p.create(ctx, step)
	case plan.Update:
		return p.update(ctx, step)
	case plan.Delete:
		return p.delete(ctx, step)
	}
	return fmt.Errorf("step %s is not carried out here", step.Verb)
}

// service is the scope of the step's target: once known, a conversation is addressed in the service that holds it.
func (p *pass) service(step plan.Step) string {
	if s := p.conv.Status.ChatServiceSID; s != "" && step.Target == p.conv.Status.SID {
		return s
	}
	return p.conv.Spec.ChatServiceSID
}

func (p *pass) api(step plan.Step) twilio.Conversations {
	return p.live.client.Conversations(p.service(step))
}

func (p *pass) fetch(ctx context.Context, step plan.Step) error {
	conv, err := p.api(step).Fetch(ctx, step.Target)
	p.tick(conv, err)
	if errors.Is(err, twilio.ErrNotFound) {
		p.facts.NotFound(step)
		return nil
	}
	if err != nil {
		return err
	}
	p.facts.Found(step, conv)
	if conv.SID != p.conv.Status.SID || p.conv.Status.Origin == "" {
		p.facts.ManagedBy, err = p.managedBy(ctx, conv)
	}
	return err
}

func (p *pass) adopt(ctx context.Context) error {
	if err := p.hold(ctx, nil); err != nil {
		return err
	}
	sid := p.facts.Observed.SID
	if !p.claims.take(sid, p.conv.UID) {
		return errClaimed
	}
	// Whoever had the claim until now has recorded the conversation as its own.
	var err error
	if p.facts.ManagedBy, err = p.managedBy(ctx, p.facts.Observed); err != nil || p.facts.ManagedBy != "" {
		p.claims.give(sid, p.conv.UID)
		return err
	}
	p.facts.Adopted()
	p.changed = true
	switch p.conv.Status.Origin {
	case v1alpha1.OriginCreated:
		p.note(corev1.EventTypeNormal, v1alpha1.EventAdopted, "Adopt", "Found conversation %s, which was made for this object.", p.conv.Status.SID)
	case v1alpha1.OriginAdopted:
		p.note(corev1.EventTypeNormal, v1alpha1.EventAdopted, "Adopt", "Adopted conversation %s.", p.conv.Status.SID)
	}
	return nil
}

// create announces the conversation in the object and then creates it. The announcement fails if anybody, this process
// included, wrote the object since it was read.
func (p *pass) create(ctx context.Context, step plan.Step) error {
	// Requests earlier in the pass took time, and the intent's counts from when the create can begin.
	p.facts.Now = time.Now()
	if !p.facts.Fresh() {
		intent := plan.NewIntent(&p.facts, p.skew(), p.live.skewKnown.Load())
		if err := p.hold(ctx, &intent); err != nil {
			return err
		}
		if !p.conv.DeletionTimestamp.IsZero() {
			return nil
		}
	}
	// Nothing came of an earlier request under a fresh announcement; of this one something may.
	p.unsent.forget(p.conv.UID)
	p.announced = true
	replaces := p.conv.Status.SID
	// A shutdown lets the request end: an answer is better than a question for the next manager.
	conv, err := p.api(step).Create(context.WithoutCancel(ctx), step.Params)
	p.tick(conv, err)
	switch {
	case errors.Is(err, twilio.ErrExists):
		p.facts.Exists()
		if p.announced {
			p.unsent.note(p.conv.UID, p.facts.Intent.Time)
		}
		return nil
	case err != nil:
		p.notCreated(ctx, err)
		return err
	}
	p.facts.Unsent = false
	if p.conv.Spec.ChatServiceSID == "" {
		p.live.budget.Alias(conv.ChatServiceSID)
	}
	if !p.claims.take(conv.SID, p.conv.UID) {
		return errClaimed
	}
	p.facts.Created(conv)
	p.changed = true
	p.writes.note(p.conv.UID)
	if replaces != "" {
		p.note(corev1.EventTypeNormal, v1alpha1.EventRecreated, "Create", "Created conversation %s in place of %s.", conv.SID, replaces)
	} else {
		p.note(corev1.EventTypeNormal, v1alpha1.EventCreated, "Create", "Created conversation %s.", conv.SID)
	}
	p.log(ctx, "Created conversation", conv)
	return nil
}

// notCreated notes that a create certainly did not happen.
func (p *pass) notCreated(ctx context.Context, err error) {
	e, ok := errors.AsType[*twilio.Error](err)
	if !ok || twilio.Ambiguous(err) || !p.announced {
		// What another process announced, it may have sent.
		return
	}
	p.unsent.note(p.conv.UID, p.facts.Intent.Time)
	if !e.Sent() || errors.Is(err, twilio.ErrThrottled) || errors.Is(err, twilio.ErrConflict) {
		return
	}
	p.takeBack(ctx)
}

// takeBack removes the record of a create that this pass announced and that was refused: a later process, and a
// deletion without credentials, should know that nothing came of it.
func (p *pass) takeBack(ctx context.Context) {
	if !p.announced || p.facts.Intent == nil || p.facts.Intent.Earlier != nil {
		return
	}
	before := p.conv.DeepCopy()
	delete(p.conv.Annotations, v1alpha1.CreateIntentAnnotation)
	if err := p.patchMetadata(ctx, before); err != nil {
		logf.FromContext(ctx).V(1).Info("Kept the record of a refused create", "error", err.Error())
	}
}

func (p *pass) update(ctx context.Context, step plan.Step) error {
	if err := p.hold(ctx, nil); err != nil {
		return err
	}
	known := p.conv.Status.LastApplied
	if err := p.announce(ctx, step); err != nil {
		return err
	}
	conv, err := p.api(step).Update(context.WithoutCancel(ctx), step.Target, step.Params)
	p.tick(conv, err)
	if err != nil && !twilio.Ambiguous(err) {
		// It certainly did not happen, so that there is nothing to doubt.
		p.conv.Status.LastApplied = known
	}
	switch {
	case errors.Is(err, twilio.ErrNotFound):
		p.facts.NotFound(step)
		return nil
	case errors.Is(err, twilio.ErrClosed):
		p.facts.Closed()
		return nil
	case errors.Is(err, twilio.ErrExists):
		return p.taken(ctx, step, err)
	case err != nil:
		return err
	}
	p.facts.Updated(step, conv)
	p.changed = true
	p.writes.note(p.conv.UID)
	reason, text := v1alpha1.EventUpdated, "Updated"
	if step.Corrects {
		reason, text = v1alpha1.EventDriftCorrected, "Corrected"
		p.corrected = append(p.corrected, plan.Fields(step.Drift)...)
	}
	p.note(corev1.EventTypeNormal, reason, "Update", "%s %s.", text, strings.Join(plan.Fields(step.Differences), ", "))
	p.noteKept(step)
	p.log(ctx, "Updated conversation", conv)
	return nil
}

// announce records what is about to be sent and would leave no trace if the answer were lost. What was never recorded as
// applied needs no such note: it is compared as if it were found.
func (p *pass) announce(ctx context.Context, step plan.Step) error {
	if p.before.Status.LastApplied == nil {
		return nil
	}
	paths := plan.Unconfirmed(&p.facts, step.Differences)
	if len(paths) == 0 {
		return nil
	}
	next := p.before.DeepCopy()
	next.Status.LastApplied.Doubt(paths, p.conv.Generation, time.Now())
	if err := p.patchStatusTo(ctx, next); err != nil {
		return err
	}
	p.conv.ResourceVersion = next.ResourceVersion
	p.conv.Status.LastApplied = next.Status.LastApplied.DeepCopy()
	return nil
}

// taken finds out which conversation has the unique name that this one was to get.
func (p *pass) taken(ctx context.Context, step plan.Step, refused error) error {
	if step.Params.UniqueName == nil {
		return refused
	}
	name := *step.Params.UniqueName
	holder, err := p.api(step).Fetch(ctx, name)
	p.tick(holder, err)
	switch {
	case errors.Is(err, twilio.ErrNotFound):
		return refused
	case err != nil:
		return err
	}
	return &takenError{name: name, sid: holder.SID}
}

func (p *pass) delete(ctx context.Context, step plan.Step) error {
	err := p.api(step).Delete(context.WithoutCancel(ctx), step.Target, p.conv.Spec.WebhookEnabled)
	p.tick(nil, err)
	if err != nil && !errors.Is(err, twilio.ErrNotFound) {
		return err
	}
	p.facts.Deleted()
	p.writes.note(p.conv.UID)
	p.note(corev1.EventTypeNormal, v1alpha1.EventDeleted, "Delete", "Deleted conversation %s.", step.Target)
	logf.FromContext(ctx).Info("Deleted conversation", "sid", step.Target, "account", p.facts.Account.SID)
	return nil
}

// release takes the finalizer away; Kubernetes then removes the object.
func (p *pass) release(ctx context.Context, step plan.Step) error {
	if sid := step.Target; sid != "" {
		p.note(corev1.EventTypeNormal, v1alpha1.EventReleased, "Release", "Released conversation %s; it stays at Twilio.", sid)
	}
	before := p.conv.DeepCopy()
	if controllerutil.RemoveFinalizer(p.conv, v1alpha1.Finalizer) {
		if err := p.patchMetadata(ctx, before); client.IgnoreNotFound(err) != nil {
			return fmt.Errorf("taking the finalizer away: %w", err)
		}
	}
	p.claims.forget(p.conv.UID)
	p.emit(p.conv)
	p.released.note(p.conv)
	p.fresh.forget(p.conv.UID)
	p.unsent.forget(p.conv.UID)
	p.hints.drop(p.conv.UID)
	return nil
}

// hold puts the finalizer and, before a create, the intent on the object, in one write.
func (p *pass) hold(ctx context.Context, intent *plan.Intent) error {
	before := p.conv.DeepCopy()
	added := controllerutil.AddFinalizer(p.conv, v1alpha1.Finalizer)
	if intent != nil {
		if p.conv.Annotations == nil {
			p.conv.Annotations = map[string]string{}
		}
		p.conv.Annotations[v1alpha1.CreateIntentAnnotation] = intent.String()
	} else if !added {
		return nil
	}
	if err := p.patchMetadata(ctx, before); err != nil {
		return fmt.Errorf("recording what is about to be done: %w", err)
	}
	if intent != nil {
		p.facts.Intent, p.facts.Unsent, p.announced = intent, false, true
	}
	return nil
}

// patchMetadata writes the metadata and keeps the status that the pass has worked out so far.
func (p *pass) patchMetadata(ctx context.Context, before *v1alpha1.Conversation) error {
	status := p.conv.Status.DeepCopy()
	err := p.Patch(ctx, p.conv, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{}))
	if err != nil {
		p.conv.Status = *status
		return err
	}
	p.fresh.wrote(p.conv)
	p.before = p.conv.DeepCopy()
	p.conv.Status = *status
	return nil
}

// doubt stops the account's traffic until its credentials are checked, while the pass still has its turn: one rejected
// answer is enough.
func (p *pass) doubt(err error) {
	if unauthorized(err) {
		p.doubted = !p.live.suspect.Swap(true)
	}
}

func unauthorized(err error) bool {
	e, ok := errors.AsType[*twilio.Error](err)
	return ok && e.Status == http.StatusUnauthorized
}

// recheckAccount asks for a check of the credentials; one is enough.
func (p *pass) recheckAccount(ctx context.Context, err error) {
	if unauthorized(err) && !p.doubted {
		return
	}
	acct, _, err := p.resolver.resolve(ctx, p.conv)
	if err != nil || acct == nil {
		return
	}
	select {
	case p.recheck[acct.AccountKind()] <- event.TypedGenericEvent[accountKey]{Object: keyOf(acct)}:
	case <-ctx.Done():
	}
}

// managedBy names another object that manages the conversation, or has the better claim to it.
func (p *pass) managedBy(ctx context.Context, found *twilio.Conversation) (string, error) {
	holders, err := p.listLive(ctx, client.MatchingFields{fieldSID: found.SID})
	if err != nil {
		return "", fmt.Errorf("looking for other objects of conversation %s: %w", found.SID, err)
	}
	for i := range holders {
		if other := &holders[i]; other.UID != p.conv.UID && other.Status.Origin != "" {
			return other.Namespace + "/" + other.Name, nil
		}
	}
	if p.conv.Spec.UniqueName == "" || p.facts.Intent == nil {
		return "", nil
	}
	// Two objects may have announced the same name, and neither knows yet whose create took effect: the first goes ahead.
	rivals, err := p.listLive(ctx, client.MatchingFields{fieldUniqueName: p.conv.Spec.UniqueName})
	if err != nil {
		return "", fmt.Errorf("looking for other objects of the name: %w", err)
	}
	for i := range rivals {
		other := &rivals[i]
		if other.UID == p.conv.UID || other.Status.SID != "" || !slices.Contains(other.Finalizers, v1alpha1.Finalizer) {
			continue
		}
		first, err := p.precedes(ctx, other, found)
		if err != nil {
			return "", err
		}
		if first {
			return other.Namespace + "/" + other.Name, nil
		}
	}
	return "", nil
}

// precedes tells whether the conversation may be what another object of the same account announced, and announced
// before this one did.
func (p *pass) precedes(ctx context.Context, other *v1alpha1.Conversation, found *twilio.Conversation) (bool, error) {
	intent := plan.ParseIntent(other.Annotations[v1alpha1.CreateIntentAnnotation])
	if intent == nil || !intent.Before(p.facts.Intent) {
		return false, nil
	}
	acct, _, err := p.resolver.resolve(ctx, other)
	if err != nil || acct == nil || acct.CommonStatus().AccountSID != p.facts.Account.SID {
		return false, err
	}
	claim := plan.Facts{Object: other, Now: p.facts.Now, Intent: intent, Observed: found}
	return claim.Claims(), nil
}

// skew is how far this process' clock is ahead of Twilio's, as far as is known.
func (p *pass) skew() time.Duration { return time.Duration(p.live.skew.Load()) }

// tick notes what an answer tells of Twilio's clock.
func (p *pass) tick(conv *twilio.Conversation, err error) {
	if conv != nil {
		p.live.observeClock(conv.ServerTime)
	}
	if e, ok := errors.AsType[*twilio.Error](err); ok {
		p.live.observeClock(e.ServerTime)
	}
}

func (p *pass) log(ctx context.Context, message string, conv *twilio.Conversation) {
	logf.FromContext(ctx).Info(message, "sid", conv.SID, "account", conv.AccountSID, "requestID", conv.RequestID)
}
