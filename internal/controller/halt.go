// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"context"
	"fmt"

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

func setHalted(acct Account) {
	if halted(acct) {
		return
	}
	meta.SetStatusCondition(&acct.CommonStatus().Conditions, metav1.Condition{
		Type: v1alpha1.ConditionConversationsVanished, Status: metav1.ConditionTrue, Reason: v1alpha1.ReasonRecreationHalted,
		ObservedGeneration: acct.GetGeneration(), Message: vanishedMessage,
	})
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
	vanished := p.accounts.vanish(p.acct, p.conv.UID)
	if vanished <= vanishedFew {
		return false, nil
	}
	used, err := p.resolver.usedBy(ctx, p.acct)
	if err != nil || !mishap(vanished, len(used)) {
		return false, err
	}
	p.accounts.halt(p.acct, true)
	select {
	case p.halting[p.acct.Kind] <- event.TypedGenericEvent[accountKey]{Object: p.acct}:
	case <-ctx.Done():
	}
	return true, nil
}

// follow brings the account's status in line with a halt that began elsewhere, or ends it if the user said so. stopped:
// it began just now; the next check finds all that is gone.
func (r *DriftReconciler) follow(ctx context.Context, key accountKey, acct Account) (stopped bool, err error) {
	if recreates(acct) {
		return false, r.allow(ctx, acct)
	}
	if !r.accounts.halted(key) || halted(acct) {
		return false, nil
	}
	before := acct.DeepCopyObject().(Account)
	setHalted(acct)
	if err := writeStatus(ctx, r.Client, r.fresh, before, acct); err != nil {
		return false, err
	}
	r.tellHalted(before, acct)
	return true, nil
}

// allow ends the halt, and then takes the annotation away.
func (r *DriftReconciler) allow(ctx context.Context, acct Account) error {
	r.accounts.halt(keyOf(acct), false)
	before := acct.DeepCopyObject().(Account)
	meta.RemoveStatusCondition(&acct.CommonStatus().Conditions, v1alpha1.ConditionConversationsVanished)
	if err := writeStatus(ctx, r.Client, r.fresh, before, acct); err != nil {
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
