// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// finding is the outcome of a check; without a reason, there is nothing to be written.
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
	status := acct.CommonStatus()
	sid, err := whose(ctx, live, cfg)
	switch {
	case err == nil:
	case errors.Is(err, twilio.ErrThrottled):
		return finding{after: jittered(retryAfter(err, retryThrottled))}
	case errors.Is(err, twilio.ErrRegion):
		r.accounts.drop(key)
		return finding{v1alpha1.ReasonCredentialsRejected, fmt.Sprintf("%s: %s.", err, twilio.RegionAdvice), probeCredentials}
	case errors.Is(err, twilio.ErrDenied), errors.Is(err, twilio.ErrInvalid), errors.Is(err, twilio.ErrNotFound):
		r.accounts.drop(key)
		return finding{v1alpha1.ReasonCredentialsRejected,
			fmt.Sprintf("%s: correct the Secret %q, its region or its permissions.", err, acct.CredentialsSecret().Name), probeCredentials}
	default:
		// Nothing is concluded: a client that works already goes on working.
		message := fmt.Sprintf("The credentials could not be checked: %s. It is tried again.", err)
		return finding{v1alpha1.ReasonTwilioUnavailable, message, retryAfter(err, retryUnavailable)}
	}
	if message := mismatch(acct, cfg.AccountSID, sid); message != "" {
		r.accounts.drop(key)
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

// mismatch tells that the credentials do not belong to the account that the spec pins, or that the Secret names, or that
// they cannot be shown to; empty if they do.
func mismatch(acct Account, named, sid string) string {
	secret := acct.CredentialsSecret().Name
	for _, want := range []string{acct.CommonSpec().AccountSID, named} {
		switch {
		case want == "", want == sid:
		case sid == "":
			return fmt.Sprintf("Twilio does not tell whether the credentials belong to account %s: add TWILIO_ACCOUNT_SID to the Secret %q.", want, secret)
		default:
			return fmt.Sprintf("The credentials belong to account %s, not to %s: correct the Secret %q or spec.accountSid.", sid, want, secret)
		}
	}
	return ""
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

// requested tells whether the user asked for a check that was not made yet.
func (r *AccountReconciler) requested(acct Account) bool {
	at := acct.GetAnnotations()[v1alpha1.ReconcileRequestedAtAnnotation]
	return at != "" && acct.CommonStatus().LastHandledReconcileAt != at
}

// retryAfter is how long Twilio asks to wait, or the least.
func retryAfter(err error, least time.Duration) time.Duration {
	if e, ok := errors.AsType[*twilio.Error](err); ok && e.RetryAfter > least {
		return e.RetryAfter
	}
	return least
}
