// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package account

import (
	"cmp"
	"context"
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
	cfg, next, wrong := tenancy.Credentials(acct, secret)
	if wrong != "" {
		r.Registry.drop(key)
		return finding{reason: v1alpha1.ReasonSecretInvalid, message: wrong}, nil
	}
	if r.requested(acct) {
		r.Registry.request(key, kube.RequestedAt(acct))
	}
	version := r.Registry.seen(key, versionOf(acct, secret), r.requested(acct))
	live := r.Registry.Lookup(key)
	if stands(acct, live, version) && !r.requested(acct) && !due(live, next) {
		if live == nil {
			// Twilio took the credentials before this process began: no request is needed to believe the status.
			sid := acct.CommonStatus().AccountSID
			if live, wrong = r.connect(acct, cfg, nil, budgetName(cfg, sid), version); wrong != "" {
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
	asked, wrong := r.prove(ctx, acct, cfg, version)
	if wrong != "" {
		r.Registry.drop(key)
		return finding{reason: v1alpha1.ReasonSecretInvalid, message: wrong}, nil
	}
	times := r.Registry.rejections(key, acct, version) + 1
	found := r.conclude(ctx, key, acct, asked, next)
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

// conclude connects the account after Twilio was asked about the current credentials, or says what stands in the way.
func (r *Reconciler) conclude(ctx context.Context, key tenancy.Key, acct tenancy.Account, asked proof, next *tenancy.Next) finding {
	rotated := r.rotate(ctx, key, acct, asked, next)
	used := rotated.used
	switch kind := retry.KindOf(used.err); {
	case used.err == nil:
	case kind == retry.Throttling:
		return finding{after: retry.Throttled.From(retry.Asked(used.err, retry.Throttled.For)), budget: used.live.Budget}
	case kind == retry.NoRegion:
		r.Registry.drop(key)
		return finding{reason: v1alpha1.ReasonCredentialsRejected, after: retry.Denied.Most, message: fmt.Sprintf("%s: %s.", used.err, twilio.RegionAdvice)}
	case kind == retry.Denial, kind == retry.Refusal, kind == retry.Missing:
		r.Registry.drop(key)
		return finding{reason: v1alpha1.ReasonCredentialsRejected, after: retry.Denied.Most,
			message: fmt.Sprintf("%s: correct the Secret %q, its region or its permissions.%s", used.err, acct.CredentialsSecret().Name, rotated.message)}
	default:
		// An error proves nothing: a working client goes on working.
		return finding{reason: v1alpha1.ReasonTwilioUnavailable, after: retry.Asked(used.err, retry.CheckUnavailable.For),
			message: fmt.Sprintf("The credentials could not be checked: %s. It is tried again.", used.err)}
	}
	status := acct.CommonStatus()
	status.Credentials = new(used.live.Version.secret)
	status.Credentials.AccountSID = used.sid
	if message := mismatch(acct, used.cfg.AccountSID, used.sid); message != "" {
		r.Registry.drop(key)
		return finding{reason: v1alpha1.ReasonAccountMismatch, message: message, after: retry.Mismatch.After()}
	}
	if wrong := r.replace(key, acct, rotated); wrong != "" {
		return finding{reason: v1alpha1.ReasonSecretInvalid, message: wrong}
	}
	status.AccountSID = used.sid
	status.LastHandledReconcileAt = acct.GetAnnotations()[v1alpha1.ReconcileRequestedAtAnnotation]
	return finding{reason: v1alpha1.ReasonAuthenticated, message: cmp.Or(rotated.message, "Twilio took the credentials.")}
}

// replace connects the account with the credentials which Twilio took. They may share the budget of their account, or
// of their key.
func (r *Reconciler) replace(key tenancy.Key, acct tenancy.Account, rotated rotation) (wrong string) {
	used, before := rotated.used, r.Registry.Lookup(key)
	known, wrong := r.connect(acct, used.cfg, rotated.spare, budgetName(used.cfg, used.sid), used.live.Version)
	if wrong != "" {
		return wrong
	}
	known.SID, known.again = used.sid, rotated.again
	known.inherit(used.live)
	if before != nil && before.Version == known.Version {
		known.inherit(before)
	}
	r.Registry.set(key, known)
	known.Budget.EndHold()
	return ""
}

// budgetName names the budget of credentials which Twilio took: the budget of their account if Twilio named the
// account, else of their key. The claim of a Secret is never enough to use, or to hold, the budget of another account.
func budgetName(cfg twilio.Config, sid string) string { return "of " + cmp.Or(sid, cfg.Username) }

// unprovenBudgetName names the budget of credentials which Twilio has not taken yet.
func unprovenBudgetName(version Version) string {
	return "of Secret " + string(version.secret.SecretUID)
}

// connect makes a client which shares the named budget, or answers a message about the fault in the account's spec.
// spare are other credentials of the same account; nil: there are none.
func (r *Reconciler) connect(acct tenancy.Account, cfg twilio.Config, spare *twilio.Config, budgetOf string, version Version) (*Live, string) {
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
	key := tenancy.KeyOf(acct)
	cfg.Transport, cfg.Gate, cfg.Spare = counted{key, traced{next}}, b.Transport, spare
	cfg.Turned = func() { r.Registry.wakeAccount(key) }
	c, err := twilio.NewClient(cfg)
	if err != nil {
		return nil, fmt.Sprintf("The account cannot be used: %s.", err)
	}
	return &Live{Client: c, Budget: b, most: most, Version: version, Claimed: cfg.AccountSID, rotates: spare != nil}, ""
}

// requested tells whether the user asked for a check which the operator has not made yet.
func (r *Reconciler) requested(acct tenancy.Account) bool {
	at := acct.GetAnnotations()[v1alpha1.ReconcileRequestedAtAnnotation]
	return at != "" && acct.CommonStatus().LastHandledReconcileAt != at
}
