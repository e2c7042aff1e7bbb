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
	"github.com/conversations-operator/conversations-operator/internal/retry"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
	"github.com/conversations-operator/conversations-operator/internal/twilio/budget"
)

// finding is the outcome of a check; without a reason, there is nothing to be written.
type finding struct {
	reason, message string
	after           time.Duration
	// budget of the account, where Twilio asks to wait.
	budget *budget.Budget
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
	if r.requested(acct) {
		r.accounts.request(key, requestedAt(acct))
	}
	version := r.accounts.seen(key, versionOf(acct, secret), r.requested(acct))
	live := r.accounts.lookup(key)
	if stands(acct, live, version) && !r.requested(acct) && (live == nil || !heldLongEnough(live.budget)) {
		if live == nil {
			// Found good before this process began: no request is needed to believe it.
			sid := acct.CommonStatus().AccountSID
			if live, wrong = r.connect(acct, cfg, whoseBudget(cfg, sid), version); wrong != "" {
				return finding{reason: v1alpha1.ReasonSecretInvalid, message: wrong}, nil
			}
			live.sid = sid
			r.accounts.set(key, live)
		}
		ready := readyOf(acct.CommonStatus().Conditions)
		return finding{reason: ready.Reason, message: ready.Message}, nil
	}
	if found, ok := r.accounts.lastCheck(key, acct, version); ok && !r.requested(acct) {
		return found, nil
	}
	live, wrong = r.connect(acct, cfg, unproven(version), version)
	if wrong != "" {
		r.accounts.drop(key)
		return finding{reason: v1alpha1.ReasonSecretInvalid, message: wrong}, nil
	}
	times := r.accounts.rejections(key, acct, version) + 1
	found := r.ask(ctx, key, acct, cfg, live)
	switch found.reason {
	case v1alpha1.ReasonCredentialsRejected:
		found.after = retry.Denied.From(retry.Denied.Doubled(times))
		fallthrough
	case v1alpha1.ReasonAccountMismatch:
		acct.CommonStatus().LastHandledReconcileAt = acct.GetAnnotations()[v1alpha1.ReconcileRequestedAtAnnotation]
		r.accounts.rememberCheck(key, acct, version, found, times)
	default:
		if found.budget != nil {
			r.accounts.rememberCheck(key, acct, version, found, times-1)
		}
	}
	return found, nil
}

// stands tells whether the status says that Twilio took these credentials, and no answer since then says otherwise.
func stands(acct Account, live *liveAccount, version credentialsVersion) bool {
	status := acct.CommonStatus()
	ready := readyOf(status.Conditions)
	told, known := remembered(status, version)
	return ready.Reason == v1alpha1.ReasonAuthenticated && ready.ObservedGeneration == acct.GetGeneration() &&
		// An earlier version of the operator took the Secret's word for the account.
		known && told == status.AccountSID &&
		(live == nil || live.version == version && !live.suspect.Load() && live.tells() == live.sid)
}

// remembered is what Twilio said, when these credentials were checked before, of whose they are. known: they were.
func remembered(status *v1alpha1.AccountStatus, version credentialsVersion) (sid string, known bool) {
	if status.Credentials == nil {
		return "", false
	}
	was := *status.Credentials
	was.AccountSID = ""
	if was != version.secret {
		return "", false
	}
	return status.Credentials.AccountSID, true
}

// ask checks the credentials with one cheap request and learns whose they are.
func (r *AccountReconciler) ask(ctx context.Context, key accountKey, acct Account, cfg twilio.Config, live *liveAccount) finding {
	status := acct.CommonStatus()
	var sid string
	var err error
	r.workers.away(func() { sid, err = whose(ctx, live, cfg) })
	switch kind := retry.KindOf(err); {
	case err == nil:
	case kind == retry.Throttling:
		return finding{after: retry.Throttled.From(retry.Asked(err, retry.Throttled.For)), budget: live.budget}
	case kind == retry.NoRegion:
		r.accounts.drop(key)
		return finding{reason: v1alpha1.ReasonCredentialsRejected, after: retry.Denied.Most, message: fmt.Sprintf("%s: %s.", err, twilio.RegionAdvice)}
	case kind == retry.Denial, kind == retry.Refusal, kind == retry.Missing:
		r.accounts.drop(key)
		return finding{reason: v1alpha1.ReasonCredentialsRejected, after: retry.Denied.Most,
			message: fmt.Sprintf("%s: correct the Secret %q, its region or its permissions.", err, acct.CredentialsSecret().Name)}
	default:
		// Nothing is concluded: a client that works already goes on working.
		return finding{reason: v1alpha1.ReasonTwilioUnavailable, after: retry.Asked(err, retry.CheckUnavailable.For),
			message: fmt.Sprintf("The credentials could not be checked: %s. It is tried again.", err)}
	}
	before := r.accounts.lookup(key)
	if sid == "" {
		sid = told(before, status, live.version)
	}
	status.Credentials = new(live.version.secret)
	status.Credentials.AccountSID = sid
	if message := mismatch(acct, cfg.AccountSID, sid); message != "" {
		r.accounts.drop(key)
		return finding{reason: v1alpha1.ReasonAccountMismatch, message: message, after: retry.Mismatch.After()}
	}
	// Twilio took the credentials, so that they may share the budget of their account, or of their key.
	known, wrong := r.connect(acct, cfg, whoseBudget(cfg, sid), live.version)
	if wrong != "" {
		return finding{reason: v1alpha1.ReasonSecretInvalid, message: wrong}
	}
	known.sid = sid
	known.inherit(live)
	if before != nil && before.version == known.version {
		known.inherit(before)
	}
	r.accounts.set(key, known)
	known.budget.EndHold()
	status.AccountSID = sid
	status.LastHandledReconcileAt = acct.GetAnnotations()[v1alpha1.ReconcileRequestedAtAnnotation]
	return finding{reason: v1alpha1.ReasonAuthenticated, message: "Twilio took the credentials."}
}

// told is the account of the credentials, as an answer said before; empty if none did.
func told(live *liveAccount, status *v1alpha1.AccountStatus, version credentialsVersion) string {
	if live != nil && live.version == version {
		if sid := live.tells(); sid != "" {
			return sid
		}
	}
	sid, _ := remembered(status, version)
	return sid
}

// mismatch tells that the credentials do not belong to the account that the spec pins, or that the Secret names, or that
// nothing says that they belong to the one that is pinned; empty if they may. Where only the Secret says so, the first
// answer that names an account decides.
func mismatch(acct Account, named, sid string) string {
	secret, pinned := acct.CredentialsSecret().Name, acct.CommonSpec().AccountSID
	switch {
	case sid == "" && pinned != "" && named == "":
		return fmt.Sprintf("Twilio does not tell whether the credentials belong to account %s, which spec.accountSid names: "+
			"add TWILIO_ACCOUNT_SID to the Secret %q, or let its API key read the configuration of Conversations.", pinned, secret)
	case sid == "" && pinned != "" && named != pinned:
		return fmt.Sprintf("The Secret %q names account %s, and spec.accountSid names %s: correct one of the two.", secret, named, pinned)
	}
	for _, want := range []string{pinned, named} {
		if want != "" && sid != "" && want != sid {
			return fmt.Sprintf("The credentials belong to account %s, not to %s: correct the Secret %q or spec.accountSid.", sid, want, secret)
		}
	}
	return ""
}

// whose answers the SID of the account that the credentials belong to, as Twilio tells; empty if it does not. Listing is
// what the operator needs a permission for anyway; the configuration is asked only where no conversation tells, and
// never for a token, which is proof of its account by itself. What the Secret says is no proof.
func whose(ctx context.Context, live *liveAccount, cfg twilio.Config) (string, error) {
	for page, err := range live.client.Conversations("").Pages(ctx, twilio.ListOptions{PageSize: 1, Limit: 1}) {
		if err != nil {
			return "", err
		}
		live.clock.observe(page.ServerTime)
		if len(page.Conversations) > 0 && page.Conversations[0].AccountSID != "" {
			live.serves(page.Conversations[0].ChatServiceSID)
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
		live.serves(found.DefaultChatServiceSID)
		return found.AccountSID, nil
	case errors.Is(err, twilio.ErrDenied), errors.Is(err, twilio.ErrNotFound):
		return "", nil
	}
	return "", err
}

// whoseBudget names the budget of credentials that Twilio took: their account's if Twilio told it, else their key's. What
// a Secret claims is never enough to use, or to hold, the budget of others.
func whoseBudget(cfg twilio.Config, sid string) string { return "of " + cmp.Or(sid, cfg.Username) }

// unproven names the budget of credentials that Twilio has not taken yet.
func unproven(version credentialsVersion) string {
	return "of Secret " + string(version.secret.SecretUID)
}

// connect makes a client that shares the named budget; what is wrong with the account's spec is a message.
func (r *AccountReconciler) connect(acct Account, cfg twilio.Config, budgetOf string, version credentialsVersion) (*liveAccount, string) {
	spec, most := acct.CommonSpec(), 0
	if n := spec.MaxConcurrentRequests; n != nil {
		most = int(*n)
	}
	next := r.options.Transport
	if next == nil {
		next = twilio.DefaultTransport()
	}
	// A Region is a Twilio of its own: what happens in one does not hold requests to another.
	b := r.budgets.of(budgetOf + " in " + version.region)
	cfg.Region, cfg.Edge = spec.Region, spec.Edge
	cfg.BaseURL, cfg.UserAgent, cfg.Timeout = r.options.TwilioBaseURL, r.options.UserAgent, r.options.RequestTimeout
	cfg.Transport = b.Transport(counted{keyOf(acct), traced{next}})
	c, err := twilio.NewClient(cfg)
	if err != nil {
		return nil, fmt.Sprintf("The account cannot be used: %s.", err)
	}
	return &liveAccount{client: c, budget: b, most: most, version: version, claimed: cfg.AccountSID}, ""
}

// requested tells whether the user asked for a check that was not made yet.
func (r *AccountReconciler) requested(acct Account) bool {
	at := acct.GetAnnotations()[v1alpha1.ReconcileRequestedAtAnnotation]
	return at != "" && acct.CommonStatus().LastHandledReconcileAt != at
}
