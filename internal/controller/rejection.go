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
}

// reject notes a rejection.
func (a *accounts) reject(key accountKey, acct Account, version credentialsVersion, found finding) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.rejections[key] = rejection{found, version, acct.GetGeneration(), time.Now().Add(found.after)}
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
