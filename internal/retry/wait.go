// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package retry

import "time"

// edited is the event which ends most waits of an object.
const edited = "a change of the object's spec"

// The waits for Kubernetes.
var (
	// Stale is short: a cache is behind by milliseconds.
	Stale = Wait{Name: "Stale", For: 50 * time.Millisecond,
		When: "the cache does not have the operator's own last write of the object yet"}
	Conflict = Wait{Name: "Conflict", For: time.Second,
		When:   "somebody else wrote the object meanwhile, or another pass takes the conversation just now",
		Sooner: edited}
	Backoff = Wait{Name: "Backoff", For: 500 * time.Millisecond, Most: time.Minute,
		When:   "Kubernetes refused a request or did not answer, or Twilio did not answer a request about an object; doubled each time",
		Sooner: edited}
	RefusedWatch = Wait{Name: "RefusedWatch", For: 10 * time.Second,
		When: "a namespace may not be watched"}
	// Handover is longer than another manager needs to see the label and to make its first pass.
	Handover = Wait{Name: "Handover", For: 30 * time.Second,
		When: "an object left what this manager selects, and another manager is asked to take it over"}
	// Count and Release gather simultaneous changes: a folder of manifests becomes one write of the account.
	Count   = Wait{Name: "Count", For: 5 * time.Second, When: "conversations were created, before their account counts them"}
	Release = Wait{Name: "Release", For: time.Second, When: "conversations were deleted, before their account is looked at, whose deletion may wait for them"}
	Warning = Wait{Name: "Warning", For: 10 * time.Second,
		When:   "trouble that may pass by itself began, before a Warning event tells of it",
		Sooner: "the end of the trouble, without an event"}
)

// The waits for an account.
var (
	NotConnected = Wait{Name: "NotConnected", For: 250 * time.Millisecond,
		When: "this process has not connected the account yet, or its credentials are being checked"}
	Queued = Wait{Name: "Queued", For: 2 * time.Minute, Jittered: true,
		When:   "the account's budget has no seat for the request",
		Sooner: "a seat, which is the rule"}
	// Throttled is short: the budget is held for as long as Twilio asks, and the request then waits for a seat.
	Throttled = Wait{Name: "Throttled", For: time.Second, Most: 5 * time.Minute, Jittered: true,
		When: "Twilio answered 429: an object then waits for a seat; a check of credentials waits for as long as Retry-After says"}
	HoldEnds = Wait{Name: "HoldEnds", Most: 5 * time.Second,
		When:   "the hold that Twilio asked for is over, before the account looks whether Twilio still asks to wait (at random)",
		Sooner: "the annotation reconcile-requested-at"}
	Denied = Wait{Name: "Denied", For: 5 * time.Second, Most: 5 * time.Minute, Jittered: true,
		When:   "Twilio rejected the credentials; doubled each time",
		Sooner: "a change of the Secret or the account, a check that finds the account good, the annotation reconcile-requested-at"}
	Mismatch = Wait{Name: "Mismatch", For: 5 * time.Minute,
		When:   "the credentials belong to another account",
		Sooner: "a change of the Secret or the account, the annotation reconcile-requested-at"}
	CheckUnavailable = Wait{Name: "CheckUnavailable", For: 10 * time.Second, Most: 5 * time.Minute,
		When:   "Twilio did not answer a check of credentials; Retry-After may ask for more",
		Sooner: "a change of the Secret or the account, the annotation reconcile-requested-at"}
)

// The waits for Twilio.
var (
	Busy = Wait{Name: "Busy", For: 2 * time.Second, Most: time.Minute, Jittered: true,
		When:   "another change of the conversation is under way, or Twilio is still setting it up; as long as it has lasted so far",
		Sooner: edited}
	Contested = Wait{Name: "Contested", For: time.Second, Most: time.Minute, Jittered: true,
		When:   "another object adopts the same conversation; as long as it has lasted so far",
		Sooner: "the deletion of the other object"}
	Rejected = Wait{Name: "Rejected", For: 10 * time.Minute, Jittered: true,
		When:   "Twilio refused the values: what they name may come to be",
		Sooner: "a change of the object's spec, the annotation reconcile-requested-at"}
	Unavailable = Wait{Name: "Unavailable", Most: 5 * time.Minute, Jittered: true,
		When:   "Twilio did not answer a request, and says with Retry-After when it will; without Retry-After see Backoff",
		Sooner: edited}
	Settling = Wait{Name: "Settling", For: 5 * time.Second, Most: time.Minute, Jittered: true,
		When:   "Twilio is about to finish something, such as a deletion; as long as it has lasted so far",
		Sooner: edited}
	Stalled = Wait{Name: "Stalled", For: 10 * time.Minute, Jittered: true,
		When:   "the object is refused, or its account is another one, until somebody acts",
		Sooner: "a change of the object's spec or its account, the annotation reconcile-requested-at"}
	Ghost = Wait{Name: "Ghost", For: 30 * time.Second,
		When: "an object was deleted without its finalizer, and its conversation is still to be deleted"}
	DriftCheck = Wait{Name: "DriftCheck", For: 10 * time.Minute,
		When:   "the account was checked for drift; spec.driftCheckIntervalSeconds says otherwise, and a tenth of it is added at random",
		Sooner: "the annotation reconcile-requested-at"}
	DriftPaused = Wait{Name: "DriftPaused", For: time.Millisecond,
		When: "a drift check lets other accounts go first after ten requests"}
	Page = Wait{Name: "Page", For: time.Second, Most: 8 * time.Second,
		When:   "a page of an export did not come, in the plugin; doubled each time, five tries; Retry-After may ask for more",
		Sooner: "an interrupt, which saves the progress"}
)

// Waits lists every wait, in the order of the printed table.
func Waits() []*Wait {
	return []*Wait{
		&Stale, &Conflict, &Backoff, &RefusedWatch, &Handover, &Count, &Release, &Warning,
		&NotConnected, &Queued, &Throttled, &HoldEnds, &Denied, &Mismatch, &CheckUnavailable,
		&Busy, &Contested, &Rejected, &Unavailable, &Settling, &Stalled, &Ghost, &DriftCheck, &DriftPaused, &Page,
	}
}
