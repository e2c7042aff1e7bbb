// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package walk

import (
	"errors"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/retry"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

func TestAnErrorWaitsAsLongAsTwilioAsks(t *testing.T) {
	for _, c := range []struct {
		name   string
		err    *twilio.Error
		reason string
		least  time.Duration // 0: the queue backs off
	}{
		{"429 with a time, for which the budget waits", &twilio.Error{Status: 429, RetryAfter: 7 * time.Second}, "", retry.Throttled.For},
		{"another status with the code of too many requests", &twilio.Error{Status: 400, Code: 50063, RetryAfter: 7 * time.Second}, "", 7 * time.Second},
		{"429 without", &twilio.Error{Status: 429}, "", retry.Throttled.For},
		{"503 with a time", &twilio.Error{Status: 503, RetryAfter: 40 * time.Second},
			v1alpha1.ReasonTwilioUnavailable, 40 * time.Second},
		{"503 of a proxy with a time", &twilio.Error{Status: 503, RetryAfter: 40 * time.Second, Err: errors.New("a page")},
			v1alpha1.ReasonTwilioUnavailable, 40 * time.Second},
		{"503 without", &twilio.Error{Status: 503}, v1alpha1.ReasonTwilioUnavailable, 0},
		{"no answer", &twilio.Error{Err: errors.New("reset")}, v1alpha1.ReasonTwilioUnavailable, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := judge(&plan.Facts{Object: &v1alpha1.Conversation{}}, plan.Step{Verb: plan.Create}, c.err)
			if v.Reason != c.reason {
				t.Errorf("the reason is %q, want %q", v.Reason, c.reason)
			}
			if backs := v.Retry != nil; backs != (c.least == 0) {
				t.Errorf("the queue is told %v", v.Retry)
			}
			if got := v.After; got < c.least || got > 2*c.least {
				t.Errorf("it is looked at again after %s, want %s or a little more", got, c.least)
			}
		})
	}
}

func TestARegionWithoutConversationsIsNotForTheSpecToCorrect(t *testing.T) {
	err := &twilio.Error{Status: 400, Code: 50385, Message: "Conversations are disabled in this region"}
	v := judge(&plan.Facts{Object: &v1alpha1.Conversation{}}, plan.Step{Verb: plan.Create}, err)
	want := "Twilio answered 400: Conversations are disabled in this region (50385): " +
		"use credentials of a Region that has Conversations, us1 or (Chat only) ie1, and set region and edge of the account to it."
	if v.Reason != v1alpha1.ReasonRejected || v.Message != want {
		t.Errorf("it is told as %s: %s", v.Reason, v.Message)
	}
}

func TestAConflictThatLastsIsTriedEverMoreSeldom(t *testing.T) {
	now := time.Now()
	for waited, least := range map[time.Duration]time.Duration{
		0:                retry.Busy.For,
		10 * time.Second: 10 * time.Second,
		time.Hour:        time.Minute,
	} {
		conv := &v1alpha1.Conversation{}
		conv.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ConditionReady, Status: metav1.ConditionUnknown,
			LastTransitionTime: metav1.NewTime(now.Add(-waited))}}
		v := judge(&plan.Facts{Object: conv, Now: now}, plan.Step{Verb: plan.Create}, &twilio.Error{Status: 409, Code: 50391})
		if v.Reason != v1alpha1.ReasonProgressing || v.After < least || v.After > 2*least {
			t.Errorf("after %s: %s, tried again after %s, want %s or a little more", waited, v.Reason, v.After, least)
		}
	}
}
