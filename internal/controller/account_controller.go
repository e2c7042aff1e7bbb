// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

const (
	// probeCredentials is how often rejected credentials are tried again although nothing changed here: they may have
	// been made valid at Twilio.
	probeCredentials = 5 * time.Minute
	// retryUnavailable is how soon Twilio is asked again after it did not answer a check.
	retryUnavailable = 10 * time.Second
)

// AccountReconciler keeps one kind of account: it checks the credentials, holds the account and its Secret while
// conversations need them, and makes the account usable for the other controllers.
type AccountReconciler struct {
	client.Client
	// Kind that this reconciler keeps.
	Kind v1alpha1.AccountKind
	shared
}

// Reconcile checks one account.
func (r *AccountReconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	key := accountKey{r.Kind, req.NamespacedName}
	acct := key.object()
	if err := r.Get(ctx, req.NamespacedName, acct); err != nil {
		r.accounts.drop(key)
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if r.fresh.stale(acct) {
		return ctrl.Result{RequeueAfter: staleRetry}, nil
	}
	result, err := r.reconcile(ctx, key, acct)
	if apierrors.IsConflict(err) {
		return ctrl.Result{RequeueAfter: conflictRetry}, nil
	}
	return result, err
}

func (r *AccountReconciler) reconcile(ctx context.Context, key accountKey, acct Account) (ctrl.Result, error) {
	used, err := r.resolver.usedBy(ctx, key)
	if err != nil {
		return ctrl.Result{}, err
	}
	if !acct.GetDeletionTimestamp().IsZero() && len(used) == 0 {
		// The cache may be behind, and another manager's conversations are not in it.
		all, err := r.listLive(ctx)
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
	status.ObservedGeneration = acct.GetGeneration()
	if r.options.WatchLabelSelector == nil {
		// Several managers that each know a part would write it by turns.
		status.Conversations = int32(min(len(used), 1<<31-1))
	}
	setReady(&status.Conditions, acct.GetGeneration(), found.reason, found.message)
	if err := r.record(ctx, before, acct); err != nil {
		return ctrl.Result{}, err
	}
	r.tell(before, acct)
	return ctrl.Result{RequeueAfter: found.after}, nil
}

// finding is the outcome of a check.
type finding struct {
	reason, message string
	after           time.Duration
}

// check makes the account usable, or says why it is not. An error is Kubernetes'; nothing follows from it.
func (r *AccountReconciler) check(ctx context.Context, key accountKey, acct Account) (finding, error) {
	secret, problem, err := r.secret(ctx, acct)
	if err != nil {
		return finding{}, err
	}
	if problem.reason != "" {
		r.accounts.drop(key)
		return problem, nil
	}
	cfg, wrong := credentials(secret)
	if wrong != "" {
		r.accounts.drop(key)
		return finding{reason: v1alpha1.ReasonSecretInvalid, message: wrong}, nil
	}
	status := acct.CommonStatus()
	version := versionOf(acct, secret)
	live := r.accounts.lookup(key)
	current := live != nil && live.version == version && !live.suspect.Load()
	ready := readyOf(status.Conditions)
	if ready.Reason == v1alpha1.ReasonAuthenticated && status.Credentials != nil && *status.Credentials == version.secret &&
		ready.ObservedGeneration == acct.GetGeneration() && (live == nil || current) && !r.requested(acct) {
		if live == nil {
			// Found good before this process began: no request is needed to believe it.
			if live, wrong = r.connect(acct, cfg, status.AccountSID, version); wrong != "" {
				return finding{reason: v1alpha1.ReasonSecretInvalid, message: wrong}, nil
			}
			r.accounts.set(key, live)
		}
		return finding{reason: ready.Reason, message: ready.Message}, nil
	}
	if found, ok := r.accounts.rejection(key, acct, version); ok && !r.requested(acct) {
		return found, nil
	}
	live, wrong = r.connect(acct, cfg, "", version)
	if wrong != "" {
		r.accounts.drop(key)
		return finding{reason: v1alpha1.ReasonSecretInvalid, message: wrong}, nil
	}
	found := r.ask(ctx, key, acct, cfg, live)
	if found.reason == v1alpha1.ReasonCredentialsRejected || found.reason == v1alpha1.ReasonAccountMismatch {
		status.LastHandledReconcileAt = acct.GetAnnotations()[v1alpha1.ReconcileRequestedAtAnnotation]
		r.accounts.reject(key, acct, version, found)
	}
	return found, nil
}

// ask checks the credentials with one cheap request and learns whose they are.
func (r *AccountReconciler) ask(ctx context.Context, key accountKey, acct Account, cfg twilio.Config, live *liveAccount) finding {
	spec, status := acct.CommonSpec(), acct.CommonStatus()
	sid, err := whose(ctx, live, cfg)
	switch {
	case err == nil:
	case errors.Is(err, twilio.ErrDenied), errors.Is(err, twilio.ErrInvalid), errors.Is(err, twilio.ErrNotFound):
		r.accounts.drop(key)
		return finding{v1alpha1.ReasonCredentialsRejected,
			fmt.Sprintf("%s: correct the Secret %q, its region or its permissions.", err, acct.CredentialsSecret().Name), probeCredentials}
	default:
		// Nothing is concluded: a client that works already goes on working.
		message := fmt.Sprintf("The credentials could not be checked: %s. It is tried again.", err)
		return finding{v1alpha1.ReasonTwilioUnavailable, message, retryAfter(err, retryUnavailable)}
	}
	if pin := spec.AccountSID; pin != "" && sid != "" && pin != sid || cfg.AccountSID != "" && sid != cfg.AccountSID {
		r.accounts.drop(key)
		want := pin
		if want == "" {
			want = cfg.AccountSID
		}
		message := fmt.Sprintf("The credentials belong to account %s, not to %s: correct the Secret %q or spec.accountSid.",
			sid, want, acct.CredentialsSecret().Name)
		return finding{v1alpha1.ReasonAccountMismatch, message, probeCredentials}
	}
	if cfg.AccountSID == "" && sid != "" {
		// Now that it is known whose key this is, the account's budget is shared.
		if known, wrong := r.connect(acct, cfg, sid, live.version); wrong == "" {
			live = known
		}
	}
	live.sid = sid
	r.accounts.set(key, live)
	status.AccountSID = sid
	status.Credentials = &v1alpha1.CredentialsStatus{SecretUID: live.version.secret.SecretUID, SecretResourceVersion: live.version.secret.SecretResourceVersion}
	status.LastHandledReconcileAt = acct.GetAnnotations()[v1alpha1.ReconcileRequestedAtAnnotation]
	return finding{reason: v1alpha1.ReasonAuthenticated, message: "Twilio took the credentials."}
}

// whose answers the SID of the account that the credentials belong to: what Twilio tells, else what the Secret says,
// which may be nothing. Listing is what the operator needs a permission for anyway; the configuration is asked only
// where no conversation tells, and never for a token, which is proof of its account by itself.
func whose(ctx context.Context, live *liveAccount, cfg twilio.Config) (string, error) {
	for page, err := range live.client.Conversations("").Pages(ctx, twilio.ListOptions{PageSize: 1, Limit: 1}) {
		if err != nil {
			return "", err
		}
		live.observeClock(page.ServerTime)
		if len(page.Conversations) > 0 {
			return page.Conversations[0].AccountSID, nil
		}
		break
	}
	if cfg.Username == cfg.AccountSID {
		return cfg.AccountSID, nil
	}
	found, err := live.client.FetchConfiguration(ctx)
	switch {
	case err == nil:
		return found.AccountSID, nil
	case errors.Is(err, twilio.ErrDenied), errors.Is(err, twilio.ErrNotFound):
		return cfg.AccountSID, nil
	}
	return "", err
}

// connect makes a client that shares the budget of the Twilio account; what is wrong with the account's spec is a
// message. sid is the account's, as far as it is known.
func (r *AccountReconciler) connect(acct Account, cfg twilio.Config, sid string, version credentialsVersion) (*liveAccount, string) {
	spec, most := acct.CommonSpec(), 0
	if n := spec.MaxConcurrentRequests; n != nil {
		most = int(*n)
	}
	next := r.options.Transport
	if next == nil {
		next = twilio.DefaultTransport()
	}
	budget := r.budgets.of(cmp.Or(sid, cfg.AccountSID, cfg.Username))
	cfg.Region, cfg.Edge = spec.Region, spec.Edge
	cfg.BaseURL, cfg.UserAgent, cfg.Timeout = r.options.TwilioBaseURL, r.options.UserAgent, r.options.RequestTimeout
	cfg.Transport = budget.Transport(counted{keyOf(acct), traced{next}})
	c, err := twilio.NewClient(cfg)
	if err != nil {
		return nil, fmt.Sprintf("The account cannot be used: %s.", err)
	}
	return &liveAccount{client: c, budget: budget, most: most, version: version, sid: sid}, ""
}

// secret reads the Secret as it is now and puts the finalizer on it.
func (r *AccountReconciler) secret(ctx context.Context, acct Account) (*corev1.Secret, finding, error) {
	secret := &corev1.Secret{}
	name := acct.CredentialsSecret()
	err := r.live.Get(ctx, name, secret)
	if apierrors.IsNotFound(err) {
		return nil, secretMissing(name), nil
	}
	if err != nil {
		return nil, finding{}, fmt.Errorf("reading Secret %s: %w", name, err)
	}
	if !secret.DeletionTimestamp.IsZero() {
		return r.leavingSecret(ctx, secret)
	}
	if acct.GetDeletionTimestamp().IsZero() {
		if err := r.hold(ctx, secret); err != nil {
			return nil, finding{}, fmt.Errorf("adding the finalizer to Secret %s: %w", name, err)
		}
	}
	return secret, finding{}, nil
}

func secretMissing(name types.NamespacedName) finding {
	return finding{reason: v1alpha1.ReasonSecretMissing,
		message: fmt.Sprintf("Secret %q does not exist in namespace %q: create it.", name.Name, name.Namespace)}
}

// leavingSecret uses a Secret that is being deleted for as long as conversations need it, and lets it go then.
func (r *AccountReconciler) leavingSecret(ctx context.Context, secret *corev1.Secret) (*corev1.Secret, finding, error) {
	name := client.ObjectKeyFromObject(secret)
	needed, err := r.secretNeeded(ctx, name)
	if err != nil || needed {
		return secret, finding{}, err
	}
	if err := r.unhold(ctx, secret); err != nil {
		return nil, finding{}, fmt.Errorf("taking the finalizer off Secret %s: %w", name, err)
	}
	return nil, secretMissing(name), nil
}

// secretNeeded tells whether any conversation needs the Secret, whichever account it uses.
func (r *AccountReconciler) secretNeeded(ctx context.Context, name types.NamespacedName) (bool, error) {
	accts, err := r.accountsOf(ctx, name)
	if err != nil || len(accts) == 0 {
		return false, err
	}
	all, err := r.listLive(ctx)
	if err != nil {
		return false, err
	}
	for _, acct := range accts {
		if len(r.resolver.users(ctx, keyOf(acct), slices.Clone(all))) > 0 {
			return true, nil
		}
	}
	return false, nil
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
	r.accounts.drop(key)
	r.fresh.forget(acct.GetUID())
	return r.unhold(ctx, acct)
}

func (r *AccountReconciler) releaseSecret(ctx context.Context, acct Account, name types.NamespacedName) error {
	others, err := r.accountsOf(ctx, name)
	if err != nil {
		return err
	}
	for _, other := range others {
		if other.GetUID() != acct.GetUID() && controllerutil.ContainsFinalizer(other, v1alpha1.Finalizer) {
			return nil
		}
	}
	secret := secretMetadata()
	if err := r.live.Get(ctx, name, secret); err != nil {
		return client.IgnoreNotFound(err)
	}
	return r.unhold(ctx, secret)
}

// accountsOf lists the accounts, of whichever kind, that take their credentials from the Secret.
func (s shared) accountsOf(ctx context.Context, name types.NamespacedName) ([]Account, error) {
	var out []Account
	for _, kind := range s.resolver.kinds {
		list := listOf(kind)
		if err := s.resolver.List(ctx, list, client.MatchingFields{indexSecret: name.String()}); err != nil {
			return nil, fmt.Errorf("listing the accounts of Secret %s: %w", name, err)
		}
		out = append(out, items(list)...)
	}
	return out, nil
}

func (r *AccountReconciler) unhold(ctx context.Context, o client.Object) error {
	before := o.DeepCopyObject().(client.Object)
	if !controllerutil.RemoveFinalizer(o, v1alpha1.Finalizer) {
		return nil
	}
	return client.IgnoreNotFound(r.Patch(ctx, o, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})))
}

// record writes the status if it changed.
func (r *AccountReconciler) record(ctx context.Context, before, acct Account) error {
	if equality.Semantic.DeepEqual(before.CommonStatus(), acct.CommonStatus()) {
		return nil
	}
	if err := r.Status().Patch(ctx, acct, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})); err != nil {
		return fmt.Errorf("writing the status of %s: %w", keyOf(acct), err)
	}
	r.fresh.wrote(acct)
	return nil
}

// tell emits an event for what just changed.
func (r *AccountReconciler) tell(before, acct Account) {
	was, is := readyOf(before.CommonStatus().Conditions), readyOf(acct.CommonStatus().Conditions)
	if was.Reason == is.Reason && was.Message == is.Message {
		return
	}
	kind := corev1.EventTypeWarning
	if is.Status == metav1.ConditionTrue {
		kind = corev1.EventTypeNormal
	}
	r.recorder.Eventf(acct, nil, kind, is.Reason, "CheckCredentials", "%s", is.Message)
	logf.Log.WithName("account").Info("Checked credentials", "account", keyOf(acct).index(), "reason", is.Reason)
}

// requested tells whether the user asked for a check that was not made yet.
func (r *AccountReconciler) requested(acct Account) bool {
	at := acct.GetAnnotations()[v1alpha1.ReconcileRequestedAtAnnotation]
	return at != "" && acct.CommonStatus().LastHandledReconcileAt != at
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

// retryAfter is how long Twilio asks to wait, or the least.
func retryAfter(err error, least time.Duration) time.Duration {
	if e, ok := errors.AsType[*twilio.Error](err); ok && e.RetryAfter > least {
		return e.RetryAfter
	}
	return least
}
