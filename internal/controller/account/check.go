// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package account

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/condition"
	"github.com/conversations-operator/conversations-operator/internal/kube"
	"github.com/conversations-operator/conversations-operator/internal/retry"
	"github.com/conversations-operator/conversations-operator/internal/tenancy"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
	"github.com/conversations-operator/conversations-operator/internal/twilio/budget"
)

// finding is the outcome of a check; without a reason, the status stays as it is.
type finding struct {
	reason, message string
	after           time.Duration
	// budget of the account, where Twilio asks to wait.
	budget *budget.Budget
}

// check makes the account usable, or says why the account is out of use. An error is an error of Kubernetes, and
// decides nothing about the account.
func (r *Reconciler) check(ctx context.Context, key tenancy.Key, acct tenancy.Account) (finding, error) {
	secret, problem, err := r.secret(ctx, acct)
	if err != nil {
		return finding{}, err
	}
	if problem.reason != "" {
		r.Registry.drop(key)
		return problem, nil
	}
	cfg, wrong := tenancy.Credentials(acct, secret)
	if wrong != "" {
		r.Registry.drop(key)
		return finding{reason: v1alpha1.ReasonSecretInvalid, message: wrong}, nil
	}
	if r.requested(acct) {
		r.Registry.request(key, kube.RequestedAt(acct))
	}
	version := r.Registry.seen(key, versionOf(acct, secret), r.requested(acct))
	live := r.Registry.Lookup(key)
	if stands(acct, live, version) && !r.requested(acct) && (live == nil || !heldLongEnough(live.Budget)) {
		if live == nil {
			// Twilio took the credentials before this process began: no request is needed to believe the status.
			sid := acct.CommonStatus().AccountSID
			if live, wrong = r.connect(acct, cfg, budgetName(cfg, sid), version); wrong != "" {
				return finding{reason: v1alpha1.ReasonSecretInvalid, message: wrong}, nil
			}
			live.SID = sid
			r.Registry.set(key, live)
		}
		ready := condition.ReadyOf(acct.CommonStatus().Conditions)
		return finding{reason: ready.Reason, message: ready.Message}, nil
	}
	if found, ok := r.Registry.lastCheck(key, acct, version); ok && !r.requested(acct) {
		return found, nil
	}
	live, wrong = r.connect(acct, cfg, unprovenBudgetName(version), version)
	if wrong != "" {
		r.Registry.drop(key)
		return finding{reason: v1alpha1.ReasonSecretInvalid, message: wrong}, nil
	}
	times := r.Registry.rejections(key, acct, version) + 1
	found := r.ask(ctx, key, acct, cfg, live)
	switch found.reason {
	case v1alpha1.ReasonCredentialsRejected:
		found.after = retry.Denied.From(retry.Denied.Doubled(times))
		fallthrough
	case v1alpha1.ReasonAccountMismatch:
		acct.CommonStatus().LastHandledReconcileAt = acct.GetAnnotations()[v1alpha1.ReconcileRequestedAtAnnotation]
		r.Registry.rememberCheck(key, acct, version, found, times)
	default:
		if found.budget != nil {
			r.Registry.rememberCheck(key, acct, version, found, times-1)
		}
	}
	return found, nil
}

// stands tells whether the status says: Twilio took these credentials. An answer which contradicts the status ends its
// word.
func stands(acct tenancy.Account, live *Live, version Version) bool {
	status := acct.CommonStatus()
	ready := condition.ReadyOf(status.Conditions)
	told, known := remembered(status, version)
	return ready.Reason == v1alpha1.ReasonAuthenticated && ready.ObservedGeneration == acct.GetGeneration() &&
		// An earlier version of the operator believed the Secret about its account.
		known && told == status.AccountSID &&
		(live == nil || live.Version == version && !live.Suspect.Load() && live.tells() == live.SID)
}

// remembered is the account which Twilio named as the owner of these credentials at an earlier check. known: an earlier
// check of these credentials is recorded.
func remembered(status *v1alpha1.AccountStatus, version Version) (sid string, known bool) {
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

// ask checks the credentials with one cheap request and learns the account of the credentials.
func (r *Reconciler) ask(ctx context.Context, key tenancy.Key, acct tenancy.Account, cfg twilio.Config, live *Live) finding {
	status := acct.CommonStatus()
	var sid string
	var err error
	r.workers.Away(func() { sid, err = accountSIDOf(ctx, live, cfg) })
	switch kind := retry.KindOf(err); {
	case err == nil:
	case kind == retry.Throttling:
		return finding{after: retry.Throttled.From(retry.Asked(err, retry.Throttled.For)), budget: live.Budget}
	case kind == retry.NoRegion:
		r.Registry.drop(key)
		return finding{reason: v1alpha1.ReasonCredentialsRejected, after: retry.Denied.Most, message: fmt.Sprintf("%s: %s.", err, twilio.RegionAdvice)}
	case kind == retry.Denial, kind == retry.Refusal, kind == retry.Missing:
		r.Registry.drop(key)
		return finding{reason: v1alpha1.ReasonCredentialsRejected, after: retry.Denied.Most,
			message: fmt.Sprintf("%s: correct the Secret %q, its region or its permissions.", err, acct.CredentialsSecret().Name)}
	default:
		// An error proves nothing: a working client goes on working.
		return finding{reason: v1alpha1.ReasonTwilioUnavailable, after: retry.Asked(err, retry.CheckUnavailable.For),
			message: fmt.Sprintf("The credentials could not be checked: %s. It is tried again.", err)}
	}
	before := r.Registry.Lookup(key)
	if sid == "" {
		sid = told(before, status, live.Version)
	}
	status.Credentials = new(live.Version.secret)
	status.Credentials.AccountSID = sid
	if message := mismatch(acct, cfg.AccountSID, sid); message != "" {
		r.Registry.drop(key)
		return finding{reason: v1alpha1.ReasonAccountMismatch, message: message, after: retry.Mismatch.After()}
	}
	// Twilio took the credentials, so they may share the budget of their account, or of their key.
	known, wrong := r.connect(acct, cfg, budgetName(cfg, sid), live.Version)
	if wrong != "" {
		return finding{reason: v1alpha1.ReasonSecretInvalid, message: wrong}
	}
	known.SID = sid
	known.inherit(live)
	if before != nil && before.Version == known.Version {
		known.inherit(before)
	}
	r.Registry.set(key, known)
	known.Budget.EndHold()
	status.AccountSID = sid
	status.LastHandledReconcileAt = acct.GetAnnotations()[v1alpha1.ReconcileRequestedAtAnnotation]
	return finding{reason: v1alpha1.ReasonAuthenticated, message: "Twilio took the credentials."}
}

// told is the account of the credentials by an earlier answer; empty if no answer named the account.
func told(live *Live, status *v1alpha1.AccountStatus, version Version) string {
	if live != nil && live.Version == version {
		if sid := live.tells(); sid != "" {
			return sid
		}
	}
	sid, _ := remembered(status, version)
	return sid
}

// mismatch is the message for credentials of another account than the spec pins or the Secret names, and for
// credentials whose account is unproven although the spec pins an account; empty if the account may use the
// credentials. Where only the Secret names an account, the first answer that names an account decides.
func mismatch(acct tenancy.Account, named, sid string) string {
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

// accountSIDOf answers the SID of the account to which the credentials belong, by Twilio's answer; empty if Twilio does
// not say. The operator needs the permission to list anyway. Twilio is asked for the configuration only if no
// conversation names the account, and never with an auth token, which is proof of its account by itself. The Secret's
// word is no proof.
func accountSIDOf(ctx context.Context, live *Live, cfg twilio.Config) (string, error) {
	for page, err := range live.Client.Conversations("").Pages(ctx, twilio.ListOptions{PageSize: 1, Limit: 1}) {
		if err != nil {
			return "", err
		}
		live.Clock.Observe(page.ServerTime)
		if len(page.Conversations) > 0 && page.Conversations[0].AccountSID != "" {
			live.Serves(page.Conversations[0].ChatServiceSID)
			return page.Conversations[0].AccountSID, nil
		}
		break
	}
	if cfg.Username == cfg.AccountSID {
		return cfg.AccountSID, nil
	}
	found, err := live.Client.FetchConfiguration(ctx)
	switch {
	case err == nil:
		live.Serves(found.DefaultChatServiceSID)
		return found.AccountSID, nil
	case errors.Is(err, twilio.ErrDenied), errors.Is(err, twilio.ErrNotFound):
		return "", nil
	}
	return "", err
}

// budgetName names the budget of credentials which Twilio took: the budget of their account if Twilio named the
// account, else of their key. The claim of a Secret is never enough to use, or to hold, the budget of another account.
func budgetName(cfg twilio.Config, sid string) string { return "of " + cmp.Or(sid, cfg.Username) }

// unprovenBudgetName names the budget of credentials which Twilio has not taken yet.
func unprovenBudgetName(version Version) string {
	return "of Secret " + string(version.secret.SecretUID)
}

// connect makes a client which shares the named budget, or answers a message about the fault in the account's spec.
func (r *Reconciler) connect(acct tenancy.Account, cfg twilio.Config, budgetOf string, version Version) (*Live, string) {
	spec, most := acct.CommonSpec(), 0
	if n := spec.MaxConcurrentRequests; n != nil {
		most = int(*n)
	}
	next := r.Options.Transport
	if next == nil {
		next = twilio.DefaultTransport()
	}
	// Each Region is a Twilio of its own: a throttled Region does not hold requests to another Region.
	b := r.Budgets.get(budgetOf + " in " + version.Region)
	cfg.BaseURL, cfg.UserAgent, cfg.Timeout = r.Options.TwilioBaseURL, r.Options.UserAgent, r.Options.RequestTimeout
	cfg.Transport = b.Transport(counted{tenancy.KeyOf(acct), traced{next}})
	c, err := twilio.NewClient(cfg)
	if err != nil {
		return nil, fmt.Sprintf("The account cannot be used: %s.", err)
	}
	return &Live{Client: c, Budget: b, most: most, Version: version, Claimed: cfg.AccountSID}, ""
}

// requested tells whether the user asked for a check which the operator has not made yet.
func (r *Reconciler) requested(acct tenancy.Account) bool {
	at := acct.GetAnnotations()[v1alpha1.ReconcileRequestedAtAnnotation]
	return at != "" && acct.CommonStatus().LastHandledReconcileAt != at
}
