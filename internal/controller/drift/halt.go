// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package drift

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/controller/account"
	"github.com/conversations-operator/conversations-operator/internal/controller/conversation"
	"github.com/conversations-operator/conversations-operator/internal/controller/vanished"
	"github.com/conversations-operator/conversations-operator/internal/tenancy"
)

// follow records in the account's status a halt which began elsewhere, or ends the halt if the user said so. stopped:
// the halt began just now; the next check finds every vanished conversation.
func (r *Reconciler) follow(ctx context.Context, key tenancy.Key, acct tenancy.Account) (stopped bool, err error) {
	if account.Recreates(acct) {
		return false, r.allow(ctx, acct)
	}
	is, told := r.Registry.Halted(key)
	switch {
	case !is:
		return false, nil
	case vanished.HaltedBy(acct, r.Options.Sharer()):
		r.Registry.HaltTold(key)
		return false, nil
	case told:
		// Only the user, or another manager at the user's word, takes this manager's halt out of the status.
		return false, r.resume(ctx, key)
	}
	before := acct.DeepCopyObject().(tenancy.Account)
	vanished.SetHalted(acct, r.Options.Sharer())
	if err := r.Registry.WriteStatus(ctx, r.Client, before, acct); err != nil {
		return false, err
	}
	r.Registry.HaltTold(key)
	r.tellHalted(before, acct)
	return true, nil
}

// resume ends the halt, and wakes the objects held back by the halt.
func (r *Reconciler) resume(ctx context.Context, key tenancy.Key) error {
	r.Registry.EndHalt(key)
	r.Registry.Vanished.Forget(key)
	used, err := r.Resolver.UsedBy(ctx, key)
	if err != nil {
		return err
	}
	for i := range used {
		if conversation.HeldBack(&used[i]) {
			r.conversations.Wake(ctx, &used[i])
		}
	}
	return nil
}

// allow ends the halt, and then takes the annotation away. Other managers of the account see the end of their halt.
func (r *Reconciler) allow(ctx context.Context, acct tenancy.Account) error {
	before := acct.DeepCopyObject().(tenancy.Account)
	vanished.UnsetHalted(acct, "")
	if err := r.Registry.WriteStatus(ctx, r.Client, before, acct); err != nil {
		return err
	}
	if err := r.resume(ctx, tenancy.KeyOf(acct)); err != nil {
		return err
	}
	before = acct.DeepCopyObject().(tenancy.Account)
	annotations := acct.GetAnnotations()
	delete(annotations, v1alpha1.RecreateVanishedAnnotation)
	acct.SetAnnotations(annotations)
	if err := r.Patch(ctx, acct, client.MergeFrom(before)); err != nil {
		return fmt.Errorf("taking the annotation %s away: %w", v1alpha1.RecreateVanishedAnnotation, err)
	}
	r.Registry.WroteTo(acct)
	return nil
}

func (r *Reconciler) tellHalted(before, acct tenancy.Account) {
	if tenancy.Halted(acct) && !tenancy.Halted(before) {
		r.Recorder.Eventf(acct, nil, corev1.EventTypeWarning, v1alpha1.ReasonRecreationHalted, "CheckDrift", "%s", vanished.HaltMessage)
	}
}
