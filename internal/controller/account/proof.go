// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package account

import (
	"context"
	"errors"
	"fmt"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/tenancy"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// proof is Twilio's answer to the question whose some credentials are.
type proof struct {
	cfg twilio.Config
	// live is the client which asked.
	live *Live
	// sid is the account which Twilio named; empty: Twilio named none.
	sid string
	err error
}

// prove asks Twilio with one cheap request whether the credentials are good, and whose they are. wrong is a message
// about the fault in the account's spec.
func (r *Reconciler) prove(ctx context.Context, acct tenancy.Account, cfg twilio.Config, version Version) (p proof, wrong string) {
	p.cfg = cfg
	if p.live, wrong = r.connect(acct, cfg, nil, unprovenBudgetName(version), version); wrong != "" {
		return p, wrong
	}
	r.workers.Away(func() { p.sid, p.err = accountSIDOf(ctx, p.live, cfg) })
	return p, ""
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
