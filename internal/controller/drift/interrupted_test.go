// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package drift

import (
	"testing"
	"time"

	"github.com/conversations-operator/conversations-operator/internal/controller/account"
	"github.com/conversations-operator/conversations-operator/internal/retry"
	"github.com/conversations-operator/conversations-operator/internal/tenancy"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

func TestAnInterruptedCheckGoesOnWhenTwilioSays(t *testing.T) {
	for status, after := range map[int]time.Duration{429: retry.Throttled.For, 503: 40 * time.Second} {
		// After a 429 it waits for a seat, which comes when Twilio says.
		err := &twilio.Error{Status: status, RetryAfter: 40 * time.Second}
		result, back := driftReconciler().interrupted(t.Context(), tenancy.Key{}, nil, err)
		if got := result.RequeueAfter; back != nil || got < after || got > 2*after {
			t.Errorf("after %d it goes on after %s and %v, want %s or a little more", status, got, back, after)
		}
	}
	result, back := driftReconciler().interrupted(t.Context(), tenancy.Key{}, nil, &twilio.Error{Status: 503})
	if back == nil || result.RequeueAfter != 0 {
		t.Errorf("without a time it goes on after %s and %v, want the queue's backoff", result.RequeueAfter, back)
	}
}

func TestARejectedCheckGoesOnEverLater(t *testing.T) {
	r := driftReconciler()
	c := &check{live: &account.Live{}}
	c.live.Suspect.Store(true)
	last := time.Duration(0)
	for range 12 {
		result, back := r.interrupted(t.Context(), tenancy.Key{}, c, &twilio.Error{Status: 401})
		if back != nil || result.RequeueAfter < last/2 {
			t.Errorf("it goes on after %s and %v, before that after %s", result.RequeueAfter, back, last)
		}
		last = result.RequeueAfter
	}
	if last < retry.Denied.Most || last > 2*retry.Denied.Most {
		t.Errorf("at last it goes on after %s, want %s or a little more", last, retry.Denied.Most)
	}
}

func TestRejectionsInARowAreAskedAboutEverLater(t *testing.T) {
	for times, want := range map[int]time.Duration{
		1: 5 * time.Second, 2: 10 * time.Second, 6: 160 * time.Second, 7: retry.Denied.Most, 1000: retry.Denied.Most,
	} {
		if got := retry.Denied.Doubled(times); got != want {
			t.Errorf("after %d it waits %s, want %s", times, got, want)
		}
	}
}
