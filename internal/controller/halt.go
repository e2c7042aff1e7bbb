// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"context"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
)

// vanishedFew and vanishedShare bound what is recreated unasked: more than this many conversations, and more than one of
// so many, gone between two drift checks are likelier a mishap than a wish.
const vanishedFew, vanishedShare = 10, 10

const vanishedMessage = "More than 10 and more than a tenth of this account's conversations are gone at Twilio at once. None of them is recreated. " +
	`If they are to be recreated, set the annotation ` + v1alpha1.RecreateVanishedAnnotation + `: "true" on this account; if not, delete their objects.`

func mishap(vanished, managed int) bool {
	return vanished > vanishedFew && vanished*vanishedShare > managed
}

// halted tells whether the account's vanished conversations wait for a word of the user.
func halted(acct Account) bool {
	return meta.IsStatusConditionTrue(acct.CommonStatus().Conditions, v1alpha1.ConditionConversationsVanished)
}

// sharer names this manager to others that manage conversations of the same account; empty: it manages all of them.
func (o Options) sharer() string {
	if o.WatchLabelSelector == nil {
		return ""
	}
	return o.WatchLabelSelector.String()
}

// haltedBy tells whether it is this manager's conversations that wait.
func haltedBy(acct Account, manager string) bool {
	return halted(acct) && (manager == "" || slices.Contains(acct.CommonStatus().HaltedBy, manager))
}

func setHalted(acct Account, manager string) {
	status := acct.CommonStatus()
	if manager != "" && !slices.Contains(status.HaltedBy, manager) {
		status.HaltedBy = slices.Sorted(slices.Values(append(slices.Clone(status.HaltedBy), manager)))
	}
	if halted(acct) {
		return
	}
	meta.SetStatusCondition(&status.Conditions, metav1.Condition{
		Type: v1alpha1.ConditionConversationsVanished, Status: metav1.ConditionTrue, Reason: v1alpha1.ReasonRecreationHalted,
		ObservedGeneration: acct.GetGeneration(), Message: vanishedMessage,
	})
}

// unsetHalted ends what this manager began, and the whole once no other manager's conversations wait.
func unsetHalted(acct Account, manager string) {
	status := acct.CommonStatus()
	status.HaltedBy = slices.DeleteFunc(slices.Clone(status.HaltedBy), func(by string) bool { return manager == "" || by == manager })
	if len(status.HaltedBy) == 0 {
		status.HaltedBy = nil
		meta.RemoveStatusCondition(&status.Conditions, v1alpha1.ConditionConversationsVanished)
	}
}

// heldBack tells whether the object says that its conversation is one of too many that vanished.
func heldBack(conv *v1alpha1.Conversation) bool {
	ready := readyOf(conv.Status.Conditions)
	return ready.Reason == v1alpha1.ReasonProgressing && strings.Contains(ready.Message, v1alpha1.RecreateVanishedAnnotation)
}

// present tells whether the conversation was there as far as its object knows. One that is closed, and is replaced then,
// may have been deleted for that.
func present(conv *v1alpha1.Conversation) bool {
	s := &conv.Status
	replaced := conv.Spec.ClosedPolicy == v1alpha1.ClosedPolicyRecreate && (s.State == v1alpha1.StateClosed || s.LastApplied == nil)
	return conv.OwnSID() != "" && !replaced && !heldBack(conv) && readyOf(s.Conditions).Reason != v1alpha1.ReasonConversationMissing
}

// halts tells whether the step is to replace a conversation that is one of too many that vanished. Those that a drift
// check found are counted there.
func (p *pass) halts(ctx context.Context, step plan.Step) (bool, error) {
	if step.Verb != plan.Create || !p.facts.Gone || p.facts.Removed || !present(p.before) {
		return false, nil
	}
	if _, noted := p.hints.get(p.conv); noted {
		return false, nil
	}
	of := whoseLoss(p.acct, p.live)
	p.accounts.gone.note(of, p.conv.UID, loss{account: p.acct})
	if is, err := p.resolver.tooMany(ctx, p.accounts, p.acct, of); err != nil || !is {
		return false, err
	}
	p.accounts.halt(p.acct)
	select {
	case p.halting[p.acct.Kind] <- event.TypedGenericEvent[accountKey]{Object: p.acct}:
	case <-ctx.Done():
	}
	return true, nil
}

// tooMany tells whether more of a Twilio account vanished than is recreated unasked.
func (r *resolver) tooMany(ctx context.Context, a *accounts, key accountKey, of string) (bool, error) {
	vanished, managed := a.gone.count(of, key), 0
	if vanished <= vanishedFew {
		return false, nil
	}
	for key := range a.leadingTo(of) {
		used, err := r.usedBy(ctx, key)
		if err != nil {
			return false, err
		}
		managed += len(used)
	}
	return mishap(vanished, managed), nil
}

// follow brings the account's status in line with a halt that began elsewhere, or ends it if the user said so. stopped:
// it began just now; the next check finds all that is gone.
func (r *DriftReconciler) follow(ctx context.Context, key accountKey, acct Account) (stopped bool, err error) {
	if recreates(acct) {
		return false, r.allow(ctx, acct)
	}
	is, told := r.accounts.halted(key)
	switch {
	case !is:
		return false, nil
	case haltedBy(acct, r.options.sharer()):
		r.accounts.haltTold(key)
		return false, nil
	case told:
		// Only the user, or another manager that acts on the user's word, takes this manager's halt out of the status.
		return false, r.resume(ctx, key)
	}
	before := acct.DeepCopyObject().(Account)
	setHalted(acct, r.options.sharer())
	if err := writeStatus(ctx, r.Client, r.fresh, before, acct); err != nil {
		return false, err
	}
	r.accounts.haltTold(key)
	r.tellHalted(before, acct)
	return true, nil
}

// resume ends the halt, and looks at all that wait for that.
func (r *DriftReconciler) resume(ctx context.Context, key accountKey) error {
	r.accounts.endHalt(key)
	r.accounts.gone.forget(key)
	used, err := r.resolver.usedBy(ctx, key)
	if err != nil {
		return err
	}
	for i := range used {
		if heldBack(&used[i]) {
			r.queue(ctx, &used[i])
		}
	}
	return nil
}

// allow ends the halt, and then takes the annotation away. Other managers of the account see that their halt has ended.
func (r *DriftReconciler) allow(ctx context.Context, acct Account) error {
	before := acct.DeepCopyObject().(Account)
	unsetHalted(acct, "")
	if err := writeStatus(ctx, r.Client, r.fresh, before, acct); err != nil {
		return err
	}
	if err := r.resume(ctx, keyOf(acct)); err != nil {
		return err
	}
	before = acct.DeepCopyObject().(Account)
	annotations := acct.GetAnnotations()
	delete(annotations, v1alpha1.RecreateVanishedAnnotation)
	acct.SetAnnotations(annotations)
	if err := r.Patch(ctx, acct, client.MergeFrom(before)); err != nil {
		return fmt.Errorf("taking the annotation %s away: %w", v1alpha1.RecreateVanishedAnnotation, err)
	}
	r.fresh.wrote(acct)
	return nil
}

func (r *DriftReconciler) tellHalted(before, acct Account) {
	if halted(acct) && !halted(before) {
		r.recorder.Eventf(acct, nil, corev1.EventTypeWarning, v1alpha1.ReasonRecreationHalted, "CheckDrift", "%s", vanishedMessage)
	}
}
