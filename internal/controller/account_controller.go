// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/retry"
)

const (
	// maxChecks is how many accounts of a kind are worked on at a time.
	maxChecks = 4
)

// AccountReconciler keeps one kind of account: it checks the credentials, holds the account and its Secret while
// conversations need them, and makes the account usable for the other controllers.
type AccountReconciler struct {
	client.Client
	// Kind that this reconciler keeps.
	Kind v1alpha1.AccountKind
	shared
	workers *workers
}

// Reconcile checks one account.
func (r *AccountReconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	key := accountKey{r.Kind, req.NamespacedName}
	acct := key.object()
	if err := r.Get(ctx, req.NamespacedName, acct); err != nil {
		r.accounts.forget(key)
		r.warnings.forget(key.index())
		r.setbacks.over(key.index())
		r.statusSetbacks.over(key.index())
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if r.fresh.stale(acct) {
		return ctrl.Result{RequeueAfter: retry.Stale.After()}, nil
	}
	result, err := r.reconcile(ctx, key, acct)
	switch {
	case apierrors.IsConflict(err):
		return ctrl.Result{RequeueAfter: retry.Conflict.After()}, nil
	case kubeRefuses(err):
		return ctrl.Result{}, errors.Join(err, r.refused(ctx, key, err))
	case err == nil:
		r.setbacks.over(key.index())
		r.statusSetbacks.over(key.index())
	}
	return result, err
}

// refused records that the API server refuses a request about the account, once it did so a few times in a row. Where it
// refuses the status too, an event tells.
func (r *AccountReconciler) refused(ctx context.Context, key accountKey, refusal error) error {
	acct := key.object()
	if err := r.Get(ctx, key.NamespacedName, acct); err != nil || r.fresh.stale(acct) || !r.setbacks.note(string(r.Kind), key.index(), acct.GetUID()) {
		return client.IgnoreNotFound(err)
	}
	before := acct.DeepCopyObject().(Account)
	status := acct.CommonStatus()
	status.ObservedGeneration = acct.GetGeneration()
	setReady(&status.Conditions, acct.GetGeneration(), v1alpha1.ReasonKubernetesRefused, kubeRefusal(refusal))
	err := writeStatus(ctx, r.Client, r.fresh, before, acct)
	if kubeRefuses(err) {
		r.tellSetback(r.statusSetbacks, string(r.Kind), key.index(), acct, err)
		return nil
	}
	if err == nil {
		r.tell(before, acct)
	}
	return err
}

func (r *AccountReconciler) reconcile(ctx context.Context, key accountKey, acct Account) (ctrl.Result, error) {
	used, err := r.resolver.usedBy(ctx, key)
	if err != nil {
		return ctrl.Result{}, err
	}
	if !acct.GetDeletionTimestamp().IsZero() && len(used) == 0 {
		// The cache may be behind, and another manager's conversations are not in it. Those that may use a TwilioAccount are in its
		// namespace, those of a ClusterTwilioAccount in any.
		all, err := r.listNamespace(ctx, acct.GetNamespace())
		if err != nil {
			return ctrl.Result{}, err
		}
		if used = r.resolver.users(ctx, key, all); len(used) == 0 {
			return ctrl.Result{}, r.release(ctx, key, acct)
		}
	}
	if acct.GetDeletionTimestamp().IsZero() && !controllerutil.ContainsFinalizer(acct, v1alpha1.Finalizer) {
		if err := r.hold(ctx, acct); err != nil {
			return ctrl.Result{}, fmt.Errorf("adding the finalizer to %s: %w", key, err)
		}
	}
	before := acct.DeepCopyObject().(Account)
	status := acct.CommonStatus()
	found, err := r.check(ctx, key, acct)
	if err != nil {
		return ctrl.Result{}, err
	}
	if found.reason != "" {
		status.ObservedGeneration = acct.GetGeneration()
		status.Conversations = r.count(used)
		noteDefaultService(status, r.accounts.lookup(key))
		setReady(&status.Conditions, acct.GetGeneration(), found.reason, found.message)
	}
	found.after = soonest(found.after, r.setThrottled(key, acct, found))
	if err := writeStatus(ctx, r.Client, r.fresh, before, acct); err != nil {
		return ctrl.Result{}, err
	}
	found.after = soonest(found.after, r.tell(before, acct))
	return found.result(), nil
}

// count answers how many use the account; nil: several managers that each know a part would write it by turns.
func (r *AccountReconciler) count(used []v1alpha1.Conversation) *int32 {
	if r.options.WatchLabelSelector != nil {
		return nil
	}
	return new(int32(min(len(used), math.MaxInt32)))
}

// hold puts the finalizer on an object; only its metadata is sent.
func (r *AccountReconciler) hold(ctx context.Context, o client.Object) error {
	before := o.DeepCopyObject().(client.Object)
	if !controllerutil.AddFinalizer(o, v1alpha1.Finalizer) {
		return nil
	}
	if err := r.Patch(ctx, o, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})); err != nil {
		return err
	}
	r.fresh.wrote(o)
	return nil
}

// release lets the account go, and the Secret if no other account holds it.
func (r *AccountReconciler) release(ctx context.Context, key accountKey, acct Account) error {
	if err := r.releaseSecret(ctx, acct, acct.CredentialsSecret()); err != nil {
		return err
	}
	r.accounts.forget(key)
	r.fresh.forget(acct.GetUID())
	if err := r.unhold(ctx, acct); err != nil {
		return fmt.Errorf("taking the finalizer off %s: %w", key, err)
	}
	return nil
}

func (r *AccountReconciler) unhold(ctx context.Context, o client.Object) error {
	before := o.DeepCopyObject().(client.Object)
	if !controllerutil.RemoveFinalizer(o, v1alpha1.Finalizer) {
		return nil
	}
	return client.IgnoreNotFound(r.Patch(ctx, o, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})))
}

// tell logs what Ready says if that just changed, and sends the event for it if that is due. It answers when the event is due
// otherwise; zero: there is none.
func (r *AccountReconciler) tell(before, acct Account) time.Duration {
	r.tellThrottled(before, acct)
	was, is := readyOf(before.CommonStatus().Conditions), readyOf(acct.CommonStatus().Conditions)
	changed := was.Reason != is.Reason || was.Message != is.Message
	if changed {
		logf.Log.WithName("account").Info("Checked credentials", "account", keyOf(acct).index(), "reason", is.Reason)
	}
	warn, wait := r.warnings.due(keyOf(acct).index(), acct, was, is)
	switch {
	case warn:
		r.recorder.Eventf(acct, nil, corev1.EventTypeWarning, is.Reason, "CheckCredentials", "%s", shorten(is.Message, maxNote))
	case changed && is.Status == metav1.ConditionTrue:
		r.recorder.Eventf(acct, nil, corev1.EventTypeNormal, is.Reason, "CheckCredentials", "%s", shorten(is.Message, maxNote))
	}
	return wait
}

// listOf answers an empty list to read the accounts of a kind into.
func listOf(kind v1alpha1.AccountKind) client.ObjectList {
	if kind == v1alpha1.ClusterTwilioAccountKind {
		return &v1alpha1.ClusterTwilioAccountList{}
	}
	return &v1alpha1.TwilioAccountList{}
}

// items answers the accounts of a list of either kind.
func items(list client.ObjectList) []Account {
	var out []Account
	switch list := list.(type) {
	case *v1alpha1.TwilioAccountList:
		for i := range list.Items {
			out = append(out, &list.Items[i])
		}
	case *v1alpha1.ClusterTwilioAccountList:
		for i := range list.Items {
			out = append(out, &list.Items[i])
		}
	}
	return slices.Clip(out)
}
