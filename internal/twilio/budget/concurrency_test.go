// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package budget_test

import (
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

func TestTheLimitFindsWhatTwilioBears(t *testing.T) {
	for _, c := range []struct {
		name        string
		most, bears int
		header      []string
		wantMost    int
	}{
		{name: "where it bears more than is allowed, all that is allowed is used", most: 20, bears: 100, wantMost: 20},
		{name: "where it bears less, few are refused", most: 100, bears: 12, wantMost: 24},
		{name: "where it bears one, few are refused", most: 100, bears: 1, wantMost: 3},
		{name: "where it says when to come back, few are refused", most: 100, bears: 12, header: []string{"Retry-After", "2"}, wantMost: 24},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fakeTwilio{latency: 50 * time.Millisecond, answer: func(underWay int) reply {
					if underWay > c.bears {
						return status(http.StatusTooManyRequests, c.header...)
					}
					return status(http.StatusOK)
				}}
				crowd := newCrowd(t, c.most, f)
				crowd.come(t, "a", 10_000)
				crowd.all(t, 20*time.Minute)
				if f.most > c.wantMost {
					t.Errorf("%d were under way at once, want at most %d", f.most, c.wantMost)
				}
				refused := f.statuses[http.StatusTooManyRequests]
				if refused > 100 {
					t.Errorf("%d of 10,000 were refused, more than one in a hundred", refused)
				}
				if got := crowd.budget.Stats().Throttled; got != int64(refused) {
					t.Errorf("%d throttled answers were counted, want %d", got, refused)
				}
			})
		})
	}
}

func TestTheLimitLeavesRoomForOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeTwilio{latency: 50 * time.Millisecond, answer: func(underWay int) reply {
			return status(http.StatusOK, "Twilio-Concurrent-Requests", strconv.Itoa(underWay+50))
		}}
		c := newCrowd(t, 20, f)
		c.come(t, "a", 500)
		c.all(t, 20*time.Minute)
		if f.most > 2 {
			t.Errorf("%d were under way beside 50 of others", f.most)
		}
	})
}

func TestTheLimitStartsSmallAgainAfterARest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeTwilio{latency: 50 * time.Millisecond, answer: fine}
		c := newCrowd(t, 20, f)
		c.come(t, "a", 200)
		c.all(t, time.Minute)
		if f.most != 20 {
			t.Fatalf("%d were under way at most, want 20", f.most)
		}
		elapse(10 * time.Second)
		f.latency, f.most = time.Hour, 0
		c.come(t, "b", 200)
		elapse(time.Minute)
		if f.most != 2 {
			t.Errorf("%d were sent before the first was answered, want 2", f.most)
		}
	})
}
