// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package account

import (
	"time"

	"github.com/conversations-operator/conversations-operator/internal/tenancy"
)

// lastCheck is the finding of the last check of an account's credentials, if Twilio rejected them or asked to wait. The
// finding stands until the time to ask again, or until a change of the account or its Secret: an account is looked at
// whenever its conversations come and go, and need not ask Twilio each time.
type lastCheck struct {
	found      finding
	version    Version
	generation int64
	until      time.Time
	// times is how often in a row Twilio rejected the same credentials.
	times int
}

// stands tells whether the check was a check of these credentials, for the account as it is.
func (l *lastCheck) stands(acct tenancy.Account, version Version) bool {
	return l != nil && l.version == version && l.generation == acct.GetGeneration()
}

// rememberCheck notes the finding of a check, and how often in a row Twilio rejected the credentials.
func (a *Registry) rememberCheck(key tenancy.Key, acct tenancy.Account, version Version, found finding, times int) {
	a.note(key, func(e *entry) {
		e.lastCheck = &lastCheck{found, version, acct.GetGeneration(), time.Now().Add(found.after), times}
	})
}

// rejections is how often in a row Twilio rejected these credentials of the account.
func (a *Registry) rejections(key tenancy.Key, acct tenancy.Account, version Version) int {
	if last := a.recall(key).lastCheck; last.stands(acct, version) {
		return last.times
	}
	return 0
}

// lastCheck answers the finding of the last check, if the finding still stands.
func (a *Registry) lastCheck(key tenancy.Key, acct tenancy.Account, version Version) (finding, bool) {
	last := a.recall(key).lastCheck
	if !last.stands(acct, version) || time.Until(last.until) <= 0 {
		return finding{}, false
	}
	found := last.found
	found.after = time.Until(last.until)
	return found, true
}
