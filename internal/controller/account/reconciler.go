// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package account

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/condition"
	"github.com/conversations-operator/conversations-operator/internal/kube"
	"github.com/conversations-operator/conversations-operator/internal/retry"
	"github.com/conversations-operator/conversations-operator/internal/tenancy"
)

const (
	// maxChecks is how many accounts of a kind are worked on at a time.
	maxChecks = 4
)

// Reconciler keeps one kind of account. The reconciler checks the credentials, holds the account and its Secret while
// conversations need them, and makes the account usable for the other controllers.
type Reconciler struct {
	client.Client
	// Kind of the accounts of this reconciler.
	Kind v1alpha1.AccountKind
	Shared
	workers *kube.Workers
}

// NewReconciler makes the reconciler of one kind of account.
func NewReconciler(c client.Client, s Shared, kind v1alpha1.AccountKind) *Reconciler {
	return &Reconciler{Client: c, Kind: kind, Shared: s, workers: kube.NewWorkers(maxChecks)}
}

// Reconcile checks one account.
func (r *Reconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	key := tenancy.Key{Kind: r.Kind, NamespacedName: req.NamespacedName}
	acct := key.Object()
	if err := r.Get(ctx, req.NamespacedName, acct); err != nil {
		r.Registry.forget(key)
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if r.Registry.Stale(acct) {
		return ctrl.Result{RequeueAfter: retry.Stale.After()}, nil
	}
	result, err := r.reconcile(ctx, key, acct)
	switch {
	case apierrors.IsConflict(err):
		return ctrl.Result{RequeueAfter: retry.Conflict.After()}, nil
	case condition.Refuses(err):
		return ctrl.Result{}, errors.Join(err, r.refused(ctx, key, err))
	case err == nil:
		r.Registry.note(key, func(e *entry) { e.setback, e.statusSetback = kube.Setback{}, kube.Setback{} })
	}
	return result, err
}

// refused records in the status a request about the account which the API server refused a few times in a row. If the
// API server refuses the status too, an event tells the user.
func (r *Reconciler) refused(ctx context.Context, key tenancy.Key, refusal error) error {
	acct := key.Object()
	if err := r.Get(ctx, key.NamespacedName, acct); err != nil || r.Registry.Stale(acct) || !r.setback(key) {
		return client.IgnoreNotFound(err)
	}
	before := acct.DeepCopyObject().(tenancy.Account)
	status := acct.CommonStatus()
	status.ObservedGeneration = acct.GetGeneration()
	condition.SetReady(&status.Conditions, acct.GetGeneration(), v1alpha1.ReasonKubernetesRefused, condition.Refusal(refusal))
	err := r.Registry.WriteStatus(ctx, r.Client, before, acct)
	if condition.Refuses(err) {
		var message string
		r.Registry.note(key, func(e *entry) { message = e.statusSetback.Event(string(r.Kind), err) })
		kube.TellSetback(r.Recorder, acct, message)
		return nil
	}
	if err == nil {
		r.tell(before, acct)
	}
	return err
}

func (r *Reconciler) reconcile(ctx context.Context, key tenancy.Key, acct tenancy.Account) (ctrl.Result, error) {
	used, err := r.Resolver.UsedBy(ctx, key)
	if err != nil {
		return ctrl.Result{}, err
	}
	if !acct.GetDeletionTimestamp().IsZero() && len(used) == 0 {
		// The cache may be behind, and does not have another manager's conversations. A TwilioAccount serves only
		// conversations of its own namespace, a ClusterTwilioAccount conversations of any namespace.
		all, err := r.Lists.In(ctx, acct.GetNamespace())
		if err != nil {
			return ctrl.Result{}, err
		}
		if used = r.Resolver.Users(ctx, key, all); len(used) == 0 {
			return ctrl.Result{}, r.release(ctx, key, acct)
		}
	}
	if acct.GetDeletionTimestamp().IsZero() && !controllerutil.ContainsFinalizer(acct, v1alpha1.Finalizer) {
		if err := r.hold(ctx, acct); err != nil {
			return ctrl.Result{}, fmt.Errorf("adding the finalizer to %s: %w", key, err)
		}
	}
	before := acct.DeepCopyObject().(tenancy.Account)
	status := acct.CommonStatus()
	found, err := r.check(ctx, key, acct)
	if err != nil {
		return ctrl.Result{}, err
	}
	if found.reason != "" {
		status.ObservedGeneration = acct.GetGeneration()
		status.Conversations = r.count(used)
		noteDefaultService(status, r.Registry.Lookup(key))
		condition.SetReady(&status.Conditions, acct.GetGeneration(), found.reason, found.message)
	}
	found.after = kube.Soonest(found.after, r.setThrottled(key, acct, found))
	found.after = kube.Soonest(found.after, r.Registry.Lookup(key).recheckIn())
	if err := r.Registry.WriteStatus(ctx, r.Client, before, acct); err != nil {
		return ctrl.Result{}, err
	}
	found.after = kube.Soonest(found.after, r.tell(before, acct))
	return found.result(), nil
}

// count answers how many Conversations use the account; nil for several managers, which would overwrite each other's
// count, because each knows a part.
func (r *Reconciler) count(used []v1alpha1.Conversation) *int32 {
	if r.Options.WatchLabelSelector != nil {
		return nil
	}
	return new(int32(min(len(used), math.MaxInt32)))
}

// hold puts the finalizer on an object. hold sends only the object's metadata.
func (r *Reconciler) hold(ctx context.Context, o client.Object) error {
	before := o.DeepCopyObject().(client.Object)
	if !controllerutil.AddFinalizer(o, v1alpha1.Finalizer) {
		return nil
	}
	if err := r.Patch(ctx, o, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})); err != nil {
		return err
	}
	if acct, ok := o.(tenancy.Account); ok {
		r.Registry.WroteTo(acct)
	}
	return nil
}

// setback counts one more refused request about the account, and answers whether it is time to tell the user.
func (r *Reconciler) setback(key tenancy.Key) (tell bool) {
	r.Registry.note(key, func(e *entry) { tell = e.setback.Note(string(r.Kind)) })
	return tell
}

// release takes the finalizer off the account, and off the Secret if no other account holds the Secret.
func (r *Reconciler) release(ctx context.Context, key tenancy.Key, acct tenancy.Account) error {
	if err := r.releaseSecret(ctx, acct, acct.CredentialsSecret()); err != nil {
		return err
	}
	r.Registry.forget(key)
	if err := r.unhold(ctx, acct); err != nil {
		return fmt.Errorf("taking the finalizer off %s: %w", key, err)
	}
	return nil
}

func (r *Reconciler) unhold(ctx context.Context, o client.Object) error {
	before := o.DeepCopyObject().(client.Object)
	if !controllerutil.RemoveFinalizer(o, v1alpha1.Finalizer) {
		return nil
	}
	return client.IgnoreNotFound(r.Patch(ctx, o, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})))
}

// tell logs a change of Ready, and sends the event for the change if the event is due. If the event is due later, tell
// answers when; zero: no event is due later.
func (r *Reconciler) tell(before, acct tenancy.Account) time.Duration {
	r.tellThrottled(before, acct)
	was, is := condition.ReadyOf(before.CommonStatus().Conditions), condition.ReadyOf(acct.CommonStatus().Conditions)
	changed := was.Reason != is.Reason || was.Message != is.Message
	if changed {
		logf.Log.WithName("account").Info("Checked credentials", "account", tenancy.KeyOf(acct).Index(), "reason", is.Reason)
	}
	var warn bool
	var wait time.Duration
	r.Registry.note(tenancy.KeyOf(acct), func(e *entry) { warn, wait = e.warning.Due(was, is) })
	switch {
	case warn:
		r.Recorder.Eventf(acct, nil, corev1.EventTypeWarning, is.Reason, "CheckCredentials", "%s", condition.Shorten(is.Message, condition.MaxNote))
	case changed && is.Status == metav1.ConditionTrue:
		r.Recorder.Eventf(acct, nil, corev1.EventTypeNormal, is.Reason, "CheckCredentials", "%s", condition.Shorten(is.Message, condition.MaxNote))
	}
	return wait
}
