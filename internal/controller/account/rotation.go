// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package account

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/conversations-operator/conversations-operator/internal/retry"
	"github.com/conversations-operator/conversations-operator/internal/tenancy"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// rotation says which of two credentials the account uses.
type rotation struct {
	// used are the credentials for the requests. spare are other credentials which Twilio proved to be of the same
	// account; nil: there are none.
	used  proof
	spare *twilio.Config
	// message tells the user about both credentials; empty: the Secret has only the current ones.
	message string
	// again is when to ask Twilio about both credentials again.
	again recheck
}

// recheck is when to ask again about credentials which Twilio did not take, or did not prove to be of the account.
type recheck struct {
	// at is zero if no credentials wait for a check. times is how often in a row Twilio was asked.
	at    time.Time
	times int
}

// rotate chooses between the current credentials and the next ones. The next ones are used only if Twilio names the
// same account as for the current ones; the current ones go first.
func (r *Reconciler) rotate(ctx context.Context, key tenancy.Key, acct tenancy.Account, current proof, next *tenancy.Next) rotation {
	before, status, version := r.Registry.Lookup(key), acct.CommonStatus(), current.live.Version
	was := told(before, status, version)
	if current.err == nil {
		current.sid = cmp.Or(current.sid, was)
	}
	out := rotation{used: current}
	rejected := unauthorized(current.err)
	if next == nil || current.err != nil && !rejected {
		return out
	}
	secret := acct.CredentialsSecret().Name
	if next.Problem != "" {
		// An edit of the Secret wakes the account.
		out.settle(nil, proof{}, rejected, next.Problem, secret)
		return out
	}
	same := before != nil && before.Version == version
	other, wrong := r.prove(ctx, acct, next.Config, version)
	if wrong != "" {
		return out
	}
	want := current.sid
	if rejected {
		want = cmp.Or(was, status.AccountSID)
	}
	if same && before.rotates {
		other = other.remembered(want, rejected)
	}
	fault := nextFault(acct, want, rejected, other)
	out.settle(&next.Config, other, rejected, fault, secret)
	if fault != "" || rejected {
		out.again = recheck{times: 1}
		if same {
			out.again.times += before.again.times
		}
		out.again.at = time.Now().Add(retry.Denied.From(retry.Denied.Doubled(out.again.times)))
	}
	return out
}

// remembered is the proof of credentials which an earlier answer proved to be of the account. Without an answer now, the
// earlier answer stands, unless the account has no other credentials.
func (p proof) remembered(sid string, only bool) proof {
	if retry.KindOf(p.err).Passes() && !only {
		p.err = nil
	}
	if p.err == nil {
		p.sid = cmp.Or(p.sid, sid)
	}
	return p
}

// settle notes what follows for the current credentials from the answer about the next ones.
func (o *rotation) settle(next *twilio.Config, other proof, rejected bool, fault, secret string) {
	switch {
	case rejected && fault == "":
		o.message = fmt.Sprintf("Twilio took the next credentials. The current ones are rejected: %s. "+
			"Move the next ones to the keys without _NEXT in the Secret %q.", o.used.err, secret)
		o.used = other
	case rejected && retry.KindOf(other.err).Passes():
		// Twilio did not answer about the next credentials, so the next credentials may work.
		o.used.err = other.err
	case rejected:
		o.message = " The next credentials are not used: " + fault
	case fault == "":
		o.spare, o.message = next, "Twilio took the credentials, and the next ones too. The current ones may be revoked."
	default:
		o.message = "Twilio took the credentials. The next ones are not used: " + fault
	}
}

// nextFault says why the next credentials must not be used; empty: they may. want is the account of the current
// credentials. rejected: Twilio rejects the current credentials, and may never have named their account.
func nextFault(acct tenancy.Account, want string, rejected bool, other proof) string {
	secret := acct.CredentialsSecret().Name
	switch {
	case retry.KindOf(other.err).Passes():
		return fmt.Sprintf("they could not be checked: %s. It is tried again.", other.err)
	case other.err != nil:
		return fmt.Sprintf("%s: correct the keys with _NEXT in the Secret %q.", other.err, secret)
	case other.sid == "":
		return "Twilio does not tell to which account they belong: let the next API key read the configuration of Conversations."
	case want == "" && !rejected:
		return "Twilio does not tell to which account the current ones belong: let the current API key read the configuration of Conversations."
	case want != "" && want != other.sid:
		return fmt.Sprintf("they belong to account %s, not to %s: correct the keys with _NEXT in the Secret %q.", other.sid, want, secret)
	}
	return ""
}

// due tells whether Twilio has to be asked although the status stands: after a restart, the status does not prove the
// account of the next credentials; later, Twilio may answer differently.
func due(live *Live, next *tenancy.Next) bool {
	if live == nil {
		return next != nil && next.Problem == ""
	}
	return heldLongEnough(live.Budget) || live.Client.UsesSpare() || !live.again.at.IsZero() && !time.Now().Before(live.again.at)
}

// recheckIn is how long until Twilio is to be asked about the two credentials again; zero: there is no need.
func (l *Live) recheckIn() time.Duration {
	if l == nil || l.again.at.IsZero() {
		return 0
	}
	if left := time.Until(l.again.at); left > 0 {
		return left
	}
	// The check did not come to its end.
	return retry.CheckUnavailable.For
}

// unauthorized: Twilio rejects the credentials, whatever the request.
func unauthorized(err error) bool {
	e, ok := errors.AsType[*twilio.Error](err)
	return ok && e.Status == http.StatusUnauthorized && errors.Is(e, twilio.ErrDenied)
}
