// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller

import (
	"testing"
	"time"

	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

func TestAnInterruptedCheckGoesOnWhenTwilioSays(t *testing.T) {
	for status, after := range map[int]time.Duration{429: retryThrottled, 503: 40 * time.Second} {
		// After a 429 it waits for a turn, which comes when Twilio says.
		err := &twilio.Error{Status: status, RetryAfter: 40 * time.Second}
		result, back := newDriftReconciler().interrupted(t.Context(), accountKey{}, nil, err)
		if got := result.RequeueAfter; back != nil || got < after || got > 2*after {
			t.Errorf("after %d it goes on after %s and %v, want %s or a little more", status, got, back, after)
		}
	}
	result, back := newDriftReconciler().interrupted(t.Context(), accountKey{}, nil, &twilio.Error{Status: 503})
	if back == nil || result.RequeueAfter != 0 {
		t.Errorf("without a time it goes on after %s and %v, want the queue's backoff", result.RequeueAfter, back)
	}
}
