// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller

import "time"

// rejection is what a check found that Twilio answered with no, or with the wish to wait. It stands until it is time to ask again, or until
// something changes: an account is looked at whenever its conversations come and go, and need not ask each time.
type rejection struct {
	found      finding
	version    credentialsVersion
	generation int64
	until      time.Time
	// times that the same credentials were rejected in a row.
	times int
}

// reject notes a rejection, one of so many in a row.
func (a *accounts) reject(key accountKey, acct Account, version credentialsVersion, found finding, times int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.rejections[key] = rejection{found, version, acct.GetGeneration(), time.Now().Add(found.after), times}
}

// rejected is how often in a row these credentials of the account were rejected.
func (a *accounts) rejected(key accountKey, acct Account, version credentialsVersion) int {
	a.mu.RLock()
	defer a.mu.RUnlock()
	if r := a.rejections[key]; r.version == version && r.generation == acct.GetGeneration() {
		return r.times
	}
	return 0
}

// rejection answers what the last check found, if that still stands.
func (a *accounts) rejection(key accountKey, acct Account, version credentialsVersion) (finding, bool) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	r, ok := a.rejections[key]
	left := time.Until(r.until)
	if !ok || r.version != version || r.generation != acct.GetGeneration() || left <= 0 {
		return finding{}, false
	}
	r.found.after = left
	return r.found, true
}
